#!/usr/bin/env python3
"""Speak the captions of Flickr8k's dev and test pictures by the dev voices: to measure with, never to train on.

    make_dev_speech.py --data ../shared/data --out data/dev --speak ../shared/tools/speak.py

Writes pairs.tsv (image, audio, text, language, voice, split) with every caption by every dev voice, and wavs/.
"""

from __future__ import annotations

import os
import sys

from make_corpus import clean, options_of, read, speak, write_tables

VOICES = ["pico-en-gb", "festival-ked"]


def main() -> int:
    options = options_of(__doc__)
    rows = []
    for row in read(options.data / "flickr8k/captions.tsv"):
        if row["split"] not in ("dev", "test"):
            continue
        image = os.path.relpath(options.data / f"flickr8k/images/{row['image']}.webp", options.out)
        for voice in VOICES:
            audio = f"wavs/{row['image']}_{row['n']}_{voice}.wav"
            rows.append({"image": image, "audio": audio, "text": clean(row["text"]), "language": "en", "voice": voice, "split": row["split"]})
    write_tables(options.out, rows)
    return speak(options)


if __name__ == "__main__":
    sys.exit(main())
