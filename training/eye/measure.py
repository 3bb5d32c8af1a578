#!/usr/bin/env python3
"""How well typed captions find pictures that the network never saw, and the gallery's: the ceiling for any speech.

    measure.py --data ../shared/data --texts data/eye/texts.npz --backbone data/eye/backbone.safetensors --head data/eye/head.safetensors

Prints R@1, R@5 and R@10 in % with 95 % bootstrap intervals over pictures, with all filters and matrices in int8 as they ship; ties
count against us. Run it when the knobs are chosen: two minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn.functional import normalize

from network import answer, rounded
from pairs import SETS, Row, caption_rows, human_rows, known_texts
from views import on_white, pixels

LEAN, RESAMPLES = 0.5, 2000


class Eye:
    """The network as it ships, and what captions mean."""

    def __init__(self, backbone: Path, head: Path, texts: Path) -> None:
        self.backbone = {name: rounded(tensor.float()) for name, tensor in load_file(backbone).items()}
        self.head = {name: rounded(tensor) for name, tensor in load_file(head).items()}
        said, embeddings = known_texts(texts)
        self.embeddings, self.number = torch.from_numpy(embeddings.astype(np.float32)), {text: i for i, text in enumerate(said)}

    def see(self, file: Path) -> torch.Tensor:
        return answer(self.backbone, self.head, torch.from_numpy(pixels(on_white(file))))[0]

    def see_all(self, folder: Path, wanted: Iterable[str]) -> dict[str, torch.Tensor]:
        """Vectors by the pictures' names."""
        files = {file.stem: file for file in sorted(folder.iterdir())}
        return {stem: self.see(files[stem]) for stem in dict.fromkeys(wanted)}

    def read(self, rows: list[Row]) -> torch.Tensor:
        return self.embeddings[[self.number[row.text] for row in rows]]


def report(name: str, vectors: dict[str, torch.Tensor], rows: list[Row], queries: torch.Tensor) -> None:
    """One row of the table; the pool is the pictures that the rows are about."""
    pool = list(dict.fromkeys(row.picture for row in rows))
    own = np.array([pool.index(row.picture) for row in rows])
    scores = queries @ torch.stack([vectors[picture] for picture in pool]).T
    ranks = (scores >= scores.gather(1, torch.from_numpy(own)[:, None])).sum(1).numpy()
    asked, rng, cells = np.bincount(own), np.random.default_rng(2016), []
    for k in (1, 5, 10):
        answered = np.bincount(own, ranks <= k)
        draws = rng.integers(len(pool), size=(RESAMPLES, len(pool)))
        low, high = 100 * np.quantile(answered[draws].sum(1) / asked[draws].sum(1), [0.025, 0.975])
        cells.append(f"{100 * answered.sum() / asked.sum():.1f} [{low:.1f}, {high:.1f}]")
    print(f"| {name} | {len(pool)}, {len(rows)} | {' | '.join(cells)} |", flush=True)


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--texts", type=Path, required=True, help="that features.py made")
    parser.add_argument("--backbone", type=Path, required=True)
    parser.add_argument("--head", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, help="file for the gallery's vectors: ids, alone, and lean, half on the train captions")
    options = parser.parse_args()
    torch.set_num_threads(1)
    eye = Eye(options.backbone, options.head, options.texts)
    print("| captions | pictures, captions | R@1 | R@5 | R@10 |\n|---|---|---|---|---|")
    rows = [row for row in caption_rows(options.data, "flickr8k") if row.measures]
    report("Flickr8k test", eye.see_all(SETS["flickr8k"].images(options.data), (row.picture for row in rows)), rows, eye.read(rows))

    rows = caption_rows(options.data, "gallery")
    train = [row for row in rows if row.trains]
    alone = eye.see_all(SETS["gallery"].images(options.data), (row.picture for row in rows))
    said = {picture: normalize(eye.read([row for row in train if row.picture == picture]).mean(0), dim=-1) for picture in alone}
    lean = {picture: normalize((1 - LEAN) * vector + LEAN * said[picture], dim=-1) for picture, vector in alone.items()}
    for name in ("gallery, long", "gallery, short"):
        asked = [row for row in rows if row.measures == name]
        report(f"{name}, pictures alone", alone, asked, eye.read(asked))
        report(f"{name}, leaning on train captions", lean, asked, eye.read(asked))
    if options.vectors:
        np.savez(options.vectors, ids=np.array(list(alone)), alone=torch.stack(list(alone.values())).numpy(), lean=torch.stack(list(lean.values())).numpy())

    rows, drawings = human_rows(options.data), {}
    for name in ("gcompris", "tuxpaint"):
        wanted = (row.picture.removeprefix(f"{name}/") for row in rows if row.picture.startswith(f"{name}/"))
        drawings.update({f"{name}/{stem}": vector for stem, vector in eye.see_all(options.data / "human" / name / "images", wanted).items()})
    report("words over drawings", drawings, rows, eye.read(rows))


if __name__ == "__main__":
    main()
