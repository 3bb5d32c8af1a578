#!/usr/bin/env python3
"""Heads on both networks at once, EfficientNet-Lite0 and -Lite2, that together teach the one that ships.

    teacher.py --data ../shared/data --drawings data/drawings --features data/eye

Each looks at the 512 directions in which each network's standardised features differ most, through noise as large as the
features, and draws a picture to one of its captions against those of the batch, both ways, and to the mean of them all. One head
learns its pictures by heart, and its errors are its own: their mean is better than each. Writes `teacher.npy`, the mean of their
vectors over all views of each picture that trains. With --hold-out a part is left out, to choose knobs by: 515 of Flickr8k's train
pictures, and the drawings of one name in twelve.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn.functional import dropout, gelu, normalize

from captioned import Captioned, contrast, found
from network import standardise

DIRECTIONS, OF_EACH, WIDTH, SPACE = 768, 512, 1024, 384
NOISE, DROPOUT, SHARPNESS = 1.0, 0.3, 30.0
BATCH, RATE, DECAY, WARM_UP = 256, 1.5e-3, 0.05, 50


class Basis:
    """The directions in which standardised features differ most."""

    def __init__(self, features: torch.Tensor) -> None:
        standard = torch.cat([standardise(part.float()) for part in features.flatten(0, 1).split(4096)])
        self.middle = standard.mean(0)
        standard -= self.middle
        self.directions = torch.linalg.eigh(standard.T @ standard).eigenvectors[:, -DIRECTIONS:].contiguous()

    def __call__(self, features: torch.Tensor) -> torch.Tensor:
        return (standardise(features.float()) - self.middle) @ self.directions


class Head(nn.Module):
    """A linear layer beside one with a hidden layer."""

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        self.direct, self.hidden, self.project = nn.Linear(inputs, SPACE), nn.Linear(inputs, width), nn.Linear(width, SPACE)

    def forward(self, x: torch.Tensor, drop: float = 0.0) -> torch.Tensor:
        return normalize(self.direct(x) + self.project(dropout(gelu(self.hidden(x)), drop, self.training)), dim=-1)


def joined(pictures: Captioned, bases: tuple[Basis, Basis]) -> torch.Tensor:
    """What both networks see, `[pictures, views, 1024]`; Lite2 sees plain pictures only."""
    lite0 = pictures.pooled()
    lite2 = pictures.pooled("lite2").expand(-1, lite0.shape[1], -1)
    return torch.cat([torch.cat([bases[0](a)[..., -OF_EACH:], bases[1](b)[..., -OF_EACH:]], -1).half() for a, b in zip(lite0.split(1024), lite2.split(1024))])


def train(pictures: Captioned, seen: torch.Tensor, epochs: int, seed: int) -> Head:
    torch.manual_seed(seed)
    head = Head(seen.shape[-1], WIDTH)
    optimizer = torch.optim.AdamW(head.parameters(), RATE, weight_decay=DECAY, foreach=True)
    steps, step = epochs * len(pictures.batches(BATCH)), 0
    for _ in range(epochs):
        for batch in pictures.batches(BATCH):
            x = seen[batch, torch.randint(seen.shape[1], (BATCH,))].float()
            vectors = head(x + NOISE * torch.randn_like(x), DROPOUT)
            loss = contrast(vectors, pictures.say(batch), SHARPNESS) + 2 * (1 - (vectors * pictures.means[batch]).sum(1)).mean()
            for group in optimizer.param_groups:
                group["lr"] = RATE * min(1, (step + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
    return head.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--drawings", type=Path, required=True, help="folder that make_drawings.py made")
    parser.add_argument("--features", type=Path, required=True, help="folder that features.py made")
    parser.add_argument("--heads", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--hold-out", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    mark = "-held-out" if options.hold_out else ""
    pictures = Captioned(options.data, options.drawings, options.features, False if options.hold_out else None)
    path = options.features / f"bases{mark}.pt"
    if not path.exists():
        torch.save((Basis(pictures.pooled()[:, :1]), Basis(pictures.pooled("lite2"))), path)
    bases = torch.load(path, weights_only=False)
    seen = joined(pictures, bases)
    held = Captioned(options.data, options.drawings, options.features, True) if options.hold_out else None
    views = joined(held, bases)[:, 0].float() if held else None
    heads = []
    for seed in range(options.heads):
        path = options.features / f"teacher-{seed}{mark}.pt"
        if path.exists():
            head = Head(seen.shape[-1], WIDTH)
            head.load_state_dict(torch.load(path))
            head.eval()
        else:
            head = train(pictures, seen, options.epochs, seed)
            torch.save(head.state_dict(), path)
        heads.append(head)
        if held:
            print(f"head {seed}: {found(lambda pool: head(views[pool]), held)}; mean: "
                  f"{found(lambda pool: normalize(sum(head(views[pool]) for head in heads), dim=-1), held)}", flush=True)  # fmt: skip
    with torch.no_grad():
        vectors = torch.cat([normalize(sum(head(part.float()) for head in heads).sum(1), dim=-1) for part in seen.split(1024)])
    np.save(options.features / f"teacher{mark}.npy", vectors.numpy())


if __name__ == "__main__":
    main()
