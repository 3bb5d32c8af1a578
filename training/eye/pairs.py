"""Captioned pictures and what may be done with them (the README of the data says why)."""

from __future__ import annotations

import csv
import hashlib
import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from wordfreq import zipf_frequency

sys.path.append(str(Path(__file__).resolve().parent.parent))
from related_words import HYPERNYM, RAREST, WordNet  # noqa: E402


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


def known_texts(path: Path) -> tuple[list[str], np.ndarray]:
    """Texts and their sentence embeddings, as features.py keeps them."""
    with np.load(path) as file:
        return file["texts"].item().split("\n"), file["embeddings"]


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
    """Names of the drawings that make_drawings.py made, two drawings of a name at most: each name with and without an
    article, and what else WordNet calls the thing and its kind."""
    named: dict[str, list[str]] = {}
    for row in table(folder / "pairs.tsv"):
        named.setdefault(clean(row["text"]), []).append(Path(row["image"]).stem)
    rows = []
    for name, drawn in named.items():
        for picture in sorted(drawn, key=lambda stem: hashlib.sha256(stem.encode()).digest())[:2]:
            rows += [Row(picture, text, True) for text in (name, f"{'an' if name[:1] in 'aeiou' else 'a'} {name}", *other_names(name)) if name]
    return rows


@cache
def other_names(name: str) -> list[str]:
    """Synonyms and hypernyms of the first sense of a noun; of the last noun of several words only if nobody knows them together."""
    words = wordnet()
    lemma = next((lemma for lemma in (name.replace(" ", "_"), name.split(" ")[-1]) if ("noun", lemma) in words.senses), None)
    if lemma is None:
        return []
    synonyms, pointers = words.synset("noun", words.senses["noun", lemma][1])
    kinds = [kind for symbol, offset in pointers if symbol == HYPERNYM for kind in words.synset("noun", offset)[0][:1]]
    others = [other for other in map(clean, [*synonyms, *kinds]) if other != name and min(zipf_frequency(w, "en") for w in other.split() or ["?"]) >= RAREST]
    return list(dict.fromkeys(others))[:3]


@cache
def wordnet() -> WordNet:
    return WordNet()


def human_rows(data: Path) -> list[Row]:
    """English words over drawings, to measure by; a name says its folder, too."""
    rows = []
    for name in ("gcompris", "tuxpaint"):
        for row in table(data / "human" / name / "pairs.tsv"):
            if row["language"] == "en":
                rows.append(Row(f"{name}/{Path(row['image']).stem}", clean(row["text"]), False, "words over drawings"))
    return rows
