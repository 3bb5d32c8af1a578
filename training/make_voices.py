#!/usr/bin/env python3
"""Speak the same sentences about the same pictures by many voices: to measure whose voice works worse, never to train on.

    make_voices.py --data ../shared/data --out data/voices --speak ../shared/tools/speak.py

The sentences are the gallery's dev captions, a long one and a short query for every third picture, because they are
asked of the wall that a visitor sees and no wording of them was ever in training. Everybody says every one of them, so
that a difference between two voices is a difference of the voices.

- voices that were in training, and two that never were (and two effects of eSpeak NG that never were);
- one unheard voice made deeper and higher (pitch and formants together, at its own pace), slower and faster (at its own pitch),
  and in noise, in babble, in an echoing room and by telephone; the other unheard voice warped as training warps voices.

Writes pairs.tsv (image, audio, text, language, voice, split), voices.tsv (voice, what, training, reference: the voice that it
is compared with), contrasts.tsv (groups of voices against others) and wavs/. Clips that are there are not spoken again.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
from make_corpus import ACCENTS, NATURAL, clean, options_of, read, write
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, sosfiltfilt

Samples = NDArray[np.float32]
Change = Callable[[Samples, np.random.Generator], Samples]

EVERY = 3
SEED = 2016
RATE = 16_000
REFERENCE, UNHEARD, OTHER_UNHEARD = "pico-en-us", "pico-en-gb", "festival-ked"
PEOPLE = {
    "pico-en-us": "woman, American",
    "flite-slt": "woman, American",
    "flite-rms": "man, American",
    "flite-kal": "man, American, old technique",
    "pico-en-gb": "woman, British",
    "festival-ked": "man, American, old technique",
}
FORMANT_ACCENTS = {"en-us": "American", "en-gb-rp": "British", "en-gb-scotland": "Scottish", "en-caribbean": "Caribbean"}
FORMANT_SEXES = {"m3": "man", "f2": "woman"}
EFFECTS = {"croak": "croaking man", "whisper": "whispering man"}
# Pitch and formants. The second formant of men's /i/ lies at 0.82 of women's, that of children's at 1.15; their pitch at 0.6 and
# 1.15 (Peterson and Barney 1952, table II).
HEIGHTS = [0.8, 0.9, 1.12, 1.25, 1.35]
# Speed in percent, as SVOX Pico takes it.
PACES = {"slow": 70, "fast": 140}
BABBLERS = ["flite-slt", "flite-rms", "flite-kal", "pico-en-us", "espeak-en-us-m3", "espeak-en-us-f2"]


@dataclass(frozen=True)
class Kind:
    """One way of speaking: whose voice, with which markup and warp, and what is done to the sound."""

    name: str
    what: str
    voice: str
    training: str
    reference: str
    warp: float = 1.0
    pace: int = 100
    change: Change | None = None


def contrasts() -> list[dict[str, str]]:
    """Some voices against others."""
    formant = lambda accent, variant: f"espeak-{accent}-{variant}"
    of = lambda accents, variants: " ".join(formant(accent, variant) for variant in variants for accent in accents)
    rows = [("formant voices: women than men", of(FORMANT_ACCENTS, ["f2"]), of(FORMANT_ACCENTS, ["m3"]))]
    for accent, where in list(FORMANT_ACCENTS.items())[1:]:
        rows.append((f"formant voices: {where} than American", of([accent], FORMANT_SEXES), of(["en-us"], FORMANT_SEXES)))
    heard = " ".join(voice for voice in PEOPLE if voice in NATURAL)
    rows.append(("formant voices than voices made of recordings", of(FORMANT_ACCENTS, FORMANT_SEXES), heard))
    rows.append(("recorded voices: unheard than heard in training", f"{UNHEARD} {OTHER_UNHEARD}", heard))
    rows.append(("one technique, both heard: a woman than a man", "flite-slt", "flite-rms"))
    return [dict(zip(("name", "voices", "than"), row)) for row in rows]


def level(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))


def mixed(samples: Samples, noise: Samples, decibels: float) -> Samples:
    """The speech with a noise that lies so many dB below it."""
    return samples + noise * (level(samples) / level(noise) * 10 ** (-decibels / 20))


def pink(decibels: float) -> Change:
    """Noise as of a fan or a projector: power falls with frequency."""

    def change(samples: Samples, rng: np.random.Generator) -> Samples:
        spectrum = np.fft.rfft(rng.standard_normal(samples.size))
        noise = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(spectrum.size), 20)), samples.size)
        return mixed(samples, noise.astype(np.float32), decibels)

    return change


def babble(decibels: float, others: list[list[Samples]]) -> Change:
    """Six people talking at once, each saying other sentences."""

    def change(samples: Samples, rng: np.random.Generator) -> Samples:
        noise = np.zeros(samples.size, np.float32)
        for clips in others:
            order = rng.permutation(len(clips))
            speech = np.concatenate([clips[number] / level(clips[number]) for number in order[:8]])
            noise += np.resize(np.roll(speech, -int(rng.integers(speech.size))), samples.size)
        return mixed(samples, noise, decibels)

    return change


def telephone(samples: Samples, _: np.random.Generator) -> Samples:
    """300 to 3400 Hz, as a telephone carries."""
    return sosfiltfilt(butter(4, [300, 3400], "bandpass", fs=RATE, output="sos"), samples).astype(np.float32)


def room(samples: Samples, rng: np.random.Generator) -> Samples:
    """A bare classroom from a few metres: the echo dies away in 0.7 s and is as loud as the voice itself (Polack's model)."""
    length = int(0.7 * RATE)
    echo = rng.standard_normal(length) * 10 ** (-3 * np.arange(length) / length)
    echo /= np.sqrt(np.sum(np.square(echo)))
    echo[0] += 1.0
    return fftconvolve(samples, echo).astype(np.float32)


def kinds(others: list[list[Samples]]) -> list[Kind]:
    """All ways of speaking."""
    found = []
    for voice, what in PEOPLE.items():
        found.append(Kind(voice, what, voice, "yes" if voice in NATURAL else "no", REFERENCE))
    for accent, where in FORMANT_ACCENTS.items():
        assert accent in ACCENTS
        for variant, who in FORMANT_SEXES.items():
            name = f"espeak-{accent}-{variant}"
            found.append(Kind(name, f"{who}, {where}, formant synthesis", name, "yes", REFERENCE))
    for effect, what in EFFECTS.items():
        name = f"espeak-en-us-{effect}"
        found.append(Kind(name, f"{what}, American, formant synthesis", name, "no", REFERENCE))
    for height in HEIGHTS:
        what = f"{'deeper' if height < 1 else 'higher'}: pitch and formants times {height}, same pace"
        found.append(Kind(f"{UNHEARD}@{height}", what, UNHEARD, "no", UNHEARD, height, round(100 / height)))
    for name, pace in PACES.items():
        found.append(Kind(f"{UNHEARD}+{name}", f"speed {pace} %, same pitch", UNHEARD, "no", UNHEARD, pace=pace))
    for height in (HEIGHTS[0], HEIGHTS[3]):
        what = f"{'deeper and slower' if height < 1 else 'higher and faster'}: times {height}"
        found.append(Kind(f"{OTHER_UNHEARD}@{height}", what, OTHER_UNHEARD, "no", OTHER_UNHEARD, height))
    changes: dict[str, tuple[str, Change]] = {
        "noise15": ("noise as of a fan, 15 dB below the voice", pink(15)),
        "noise5": ("noise as of a fan, 5 dB below the voice", pink(5)),
        "babble15": ("six people talking, 15 dB below the voice", babble(15, others)),
        "babble5": ("six people talking, 5 dB below the voice", babble(5, others)),
        "room": ("an echoing room, from a few metres", room),
        "telephone": ("a telephone's band, 300 to 3400 Hz", telephone),
    }
    for name, (what, change) in changes.items():
        found.append(Kind(f"{UNHEARD}+{name}", what, UNHEARD, "no", UNHEARD, change=change))
    return found


def speaker(path: Path) -> ModuleType:
    """speak.py as a module."""
    spec = importlib.util.spec_from_file_location("speak", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["speak"] = module
    spec.loader.exec_module(module)
    return module


def sentences(data: Path) -> list[dict[str, str]]:
    """The dev captions of every third picture."""
    rows = [row for row in read(data / "gallery/captions.tsv") if row["split"] == "dev"]
    chosen = set(list(dict.fromkeys(row["id"] for row in rows))[::EVERY])
    return [row for row in rows if row["id"] in chosen]


def spoken(options: argparse.Namespace, rows: list[dict[str, str]]) -> int:
    """Speaks everything into wavs/, then makes the changed clips from the plain ones."""
    speak = speaker(options.speak)
    voices = speak.all_voices()
    for effect in EFFECTS:
        name = f"espeak-en-us-{effect}"
        voices[name] = speak.Voice(name, "espeak", f"gmw/en-US+{effect}", "male", "American")
    target = lambda kind, row: options.out / "wavs" / f"{row['id']}_{row['n']}_{kind.name}.wav"
    plain = [kind for kind in kinds([]) if not kind.change]
    jobs = []
    for kind in plain:
        for row in rows:
            text = clean(row["text"])
            text = text if kind.pace == 100 else f'<speed level="{kind.pace}">{text}</speed>'
            jobs.append(speak.Job(voices[kind.voice], kind.warp, text, target(kind, row)))
    failures = speak.run(jobs, options.jobs)
    by_name = {kind.name: kind for kind in plain}
    others = [[speak.read_wave(target(by_name[voice], row))[1] for row in rows] for voice in BABBLERS]
    for kind in kinds(others):
        for number, row in enumerate(rows):
            if kind.change and not target(kind, row).exists():
                samples = speak.read_wave(target(by_name[kind.voice], row))[1]
                speak.write_wave(target(kind, row), kind.change(samples, np.random.default_rng([SEED, number])))
    return failures


def main() -> int:
    options = options_of(__doc__)
    rows = sentences(options.data)
    pairs = [
        {
            "image": os.path.relpath(options.data / f"gallery/images/{row['id']}.webp", options.out),
            "audio": f"wavs/{row['id']}_{row['n']}_{kind.name}.wav",
            "text": clean(row["text"]),
            "language": "en",
            "voice": kind.name,
            "split": "dev",
        }
        for kind in kinds([])
        for row in rows
    ]
    write(options.out / "pairs.tsv", pairs, ["image", "audio", "text", "language", "voice", "split"])
    described = [{"voice": k.name, "what": k.what, "training": k.training, "reference": k.reference} for k in kinds([])]
    write(options.out / "voices.tsv", described, ["voice", "what", "training", "reference"])
    write(options.out / "contrasts.tsv", contrasts(), ["name", "voices", "than"])
    print(f"{len(pairs)} clips: {len(rows)} sentences, {len(described)} ways of speaking")
    return 1 if options.speak and spoken(options, rows) else 0


if __name__ == "__main__":
    sys.exit(main())
