#!/usr/bin/env python3
"""Make the lessons that `cargo lab report teach` teaches, and what it asks before and after.

    make_lessons.py --data ../shared/data --speak ../shared/tools/speak.py --out data/lessons

A lesson is a table of pairs: its train rows are taught, its dev rows are asked afterwards about the same pictures.

- fr-100, de-100, es-100: one human voice, the words of 100 drawings, one clip each; fr-400 and de-400: of 400;
  es-281: of all there are. French asks a second speaker, who says the same words of other drawings.
- names: ten proper names for ten photographs that are not in the gallery, five clips each in warps of one synthetic
  voice; the same voice in warps that were not taught, and another voice, are asked.

old-words.tsv are English words by a human voice: what the lessons may make it forget. Nothing of this trains what ships.
"""

from __future__ import annotations

import argparse
import csv
import os
import subprocess
import sys
from pathlib import Path

COLUMNS = ["image", "audio", "text", "language", "voice", "split"]
ARTICLES = {"un", "une", "le", "la", "les"}
SIZES = {"fr": (100, 400), "de": (100, 400), "es": (100, 281)}
NAMES = [
    "Wilhelmina", "Barnaby", "Octavia", "Zebedee", "Marigold", "Thaddeus", "Persephone", "Humphrey", "Lucinda", "Cornelius",
]
TAUGHT_VOICES = [f"pico-en-us@{warp}" for warp in ("0.92", "0.96", "1.0", "1.04", "1.08")]
ASKED_VOICES = ["pico-en-us@0.94", "pico-en-us@1.02", "pico-en-us@1.06", "pico-en-gb", "pico-en-gb@1.05"]

Row = dict[str, str]


def read(table: Path) -> list[Row]:
    """Rows of a table of pairs, with absolute paths."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    for row in rows:
        for column in ("image", "audio"):
            row[column] = str((table.parent / row[column]).resolve())
    return rows


def write(table: Path, rows: list[Row]) -> None:
    """Rows as a table of pairs, with paths relative to it."""
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            here = {column: os.path.relpath(row[column], table.parent) for column in ("image", "audio")}
            writer.writerow({column: (row | here)[column] for column in COLUMNS})
    print(f"{len(rows)} rows in {table}")


def first_clips(rows: list[Row]) -> list[Row]:
    """The first clip of each picture, each clip once."""
    clips: dict[str, Row] = {}
    for row in rows:
        if row["image"] not in clips and all(row["audio"] != other["audio"] for other in clips.values()):
            clips[row["image"]] = row
    return list(clips.values())


def word(text: str) -> str:
    """A text without its article and full stop."""
    parts = text.lower().strip(" .!").split()
    if parts and parts[0] in ARTICLES:
        parts = parts[1:]
    return " ".join(parts).removeprefix("l'").removeprefix("l’")


def languages(human: Path, out: Path) -> None:
    """The lessons of human words."""
    words = read(human / "gcompris" / "pairs.tsv")
    others = [row for row in read(human / "tuxpaint" / "pairs.tsv") if row["language"] == "fr"]
    write(out / "old-words.tsv", [row for row in words if row["language"] == "en"])
    for language, sizes in SIZES.items():
        clips = first_clips([row for row in words if row["language"] == language])
        for size in sizes:
            count = min(size, len(clips))
            taught = [clips[place * len(clips) // count] | {"split": "train"} for place in range(count)]
            image_of = {word(row["text"]): row["image"] for row in taught}
            asked = [
                row | {"split": "dev", "image": image_of[word(row["text"])]}
                for row in others
                if language == "fr" and word(row["text"]) in image_of
            ]
            write(out / f"{language}-{count}.tsv", taught + asked)


def names(flickr8k: Path, speak: Path, out: Path) -> None:
    """The lesson of proper names."""
    with (flickr8k / "captions.tsv").open(encoding="utf-8", newline="") as file:
        captions = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        images = list(dict.fromkeys(row["image"] for row in captions if row["split"] == "train"))
    images = [images[place * len(images) // len(NAMES)] for place in range(len(NAMES))]
    rows = [
        {"image": str((flickr8k / "images" / f"{image}.webp").resolve()), "text": name, "language": "en", "voice": voice, "split": split}
        for split, voices in (("train", TAUGHT_VOICES), ("dev", ASKED_VOICES))
        for name, image in zip(NAMES, images)
        for voice in voices
    ]
    batch = out / "names-batch.tsv"
    with batch.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["id", "voice", "text"])
        for number, row in enumerate(rows):
            row["audio"] = str((out / "names" / f"{number}.wav").resolve())
            writer.writerow([number, row["voice"], row["text"]])
    subprocess.run([sys.executable, speak, "--batch", batch, "--out", out / "names", "--jobs", "2"], check=True)
    write(out / "names.tsv", rows)


def main() -> None:
    """Make all lessons."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the shared data")
    parser.add_argument("--speak", type=Path, required=True, help="speak.py")
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    languages(arguments.data / "human", arguments.out)
    names(arguments.data / "flickr8k", arguments.speak, arguments.out)


if __name__ == "__main__":
    main()
