#!/usr/bin/env python3
"""Trains the unit reader on cached frames. Resumes from its own checkpoint; takes in shards that appear while it runs.

    train.py --out data/ear --run reader --minutes 120 [--from ear-trial.safetensors] [--threads 2]

Reads shards/, frames/, texts.safetensors and the pieces below --out; writes runs/NAME.pt (the checkpoint), NAME.jsonl (the curve:
loss, unit errors, R@10 of the dev sets, which choose nothing) and NAME.safetensors (the averaged weights, f16).
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
import re
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from network import UnitReader, loss

# Clips of three seconds in a batch; of shorter ones there are more.
BATCH, MOST = 32, 96
FRAMES = BATCH * 75
OTHERS = 2048
COMMON = 400  # clips with a unit that is not rare
AGAIN = 2  # a clip of the shards that corpus.py made anew, in harder rooms, counts so often
HELD_OUT = 20  # one text in so many is never learned, and chooses the knobs


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def clean(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[^a-z0-9' -]", " ", text.lower())).strip(" '-")


def held_out(text: str) -> bool:
    return int.from_bytes(text.encode()[-7:], "little") * 2654435761 % (1 << 32) % HELD_OUT == 0


class Clips:
    """All shards that are there, read as they come."""

    def __init__(self, out: Path, layer: str, texts: dict[str, int], pieces: Tokenizer) -> None:
        self.out, self.layer, self.texts, self.pieces = out, layer, texts, pieces
        self.frames, self.items, self.held = {}, [], []

    def look(self) -> None:
        for index in sorted((self.out / "frames").glob("[0-9]*.index.npy")):
            name = index.name.split(".")[0]
            if name in self.frames:
                continue
            self.frames[name] = np.load(self.out / f"frames/{name}.{self.layer}.npy", mmap_mode="r")
            for (start, count), row in zip(np.load(index), rows_of(self.out / f"shards/{name}.tsv")):
                text = row["text"]
                if count >= 4 and text in self.texts:
                    item = (name, int(start), int(count), text, self.pieces.encode(text).ids)
                    (self.held if held_out(text) else self.items).append(item)

    def batch(self, items: list[tuple]) -> tuple[torch.Tensor, torch.Tensor]:
        longest = max(item[2] for item in items)
        frames = np.zeros((len(items), longest + longest % 2, 384), np.float32)
        for row, (name, start, count, *_) in enumerate(items):
            frames[row, :count] = self.frames[name][start : start + count]
        return torch.from_numpy(frames), torch.tensor([item[2] for item in items])

    def epoch(self, size: int) -> list[list[tuple]]:
        """Batches of clips of one length out of a sample, in which those with a rare unit are up to three times as many."""
        use = np.bincount([unit for item in self.items for unit in item[4]])
        weights = np.array([np.sqrt(COMMON / min((use[unit] for unit in item[4]), default=COMMON)) for item in self.items]).clip(1, 3)
        weights[[item[0] >= "100" for item in self.items]] *= AGAIN
        chosen = np.random.choice(len(self.items), min(size, len(self.items)), replace=False, p=weights / weights.sum())
        sample = sorted((self.items[n] for n in chosen), key=lambda item: item[2] + random.random() * 8)
        batches, at = [], 0
        while at < len(sample):
            most = min(MOST, max(8, FRAMES // sample[min(at + BATCH, len(sample) - 1)][2]))
            batches.append(sample[at : at + most])
            at += most
        random.shuffle(batches)
        return batches


def masked(frames: torch.Tensor) -> torch.Tensor:
    """Two spans of up to an eighth of the time are silent (Park et al. 2019, time masks)."""
    batch, count, _ = frames.shape
    for _ in range(2):
        length = torch.randint(0, max(2, count // 8), (batch,))
        start = (torch.rand(batch) * (count - length)).long()
        time_ = torch.arange(count)[None]
        frames = frames.masked_fill(((time_ >= start[:, None]) & (time_ < (start + length)[:, None]))[..., None], 0)
    return frames


def words_read(best: list[int], pieces: Tokenizer) -> list[str]:
    """Greedy: the likeliest unit of each moment, repeats once, without blanks."""
    units = [unit - 1 for unit, before in zip(best, [-1, *best]) if unit != before and unit > 0]
    return "".join(pieces.id_to_token(unit) for unit in units).replace("▁", " ").split()


def errors(read: list[str], said: list[str]) -> int:
    """Words to change, add or leave out (Levenshtein)."""
    row = list(range(len(read) + 1))
    for i, word in enumerate(said, 1):
        before, row[0] = row[0], i
        for j, other in enumerate(read, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (word != other))
    return row[-1]


@torch.no_grad()
def answers(model: UnitReader, frames: np.ndarray, index: np.ndarray, pieces: Tokenizer) -> tuple[torch.Tensor, list[list[str]]]:
    vectors, words = [], []
    model.eval()
    for start in range(0, len(index), 64):
        part = index[start : start + 64]
        longest = max(count for _, count in part)
        batch = np.zeros((len(part), longest + longest % 2, 384), np.float32)
        for row, (at, count) in enumerate(part):
            batch[row, :count] = frames[at : at + count]
        vector, log_probabilities, counts = model(torch.from_numpy(batch), torch.tensor(part[:, 1]))
        vectors.append(vector)
        words += [words_read(log_probabilities[row, : counts[row]].argmax(-1).tolist(), pieces) for row in range(len(part))]
    model.train()
    return torch.cat(vectors), words


def recall(vectors: torch.Tensor, pool: torch.Tensor, own: torch.Tensor, k: int = 10) -> float:
    scores = vectors @ pool.T
    return 100 * ((scores >= scores[torch.arange(len(own)), own][:, None]).sum(1) <= k).float().mean().item()


class Dev:
    """The gallery's dev captions and the natural voices, against pictures and against pictures that lean on their train captions."""

    def __init__(self, out: Path, data: Path, gallery: Path, layer: str, texts: dict[str, int], embeddings: torch.Tensor) -> None:
        ids = [picture["id"] for picture in json.loads((gallery / "gallery.json").read_text())["pictures"]]
        at = {name: n for n, name in enumerate(ids)}
        self.alone = F.normalize(load_file(gallery / "index.safetensors")["pictures"].float(), dim=-1)
        train = torch.zeros(len(ids), 384)
        for row in rows_of(data / "gallery/captions.tsv"):
            if row["split"] == "train":
                train[at[row["id"]]] += embeddings[texts[clean(row["text"])]]
        self.lean = F.normalize(self.alone + F.normalize(train, dim=-1), dim=-1)
        self.sets = {}
        for name in ("gallery", "natural"):
            rows = rows_of(data / name / "pairs.tsv")
            own = torch.tensor([at[Path(row["image"]).stem] for row in rows])
            files = (np.load(out / f"frames/dev-{name}.{part}.npy") for part in (layer, "index"))
            self.sets[name] = (*files, own, [clean(row["text"]) for row in rows])

    def figures(self, model: UnitReader, pieces: Tokenizer) -> dict[str, float]:
        found = {}
        for name, (frames, index, own, said) in self.sets.items():
            vectors, words = answers(model, frames, index, pieces)
            wrong = sum(errors(read, text.split()) for read, text in zip(words, said))
            found[f"{name} word errors"] = 100 * wrong / sum(len(text.split()) for text in said)
            found[f"{name} alone"], found[f"{name} lean"] = recall(vectors, self.alone, own), recall(vectors, self.lean, own)
        return {key: round(value, 1) for key, value in found.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--gallery", type=Path, default=Path("www/gallery"))
    parser.add_argument("--run", default="reader")
    parser.add_argument("--pieces", default="pieces.json")
    parser.add_argument("--layer", default="whole", choices=["whole", "first"])
    parser.add_argument("--from", dest="start", type=Path, help="weights to begin with")
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1, help="another one where a run goes on from another's weights: else its first sample is the same")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    random.seed(options.seed)
    np.random.seed(options.seed)
    with safe_open(options.out / "texts.safetensors", "pt") as file:
        embeddings = F.normalize(file.get_tensor("embeddings").float(), dim=-1)
        texts = {text: n for n, text in enumerate(file.metadata()["texts"].split("\n"))}
    pieces = Tokenizer.from_file(str(options.out / options.pieces))
    clips = Clips(options.out, options.layer, texts, pieces)
    dev = Dev(options.out, options.data, options.gallery, options.layer, texts, embeddings)
    model = UnitReader.of(load_file(options.start)) if options.start else UnitReader(pieces.get_vocab_size())
    average = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    # Tables and norms keep their size.
    decayed = [p for name, p in model.named_parameters() if p.ndim > 1 and name != "meanings"]
    kept = [p for name, p in model.named_parameters() if p.ndim <= 1 or name == "meanings"]
    optimiser = torch.optim.AdamW([{"params": decayed}, {"params": kept, "weight_decay": 0}], options.rate, betas=(0.9, 0.98), weight_decay=0.02)
    runs = options.out / "runs"
    runs.mkdir(exist_ok=True)
    checkpoint, curve = runs / f"{options.run}.pt", runs / f"{options.run}.jsonl"
    spent, step, seen = 0.0, 0, 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        model.load_state_dict(state["model"])
        optimiser.load_state_dict(state["optimiser"])
        average, spent, step, seen = state["average"], state["spent"], state["step"], state["seen"]
    began, saved, sums, batches = time.time() - spent, spent, [0.0, 0.0, 0], []
    while spent < options.minutes * 60:
        if not batches:
            clips.look()
            batches = clips.epoch(8000)
        items = batches.pop()
        progress = spent / (options.minutes * 60)
        for group in optimiser.param_groups:
            group["lr"] = options.rate * min(1, (step + 1) / 100) * (0.49 * (1 + math.cos(math.pi * min(1, progress))) + 0.02)
        frames, counts = clips.batch(items)
        vectors, log_probabilities, moments = model(masked(frames), counts)
        targets = embeddings[[texts[item[3]] for item in items]]
        others = embeddings[torch.randint(len(embeddings), (OTHERS,))]
        to_text, ctc = loss(vectors, log_probabilities, moments, targets, others, [item[4] for item in items])
        optimiser.zero_grad()
        (to_text + ctc).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        step, seen = step + 1, seen + len(items)
        decay = min(0.998, step / (step + 20))
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                average[name].lerp_(tensor, 1 - decay)
        sums = [sums[0] + to_text.item(), sums[1] + ctc.item(), sums[2] + 1]
        spent = time.time() - began
        if spent - saved > 300 or spent >= options.minutes * 60:
            saved = spent
            state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "average": average, "spent": spent, "step": step, "seen": seen}
            torch.save(state, checkpoint.with_suffix(".new"))
            checkpoint.with_suffix(".new").rename(checkpoint)
            save_file({name: tensor.half() for name, tensor in average.items()}, runs / f"{options.run}.safetensors")
            learned = {name: tensor.clone() for name, tensor in model.state_dict().items()}
            model.load_state_dict(average)
            line = {"minutes": round(spent / 60, 1), "step": step, "clips": seen, "of": len(clips.items), "text": round(sums[0] / sums[2], 3), "ctc": round(sums[1] / sums[2], 3)}
            line |= dev.figures(model, pieces)
            model.load_state_dict(learned)
            sums = [0.0, 0.0, 0]
            with curve.open("a") as file:
                file.write(json.dumps(line) + "\n")
            print(line, flush=True)
            # Measuring costs no budget.
            began = time.time() - spent


if __name__ == "__main__":
    main()
