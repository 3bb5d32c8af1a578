#!/usr/bin/env python3
"""Shards of texts -> the frozen encoder's frames on disk: spoken, changed, heard, and the sound thrown away. Resumes by shard.

    features.py --out data/ear --data ../shared/data --tools ../shared/tools --network www/models/speech.safetensors [--of 2 --part 0]

Writes `frames/NNN.npz`-like pairs: NNN.whole.npy [frames, 384] f16 (25 a second, all four blocks), NNN.first.npy (first block alone,
for the student), and NNN.index.npy [clips, 2] (start, count; 0 where a clip could not be made). `of` and `part` share the work
among processes. Four clips in five are changed: speed and pitch, room, band, noise, other people.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
import scipy.signal as ss
import soundfile as sf
import torch

from encoder import Encoder

RATE = 16_000
BATCH = 32
# The engine leaves 0.15 s around the speech of a clip; a live query ends anywhere.
MARGIN = (0.05, 0.28)


def load(path: Path) -> np.ndarray:
    samples, rate = sf.read(path, dtype="float32")
    samples = samples.mean(1) if samples.ndim > 1 else samples
    return ss.resample_poly(samples, RATE, rate).astype(np.float32) if rate != RATE else samples


def trim(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The part that is no more than 35 dB below the loudest 20 ms, with a little room on both sides."""
    hop = RATE // 50
    level = np.sqrt((x[: len(x) // hop * hop].reshape(-1, hop) ** 2).mean(1) + 1e-12)
    loud = np.flatnonzero(level > level.max() * 10 ** (-35 / 20))
    before, after = (int(RATE * rng.uniform(*MARGIN)) for _ in range(2))
    start, end = loud[0] * hop, (loud[-1] + 1) * hop
    padded = np.concatenate([np.zeros(before, np.float32), x[start:end], np.zeros(after, np.float32)])
    padded[:before] = x[max(0, start - before) : start][-before:] if start >= before else 0
    return padded


def room(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An echo that falls by 60 dB in 0.15 to 0.8 s and has from half to 1/30 of the power of what comes straight, or up to twice."""
    seconds = rng.uniform(0.15, 0.8)
    time_ = np.arange(int(RATE * seconds)) / RATE
    echo = rng.standard_normal(len(time_)) * 10 ** (-3 * time_ / seconds)
    echo *= 10 ** (-rng.uniform(-3, 15) / 20) / np.sqrt((echo**2).sum())
    echo[0] += 1
    return ss.fftconvolve(x, echo)[: len(x) + RATE // 4].astype(np.float32)


def crowd(talk: np.ndarray, length: int, rng: np.random.Generator) -> np.ndarray:
    """One to eight people talking at once."""
    starts = rng.integers(len(talk) - length, size=rng.integers(1, 9))
    return np.sum([talk[start : start + length] for start in starts], axis=0)


def played(x: np.ndarray, times: float) -> np.ndarray:
    """So many times as fast, pitch and all."""
    return np.interp(np.linspace(0, len(x) - 1, int(len(x) / times)), np.arange(len(x)), x).astype(np.float32)


def change(x: np.ndarray, talk: np.ndarray, rng: np.random.Generator, speed: float = 0.6) -> np.ndarray:
    """Speed with pitch for a share of the clips, room, band, noise or people."""
    if rng.random() < speed:
        x = played(x, rng.uniform(0.8, 1.2))
    if rng.random() < 0.5:
        x = room(x, rng)
    if rng.random() < 0.3:
        b, a = ss.butter(2, [rng.uniform(60, 300), rng.uniform(3200, 7600)], "band", fs=RATE)
        x = ss.lfilter(b, a, x).astype(np.float32)
    if rng.random() < 0.8:
        if len(talk) > len(x) and rng.random() < 0.6:
            noise = crowd(talk, len(x), rng)
        else:
            noise = rng.standard_normal(len(x)).astype(np.float32)
            if rng.random() < 0.6:
                b, a = ss.butter(1, rng.uniform(200, 3000), "low", fs=RATE)
                noise = ss.lfilter(b, a, noise)
        x = x + noise * np.sqrt((x**2).mean() / ((noise**2).mean() + 1e-9)) * 10 ** (-rng.uniform(3, 28) / 20)
    return x.astype(np.float32)


def level(x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return (x * 10 ** (rng.uniform(-14, 4) / 20) / max(1e-3, np.abs(x).max()) * 0.4).astype(np.float32)


class Speaker:
    """speak.py of the tools, used as a library."""

    def __init__(self, tools: Path) -> None:
        sys.path.insert(0, str(tools))
        import speak  # noqa: PLC0415

        self.speak, self.voices = speak, speak.all_voices()

    def say(self, rows: list[dict[str, str]], folder: Path) -> list[Path]:
        """One file a row; a text that its engine cannot say has none."""
        groups: dict[str, list] = defaultdict(list)
        targets = [folder / f"{n}.wav" for n in range(len(rows))]
        for row, target in zip(rows, targets):
            job = self.speak.Job(*self.speak.parse_voice(row["voice"], self.voices), row["text"], target)
            groups[job.voice.name].append(job)
        for jobs in groups.values():
            for start in range(0, len(jobs), 40):
                self.speak.run_chunk(jobs[start : start + 40])
        return targets


def talk_of(clips: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Two minutes of one clip after the other, all as loud."""
    parts, length = [], 0
    while length < RATE * 120:
        clip = clips[rng.integers(len(clips))]
        parts.append(clip / (np.sqrt((clip**2).mean()) + 1e-6))
        length += len(clip)
    return np.concatenate(parts)


def sounds(rows: list[dict[str, str]], data: Path, speaker: Speaker, rng: np.random.Generator, changed: float) -> list[np.ndarray]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        spoken = [row for row in rows if not row["audio"]]
        said = dict(zip(map(id, spoken), speaker.say(spoken, Path(folder))))
        raw = []
        for row in rows:
            path = said.get(id(row)) or data / row["audio"]
            try:
                clip = load(path)
                raw.append(trim(clip, rng) if np.abs(clip).max() > 1e-4 else np.zeros(0, np.float32))
            except (OSError, RuntimeError, ValueError, IndexError):
                raw.append(np.zeros(0, np.float32))
    whole = [clip for clip in raw if len(clip) > RATE // 2]
    talk = talk_of(whole, rng) if whole else np.zeros(0, np.float32)
    return [
        level(change(x, talk, rng) if rng.random() < changed else x, rng)[: RATE * 14] if len(x) > 1600 else x[:0] for x in raw
    ]


def encode(clips: list[np.ndarray], encoder: Encoder, out: Path, which: tuple[int, ...], names: tuple[str, ...]) -> None:
    order = sorted((n for n in range(len(clips)) if len(clips[n])), key=lambda n: len(clips[n]))
    found: dict[int, list[np.ndarray]] = {}
    for start in range(0, len(order), BATCH):
        ids = order[start : start + BATCH]
        padded = [np.pad(clips[n], (0, max(0, 4800 - len(clips[n])))) for n in ids]
        found.update(zip(ids, encoder.frames(padded, which)))
    index, at = np.zeros((len(clips), 2), np.int64), 0
    for n in range(len(clips)):
        count = len(found[n][0]) if n in found else 0
        index[n] = at, count
        at += count
    for k, name in enumerate(names):
        np.save(f"{out}.{name}.npy", np.concatenate([found[n][k] for n in range(len(clips)) if n in found]))
    np.save(f"{out}.index.npy", index)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tools", type=Path, required=True)
    parser.add_argument("--network", type=Path, required=True)
    parser.add_argument("--of", type=int, default=1)
    parser.add_argument("--part", type=int, default=0)
    parser.add_argument("--dev", action="store_true", help="the dev sets instead: gallery and natural voices, as they are")
    options = parser.parse_args()
    torch.set_num_threads(1)
    encoder = Encoder(options.network)
    frames = options.out / "frames"
    frames.mkdir(parents=True, exist_ok=True)
    which, names = (1, 4), ("first", "whole")
    if options.dev:
        for name in ("gallery", "natural"):
            rng = np.random.default_rng(0)
            rows = read(options.data / name / "pairs.tsv")
            clips = [level(trim(load(options.data / name / row["audio"]), rng), rng) for row in rows]
            encode(clips, encoder, frames / f"dev-{name}", which, names)
        return 0
    speaker = Speaker(options.tools)
    for shard in sorted((options.out / "shards").glob("*.tsv"))[options.part :: options.of]:
        if (frames / f"{shard.stem}.index.npy").exists():
            continue
        start, rng = time.time(), np.random.default_rng(int(shard.stem))
        clips = sounds(read(shard), options.data, speaker, rng, 0.8)
        spoken = time.time()
        encode(clips, encoder, frames / shard.stem, which, names)
        seconds = sum(map(len, clips)) / RATE
        print(f"{shard.stem}: {seconds:.0f} s of sound, made in {spoken - start:.0f} s, heard in {time.time() - spoken:.0f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
