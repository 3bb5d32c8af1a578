#!/usr/bin/env python3
"""The encoder learns to hear in noise what it hears without: its later blocks, and the reader behind them.

    noise.py clips --out data/ear --data ../shared/data --tools ../shared/tools --clips 8000
    noise.py train --out data/ear --network www/models/speech.safetensors --minutes 60

`clips` speaks a part of the corpus (corpus.py) and keeps the sound: `noise/clips.npy`, int16, one after the other, and
`noise/index.npy` [clips, 2], start and count. `train` changes each clip anew whenever its turn comes, and draws the frames of the
changed clip to those that the shipped encoder has of the clip as it is; so, too, what the reader says at each moment and its vector. No text is
needed. Matrices learn rounded as they ship. The mean of the weights along the way is what counts. Goes on where it was stopped.
Writes `runs/noise.safetensors` for `cargo lab import speech`.
"""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

from encoder import Encoder, log_mel, weights_of
from features import RATE, Speaker, change, level, played, read, sounds, talk_of
from network import UnitReader, rounded

LEARNS = ("blocks.1.", "blocks.2.", "blocks.3.", "ln_post.")
# Matrices of these names are int4 in the shipped file, other matrices int8.
INT4 = ("expand", "contract")
RATE_OF_ENCODER, RATE_OF_READER, WARM_UP, MEAN_OF_WEIGHTS = 2e-4, 1e-4, 50, 0.995
SECONDS_A_BATCH = 40
# Shares of the loss: frames, what is said at each moment, the vector.
FRAMES, MOMENTS, VECTOR = 1.0, 1.0, 2.0
CHANGED, LONGEST = 0.85, 8
HELD_OUT = 192


class Ear(nn.Module):
    """Encoder and reader of a file of speech weights; what learns are parameters, rounded as they ship."""

    def __init__(self, network: Path) -> None:
        super().__init__()
        self.encoder = Encoder(network)
        frozen = self.encoder.w
        self.learned = nn.ParameterDict({n.replace(".", "/"): nn.Parameter(t.clone()) for n, t in frozen.items() if n.startswith(LEARNS) and not n.endswith("_scale")})
        prefix = "reader."
        tensors = {n.removeprefix(prefix): t for n, t in weights_of(network).items() if n.startswith(prefix) and not n.endswith(("_scale", "mix"))}
        self.reader = UnitReader.of({n: t.squeeze() if n.endswith("gain") else t for n, t in tensors.items()})

    def forward(self, mel: torch.Tensor, counts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Frames [batch, frames / 4, 384], unit vectors, log-probabilities and a mask of the moments that count."""
        for name, tensor in self.learned.items():
            name = name.replace("/", ".")
            matrix = tensor.dim() == 2
            self.encoder.w[name] = rounded(tensor, name.split(".")[-2] in INT4) if matrix else tensor
        mask = torch.arange(mel.shape[2] // 2)[None] < counts[:, None]
        x = self.encoder.norm("ln_post", self.encoder.layers(mel, mask)[-1])
        frames = (x[:, 0::2] + x[:, 1::2]) / 2
        vectors, said, moments = self.reader(frames, counts // 2)
        return frames, vectors, said, torch.arange(said.shape[1])[None] < moments[:, None]


class Sounds:
    """Clips on the disk, and what changes them."""

    def __init__(self, folder: Path) -> None:
        self.samples, self.index = np.load(folder / "clips.npy", mmap_mode="r"), np.load(folder / "index.npy")
        self.index = self.index[(self.index[:, 1] > RATE * 0.4) & (self.index[:, 1] < RATE * LONGEST)]

    def clip(self, number: int) -> np.ndarray:
        start, count = self.index[number]
        return self.samples[start : start + count].astype(np.float32) / 32768

    def pair(self, number: int, talk: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """A clip as it is, and the same changed: as long, and nothing of it earlier or later."""
        clip = self.clip(number)
        if rng.random() < 0.5:
            clip = played(clip, rng.uniform(0.76, 1.2))
        changed = change(clip, talk, rng, speed=0)[: len(clip)] if rng.random() < CHANGED else clip
        return level(clip, rng), level(changed, rng)

    def talk(self, rng: np.random.Generator) -> np.ndarray:
        return talk_of([self.clip(n) for n in rng.integers(HELD_OUT, len(self.index), 64)], rng)


def mels(clips: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    """[batch, 80, frames], 100 a second, and how many of the encoder's 50 a second count."""
    length = (max(map(len, clips)) + 639) // 640 * 640
    batch = torch.zeros(len(clips), length)
    for row, clip in enumerate(clips):
        batch[row, : len(clip)] = torch.from_numpy(clip)
    return log_mel(batch), torch.tensor([len(clip) // 640 * 2 for clip in clips])


def loss_of(ear: Ear, teacher: Ear, pairs: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, torch.Tensor]:
    with torch.no_grad():
        frames, vectors, said, _ = teacher(*mels([clip for clip, _ in pairs]))
    heard, found, reads, mask = ear(*mels([changed for _, changed in pairs]))
    wide = mask.repeat_interleave(2, 1)
    wide = F.pad(wide, (0, heard.shape[1] - wide.shape[1]))
    place = ((heard - frames) ** 2).mean(-1)[wide].mean() / frames[wide].var()
    moments = F.kl_div(reads[mask], said[mask], log_target=True, reduction="batchmean")
    return {"frames": FRAMES * place, "moments": MOMENTS * moments, "vector": VECTOR * (1 - (found * vectors).sum(1)).mean()}


def batches(clips: Sounds, rng: np.random.Generator) -> list[np.ndarray]:
    """All but the held-out ones, about as long ones together."""
    numbers = rng.permutation(np.arange(HELD_OUT, len(clips.index)))
    made = []
    for part in np.array_split(numbers, max(1, len(numbers) // 512)):
        part = part[np.argsort(clips.index[part, 1])]
        batch: list[int] = []
        for number in part:
            if batch and (len(batch) + 1) * clips.index[number, 1] > SECONDS_A_BATCH * RATE:
                made.append(np.array(batch))
                batch = []
            batch.append(number)
        made.append(np.array(batch))
    return [made[n] for n in rng.permutation(len(made))]


@torch.no_grad()
def measured(ear: Ear, teacher: Ear, held: list[tuple[np.ndarray, np.ndarray]]) -> str:
    ear.eval()
    order = sorted(held, key=lambda pair: len(pair[0]))
    parts = [loss_of(ear, teacher, order[start : start + 16]) for start in range(0, len(order), 16)]
    ear.train()
    return ", ".join(f"{name} {np.mean([float(part[name]) for part in parts]):.3f}" for name in parts[0])


def train(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    rng = np.random.default_rng(options.seed)
    clips = Sounds(options.out / "noise")
    teacher, ear = Ear(options.network).eval(), Ear(options.network).train()
    parameters = [*ear.learned.values(), *ear.reader.parameters()]
    groups = [{"params": list(ear.learned.values()), "rate": RATE_OF_ENCODER}, {"params": list(ear.reader.parameters()), "rate": RATE_OF_READER}]
    optimizer = torch.optim.AdamW(groups, lr=0.0, weight_decay=0.0, foreach=True)
    means = [parameter.detach().clone() for parameter in parameters]
    path, steps, passes, spent = options.out / "runs" / "noise.pt", 0, 0, 0.0
    path.parent.mkdir(exist_ok=True)
    if path.exists():
        saved = torch.load(path)
        ear.load_state_dict(saved["ear"])
        optimizer.load_state_dict(saved["optimizer"])
        means, steps, passes, spent = saved["means"], saved["steps"], saved["passes"], saved["spent"]
        rng = np.random.default_rng([options.seed, steps])
    held_rng = np.random.default_rng(1)
    held_talk = clips.talk(held_rng)
    held = [clips.pair(n, held_talk, held_rng) for n in range(HELD_OUT)]
    if not steps:
        print("before:", measured(ear, teacher, held), flush=True)
    queue: list[np.ndarray] = []
    talk, sums, began = clips.talk(rng), {}, time.process_time()
    while spent < options.minutes * 60:
        queue = queue or batches(clips, rng)
        batch = queue.pop()
        if steps % 50 == 0:
            talk = clips.talk(rng)
        parts = loss_of(ear, teacher, [clips.pair(n, talk, rng) for n in batch])
        share = min(1, (steps + 1) / WARM_UP) * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * min(1, spent / (options.minutes * 60)))))
        for group in optimizer.param_groups:
            group["lr"] = group["rate"] * share
        optimizer.zero_grad()
        sum(parts.values()).backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        steps, passes = steps + 1, passes + len(batch)
        with torch.no_grad():
            torch._foreach_lerp_(means, parameters, 1 - min(MEAN_OF_WEIGHTS, steps / (steps + 20)))
        for name, value in parts.items():
            sums[name] = sums.get(name, 0) + float(value) / 50
        spent, began = spent + time.process_time() - began, time.process_time()
        if steps % 50 == 0:
            print(f"{steps} steps, {passes} passes, {spent / 60:.1f} min:", ", ".join(f"{n} {v:.3f}" for n, v in sums.items()), flush=True)
            sums = {}
        if steps % 200 == 0 or spent >= options.minutes * 60:
            torch.save({"ear": ear.state_dict(), "optimizer": optimizer.state_dict(), "means": means, "steps": steps, "passes": passes, "spent": spent}, path.with_suffix(".part"))
            path.with_suffix(".part").rename(path)
            kept = [parameter.detach().clone() for parameter in parameters]
            with torch.no_grad():
                torch._foreach_copy_(parameters, means)
            print("   held out:", measured(ear, teacher, held), flush=True)
            write(ear, path.with_suffix(".safetensors"))
            with torch.no_grad():
                torch._foreach_copy_(parameters, kept)
            began = time.process_time()


def write(ear: Ear, path: Path) -> None:
    """What has learned, named and shaped as in the shipped file."""
    tensors = {f"encoder.{name.replace('/', '.')}": tensor for name, tensor in ear.learned.items()}
    tensors |= {f"reader.{name}": tensor.view(-1) if tensor.dim() == 0 else tensor for name, tensor in ear.reader.state_dict().items()}
    save_file({name: tensor.detach().contiguous() for name, tensor in tensors.items()}, path)


def speak(options: argparse.Namespace) -> None:
    """Keeps what it has said after each thousand."""
    folder = options.out / "noise"
    (folder / "parts").mkdir(parents=True, exist_ok=True)
    speaker = Speaker(options.tools)
    shards = sorted((options.out / "shards").glob("*.tsv"))
    rows = [row for shard in shards[-(-options.clips // 2000) :] for row in read(shard)][: options.clips]
    parts = []
    for number, start in enumerate(range(0, len(rows), 1000)):
        parts.append(folder / "parts" / f"{number:03d}.npz")
        if parts[-1].exists():
            continue
        began, rng = time.time(), np.random.default_rng([3, number])
        said = sounds(rows[start : start + 1000], options.data, speaker, rng, 0.0)
        said = [clip for clip in said if len(clip)]
        with parts[-1].open("wb") as file:
            np.savez(file, samples=(np.concatenate(said) * 32767).astype(np.int16), counts=np.array([len(clip) for clip in said]))
        print(f"{start + len(said)} clips, {time.time() - began:.0f} s", flush=True)
    files = [np.load(part) for part in parts]
    counts = np.concatenate([file["counts"] for file in files])
    np.save(folder / "clips.npy", np.concatenate([file["samples"] for file in files]))
    np.save(folder / "index.npy", np.stack([np.cumsum(counts) - counts, counts], 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    clips = commands.add_parser("clips")
    clips.add_argument("--data", type=Path, required=True)
    clips.add_argument("--tools", type=Path, required=True)
    clips.add_argument("--clips", type=int, default=8000)
    clips.set_defaults(run=speak)
    learn = commands.add_parser("train")
    learn.add_argument("--network", type=Path, required=True)
    learn.add_argument("--minutes", type=float, default=60, help="of a processor: it may be stopped and go on")
    learn.add_argument("--seed", type=int, default=8)
    learn.set_defaults(run=train)
    for command in (clips, learn):
        command.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.run(options)


if __name__ == "__main__":
    main()
