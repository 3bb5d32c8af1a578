#!/usr/bin/env python3
"""The gallery's dev captions as a room full of people and a child's voice change them: to measure with, never to train on.

    make_changed_dev.py --data ../shared/data --out data/changed

Writes noise/ and child/, each with pairs.tsv (image, audio, text, language, voice, split) and wavs. Noise: a room (its echo falls by
60 dB in 0.3 to 0.6 s) and six other clips at once, together 10 dB below the speech. Child: played 1.25 times as fast, pitch and all.
"""

from __future__ import annotations

import argparse
import csv
import os
from fractions import Fraction
from pathlib import Path

import numpy as np
import scipy.signal as ss
import soundfile as sf

RATE = 16_000
BELOW = 10  # dB
PEOPLE = 6
FASTER = Fraction(5, 4)


def load(path: Path) -> np.ndarray:
    samples, rate = sf.read(path, dtype="float32", always_2d=True)
    return ss.resample_poly(samples.mean(1), RATE, rate).astype(np.float32) if rate != RATE else samples.mean(1)


def in_a_room(clip: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    seconds = rng.uniform(0.3, 0.6)
    time = np.arange(int(RATE * seconds)) / RATE
    echo = rng.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    # What comes straight is as loud as its echo.
    echo *= 1 / np.sqrt((echo**2).sum())
    echo[0] += 1
    return ss.fftconvolve(clip, echo)[: len(clip) + RATE // 4].astype(np.float32)


def in_noise(clip: np.ndarray, others: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    speech = in_a_room(clip, rng)
    babble = np.zeros_like(speech)
    for number in rng.choice(len(others), PEOPLE, replace=False):
        other = np.tile(others[number], len(speech) // len(others[number]) + 1)
        babble += np.roll(other, rng.integers(len(other)))[: len(speech)] / np.sqrt((others[number] ** 2).mean() + 1e-9)
    loudness = np.sqrt((speech**2).mean() / ((babble**2).mean() + 1e-9)) * 10 ** (-BELOW / 20)
    return speech + babble * loudness


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    folder, rng = options.data / "gallery", np.random.default_rng(1)
    with (folder / "pairs.tsv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if row["split"] == "dev"]
    clips = [load(folder / row["audio"]) for row in rows]
    changes = {
        "noise": lambda n: in_noise(clips[n], clips[:n] + clips[n + 1 :], rng),
        "child": lambda n: ss.resample_poly(clips[n], FASTER.denominator, FASTER.numerator),
    }
    for name, change in changes.items():
        to = options.out / name
        (to / "wavs").mkdir(parents=True, exist_ok=True)
        with (to / "pairs.tsv").open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, rows[0], delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None, lineterminator="\n")
            table.writeheader()
            for n, row in enumerate(rows):
                changed = change(n)
                audio = f"wavs/{n}.wav"
                sf.write(to / audio, changed / max(1, np.abs(changed).max()), RATE, "PCM_16")
                table.writerow(row | {"audio": audio, "image": os.path.relpath(folder / row["image"], to)})


if __name__ == "__main__":
    main()
