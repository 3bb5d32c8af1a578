#!/usr/bin/env python3
"""Train the picture head on features of the frozen picture network and the sentence embeddings of captions.

    train.py --data ../shared/data --drawings data/drawings --features data/eye --out data/eye/head.safetensors

Several narrow heads learn alone, from different beginnings, and are joined into one that says their mean: one head learns its
pictures by heart, and its errors are its own. Each looks at the 768 directions in which the standardised features differ most;
noise of the size that dropout would make keeps it from the others. A picture is drawn to one of its captions against those of
the batch, both ways, and to the mean of them all. What is done is kept beside the features, so that an interrupted training
goes on; `--hold-out` leaves 515 of Flickr8k's train pictures out and says how well they are found: choose knobs by that.
"""

from __future__ import annotations

import argparse
import hashlib
import math
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.functional import cross_entropy, dropout, gelu, layer_norm, normalize

from pairs import SETS, caption_rows, drawing_rows

FEATURES, DIRECTIONS, WIDTH, SPACE = 2560, 768, 272, 384
NOISE, DROPOUT = 0.65, 0.3
BATCH, RATE, DECAY, WARM_UP, MEAN_OF_WEIGHTS, SHARPNESS = 256, 1.5e-3, 0.05, 50, 0.995, 20.0


class Pictures:
    """Standardised features with mirror images, and the captions' embeddings of each picture."""

    def __init__(self, data: Path, drawings: Path, features: Path, held_out: bool | None = None) -> None:
        """All pictures, or only those that are (or are not) held out."""
        texts = np.load(features / "texts.npz")
        self.embeddings = torch.from_numpy(texts["embeddings"].astype(np.float32))
        number = {text: i for i, text in enumerate(texts["texts"])}
        rows, self.captions = [], []
        for name in [*SETS, "drawings"]:
            file = np.load(features / f"{name}.npz")
            place, said = {stem: i for i, stem in enumerate(file["names"])}, {}
            for row in drawing_rows(drawings) if name == "drawings" else caption_rows(data, name):
                if row.trains and row.picture in place:
                    said.setdefault(row.picture, []).append(number[row.text])
            kept = [stem for stem in said if held_out is None or held_out == (name == "flickr8k" and is_held_out(stem))]
            rows.append(file["features"][[place[stem] for stem in kept]])
            self.captions += [said[stem] for stem in kept]
        self.features = standardise(np.concatenate(rows))
        self.means = normalize(torch.stack([self.embeddings[said].mean(0) for said in self.captions]), dim=-1)

    def draw(self, pictures: torch.Tensor) -> torch.Tensor:
        """The embedding of one caption of each picture."""
        said = [self.captions[picture] for picture in pictures.tolist()]
        return self.embeddings[[captions[int(torch.randint(len(captions), ()))] for captions in said]]


def is_held_out(stem: str) -> bool:
    return hashlib.sha256(stem.encode()).digest()[0] < 22


def standardise(features: np.ndarray) -> torch.Tensor:
    return layer_norm(torch.from_numpy(features.astype(np.float32)).clamp(min=0).sqrt(), (FEATURES,))


class Head(nn.Module):
    """A linear layer beside one with a hidden layer."""

    def __init__(self) -> None:
        super().__init__()
        self.direct, self.hidden, self.project = nn.Linear(DIRECTIONS, SPACE), nn.Linear(DIRECTIONS, WIDTH), nn.Linear(WIDTH, SPACE)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.direct(x) + self.project(dropout(gelu(self.hidden(x)), DROPOUT, self.training))


def train(pictures: Pictures, seen: torch.Tensor, epochs: int, seed: int) -> Head:
    """One head; `seen` [pictures, 2, directions]."""
    torch.manual_seed(seed)
    head = Head()
    optimizer = torch.optim.AdamW(head.parameters(), RATE, weight_decay=DECAY)
    means = [parameter.detach().clone() for parameter in head.parameters()]
    steps, step = epochs * (len(seen) // BATCH), 0
    for _ in range(epochs):
        order = torch.randperm(len(seen))
        for batch in order[: len(seen) // BATCH * BATCH].split(BATCH):
            x = seen[batch, (torch.rand(BATCH) < 0.5).long()]
            vectors = normalize(head(x + NOISE * torch.randn_like(x)), dim=-1)
            scores, own = SHARPNESS * vectors @ pictures.draw(batch).T, torch.arange(BATCH)
            loss = cross_entropy(scores, own) + cross_entropy(scores.T, own) + 2 * (1 - (vectors * pictures.means[batch]).sum(1)).mean()
            for group in optimizer.param_groups:
                group["lr"] = RATE * min(1, (step + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            with torch.no_grad():
                torch._foreach_lerp_(means, list(head.parameters()), 1 - min(MEAN_OF_WEIGHTS, step / (step + 20)))
    with torch.no_grad():
        for parameter, mean in zip(head.parameters(), means):
            parameter.copy_(mean)
    return head.eval()


@torch.no_grad()
def join(heads: list[Head], seen: torch.Tensor, basis: torch.Tensor, middle: torch.Tensor) -> dict[str, torch.Tensor]:
    """One head on the standardised features that says the mean of these: tensors as src/network/picture_head.rs reads them."""
    shares = [1 / len(heads) / head(seen).norm(dim=-1).mean() for head in heads]

    def on_features(weight: torch.Tensor, bias: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return (weight @ basis.T).contiguous(), bias - weight @ (basis.T @ middle)

    direct = sum(share * head.direct.weight for share, head in zip(shares, heads))
    bias = sum(share * (head.direct.bias + head.project.bias) for share, head in zip(shares, heads))
    direct, bias = on_features(direct, bias)
    hidden, hidden_bias = on_features(torch.cat([h.hidden.weight for h in heads]), torch.cat([h.hidden.bias for h in heads]))
    return {
        "norm.weight": torch.ones(FEATURES), "norm.bias": torch.zeros(FEATURES),
        "direct.weight": direct, "direct.bias": bias, "hidden.weight": hidden, "hidden.bias": hidden_bias,
        "project.weight": torch.cat([share * head.project.weight for share, head in zip(shares, heads)], 1).contiguous(),
        "project.bias": torch.zeros(SPACE),
    }  # fmt: skip


@torch.no_grad()
def found(heads: list[Head], pictures: Pictures, seen: torch.Tensor) -> float:
    """Share of captions whose picture is among the first ten, in %."""
    vectors = normalize(sum(normalize(head(seen), dim=-1) for head in heads), dim=-1)
    own = torch.tensor([picture for picture, said in enumerate(pictures.captions) for _ in said])
    scores = pictures.embeddings[[text for said in pictures.captions for text in said]] @ vectors.T
    return 100 * ((scores >= scores.gather(1, own[:, None])).sum(1) <= 10).float().mean().item()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--drawings", type=Path, required=True, help="folder that make_drawings.py made")
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--hold-out", action="store_true")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    pictures = Pictures(options.data, options.drawings, options.features, False if options.hold_out else None)
    features = pictures.features.view(-1, FEATURES)
    middle = features.mean(0)
    features = features - middle
    basis = torch.linalg.eigh(features.T @ features).eigenvectors[:, -DIRECTIONS:]
    seen = (features @ basis).view(-1, 2, DIRECTIONS)
    held_out = Pictures(options.data, options.drawings, options.features, True) if options.hold_out else None
    heads = []
    for seed in range(options.heads):
        path = options.features / f"head-{seed}{'-held-out' if options.hold_out else ''}.pt"
        if path.exists():
            head = Head()
            head.load_state_dict(torch.load(path))
        else:
            head = train(pictures, seen, options.epochs, seed)
            torch.save(head.state_dict(), path)
        heads.append(head.eval())
        if held_out:
            views = (held_out.features[:, 0] - middle) @ basis
            print(f"{found([head], held_out, views):.1f} % held out within ten, the mean of {len(heads)} {found(heads, held_out, views):.1f} %", flush=True)
    save_file(join(heads, seen[:, 0], basis, middle), options.out)


if __name__ == "__main__":
    main()
