#!/usr/bin/env python3
"""Speak the captions of all of Flickr8k: the scale of the poster.

    make_flickr8k_speech.py --data ../shared/data --out data/flickr8k --speak ../shared/tools/speak.py

Train captions are said by train voices, spread as in make_corpus.py; dev and test captions by the two dev voices in
turn, to choose and to measure with, never to train on. Writes pairs.tsv (image, audio, text, language, voice, split)
and wavs/. Every picture's first caption stands before any second one, so that `--captions 2` makes the beginning of
what all five make.
"""

from __future__ import annotations

import argparse
import os
import random
import sys

from make_corpus import SEED, Corpus, clean, options_of, read, speak, write_tables
from make_dev_speech import VOICES


def rows_of(options: argparse.Namespace) -> list[dict[str, str]]:
    """All captions with their voices, the first ones of all pictures first."""
    rows = [row for row in read(options.data / "pictures/flickr8k/captions.tsv") if int(row["n"]) < options.captions]
    number = {image: number for number, image in enumerate(sorted({row["image"] for row in rows}))}
    corpus = Corpus(random.Random(SEED))
    for row in sorted(rows, key=lambda row: (row["n"], row["image"])):
        text = clean(row["text"])
        image = os.path.relpath(options.data / f"pictures/flickr8k/images/{row['image']}.webp", options.out)
        if row["split"] == "train":
            corpus.add("k", text, image)
        elif row["split"] in ("dev", "test"):
            # Every picture is heard from both voices, and each caption by one.
            voice = VOICES[(number[row["image"]] + int(row["n"])) % len(VOICES)]
            audio = f"wavs/{row['split']}-{row['image']}-{row['n']}.wav"
            corpus.rows.append({"image": image, "audio": audio, "text": text, "language": "en", "voice": voice, "split": row["split"]})
    return corpus.rows


def main() -> int:
    captions = lambda parser: parser.add_argument("--captions", type=int, default=5, help="captions of a picture")
    options = options_of(__doc__, captions)
    write_tables(options.out, rows_of(options))
    return speak(options)


if __name__ == "__main__":
    sys.exit(main())
