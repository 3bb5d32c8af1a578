#!/usr/bin/env python3
"""How well typed captions find pictures that the head never saw, and the gallery's: the ceiling for any speech.

    measure.py --data ../shared/data --features data/eye --head data/eye/head.safetensors --vectors data/eye/gallery.npz

Prints R@1, R@5 and R@10 in % with 95 % bootstrap intervals over pictures, with matrices in int8 as they ship; ties count against
us. Writes the gallery's vectors (`ids`, `alone`, and `lean`, half on the train captions). Run it when the knobs are chosen.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from torch.nn.functional import gelu, linear, normalize

from pairs import Row, caption_rows, human_rows
from train import standardise

LEAN, RESAMPLES = 0.5, 2000


class Eye:
    """The head as it ships, on the features of files."""

    def __init__(self, features: Path, head: Path) -> None:
        self.folder = features
        self.tensors = {name: rounded(tensor) for name, tensor in load_file(head).items()}
        texts = np.load(features / "texts.npz")
        self.embeddings, self.number = torch.from_numpy(texts["embeddings"].astype(np.float32)), {t: i for i, t in enumerate(texts["texts"])}

    def see(self, name: str) -> dict[str, torch.Tensor]:
        """Vectors of a set's pictures by their names."""
        file, t = np.load(self.folder / f"{name}.npz"), self.tensors
        x = standardise(file["features"][:, 0]) * t["norm.weight"] + t["norm.bias"]
        hidden = gelu(linear(x, t["hidden.weight"], t["hidden.bias"]))
        vectors = normalize(linear(x, t["direct.weight"], t["direct.bias"]) + linear(hidden, t["project.weight"], t["project.bias"]), dim=-1)
        return dict(zip(map(str, file["names"]), vectors))

    def read(self, rows: list[Row]) -> torch.Tensor:
        return self.embeddings[[self.number[row.text] for row in rows]]


def rounded(tensor: torch.Tensor) -> torch.Tensor:
    """As src/network/weights stores it."""
    if tensor.dim() < 2:
        return tensor.half().float()
    scale = tensor.abs().amax(1, keepdim=True) / 127
    return (tensor / scale).round() * scale


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
    print(f"| {name} | {len(pool)}, {len(rows)} | {' | '.join(cells)} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--head", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True)
    options = parser.parse_args()
    eye = Eye(options.features, options.head)
    print("| captions | pictures, captions | R@1 | R@5 | R@10 |\n|---|---|---|---|---|")
    rows = [row for row in caption_rows(options.data, "flickr8k") if row.measures]
    report("Flickr8k test", eye.see("flickr8k"), rows, eye.read(rows))

    alone, rows = eye.see("gallery"), caption_rows(options.data, "gallery")
    train = [row for row in rows if row.trains]
    said = {picture: normalize(eye.read([row for row in train if row.picture == picture]).mean(0), dim=-1) for picture in alone}
    lean = {picture: normalize((1 - LEAN) * vector + LEAN * said[picture], dim=-1) for picture, vector in alone.items()}
    for name in ("gallery, long", "gallery, short"):
        asked = [row for row in rows if row.measures == name]
        report(f"{name}, pictures alone", alone, asked, eye.read(asked))
        report(f"{name}, leaning on train captions", lean, asked, eye.read(asked))
    np.savez(options.vectors, ids=np.array(list(alone)), alone=torch.stack(list(alone.values())).numpy(), lean=torch.stack(list(lean.values())).numpy())

    drawings = {f"{name}/{stem}": vector for name in ("gcompris", "tuxpaint") for stem, vector in eye.see(name).items()}
    rows = human_rows(options.data)
    report("words over drawings", drawings, rows, eye.read(rows))


if __name__ == "__main__":
    main()
