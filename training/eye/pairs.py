"""Captioned pictures and what may be done with them (the README of the data says why)."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass
class Source:
    """A folder of captioned pictures below the data."""

    folder: str
    # Splits that train; none where every row may.
    train: set[str] | None = None

    def images(self, data: Path) -> Path:
        return data / self.folder / "images"


SETS = {
    "gallery": Source("gallery", {"train"}),
    "flickr8k": Source("pictures/flickr8k", {"train"}),
    **{name: Source(f"pictures/{name}") for name in ("openstax", "coco", "siyavula", "recipes", "concadia")},
}


@dataclass
class Row:
    """A caption: the picture's name, what is said, whether it trains, and the set to measure on that it belongs to."""

    picture: str
    text: str
    trains: bool
    measures: str = ""


def clean(text: str) -> str:
    """As somebody would say it: lower case, no signs."""
    return re.sub(r"\s+", " ", re.sub(r"[^a-z0-9' -]", " ", text.lower())).strip(" '-")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def caption_rows(data: Path, name: str) -> list[Row]:
    """Captions of a set; Flickr8k's dev rows are left alone."""
    source, rows = SETS[name], []
    for row in table(data / source.folder / "captions.tsv"):
        picture, text = Path(row.get("image") or row["id"]).stem, clean(row["text"])
        trains = source.train is None or row["split"] in source.train
        measures = {"4": "gallery, long", "6": "gallery, short"}.get(row["n"], "") if name == "gallery" else ""
        if name == "flickr8k" and row["split"] == "test":
            measures = "Flickr8k test"
        if text and (trains or measures):
            rows.append(Row(picture, text, trains, measures))
    return rows


def drawing_rows(folder: Path) -> list[Row]:
    """Names of the drawings that make_drawings.py made."""
    rows = [Row(Path(row["image"]).stem, clean(row["text"]), True) for row in table(folder / "pairs.tsv")]
    return [row for row in rows if row.text]


def human_rows(data: Path) -> list[Row]:
    """English words over drawings, to measure by; a name says its folder, too."""
    rows = []
    for name in ("gcompris", "tuxpaint"):
        for row in table(data / "human" / name / "pairs.tsv"):
            if row["language"] == "en":
                rows.append(Row(f"{name}/{Path(row['image']).stem}", clean(row["text"]), False, "words over drawings"))
    return rows
