#!/usr/bin/env python3
"""Write the training corpus: what is said, by which voice, about which picture.

    make_corpus.py --data ../shared/data --out data/corpus
    make_corpus.py --data ../shared/data --out data/corpus --speak ../shared/tools/speak.py

Writes batch.tsv (id, voice, text; what speak.py reads) and pairs.tsv (image, audio, text, language,
voice, split; `image` is empty where a phrase has no picture). With --speak the phrases are spoken
into wavs/; clips that are there are not spoken again, so an interrupted run goes on.

What was never spoken is never found, so beside the captions stand WORDS frequent English words and word pairs (PyPI
wordfreq), captions with some words replaced by their relatives, and sentences around all kinds of words (Debian package
wordnet-base, see related_words.py).
Only train material is used: train captions, train voices, and phrases made from their words.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from related_words import WordNet
from wordfreq import top_n_list

SEED = 20161205
WORDS, WORD_PAIRS = 10_000, 4_000
# Captions of pictures that are not at hand, and captions with other words in them.
OTHERS, VARIED = 12_000, 12_000
# Examples of how words are used, and definitions of what can be seen.
EXAMPLES, DEFINITIONS = 22_000, 8_000
NATURAL = {"pico-en-us": 12, "flite-slt": 17, "flite-rms": 17, "flite-kal": 12, "festival-kal": 8, "festival-slt": 4}
ESPEAK_SHARE = 30
ACCENTS = ["en-us", "en-us-nyc", "en-gb", "en-gb-rp", "en-gb-scotland", "en-gb-lancashire", "en-gb-midlands", "en-caribbean"]
VARIANTS = [f"m{n}" for n in range(1, 9)] + [f"f{n}" for n in range(1, 6)]
WARPS = [0.86, 0.92, 0.96, 1.0, 1.0, 1.04, 1.08, 1.16]
COLOURS = "red green blue yellow orange purple pink brown black white grey golden silver".split()
NUMBERS = "one two three four five six seven eight nine ten".split()
RELATIONS = ["on", "under", "next to", "behind", "in front of", "inside", "above", "near", "with"]
# Words that may stand inside a phrase but not at its edge.
EDGES = set(
    "a an the of in on at to and or is are be by with for from into onto over under as that this its it his her their "
    "while who which near up down out off through there some one two three very".split()
)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def clean(text: str) -> str:
    """Lower case, no punctuation: what the voice says, and what the sentence embedding reads."""
    return re.sub(r"\s+", " ", re.sub(r"[^a-z0-9' -]", " ", text.lower())).strip(" '-")


def sub_phrase(text: str, rng: random.Random) -> str:
    """Two to five neighbouring words of a caption that neither begin nor end with a small word."""
    words = text.split()
    for _ in range(20):
        length = rng.randint(2, 5)
        if len(words) < length:
            continue
        start = rng.randrange(len(words) - length + 1)
        phrase = words[start : start + length]
        if phrase[0] not in EDGES and phrase[-1] not in EDGES:
            return " ".join(phrase)
    return ""


class Corpus:
    """Collects phrases and gives each its voices."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.rows: list[dict[str, str]] = []

    def voice(self) -> str:
        names = [*NATURAL, "espeak"]
        name = self.rng.choices(names, [*NATURAL.values(), ESPEAK_SHARE])[0]
        if name == "espeak":
            name = f"espeak-{self.rng.choice(ACCENTS)}-{self.rng.choice(VARIANTS)}"
        warp = self.rng.choice(WARPS)
        return name if warp == 1.0 else f"{name}@{warp}"

    def add(self, kind: str, text: str, image: str = "", times: int = 1) -> None:
        if not text:
            return
        for _ in range(times):
            name = f"{kind}{len(self.rows):06d}"
            self.rows.append(
                {"image": image, "audio": f"wavs/{name}.wav", "text": text, "language": "en", "voice": self.voice(), "split": "train"}
            )


def add_frequent_words(corpus: Corpus, rng: random.Random) -> None:
    """The most frequent English words of three letters and more, and pairs of them."""
    words = [word for word in top_n_list("en", 2 * WORDS) if re.fullmatch(r"[a-z]{3,}", word)][:WORDS]
    for word in words:
        corpus.add("v", word)
    for _ in range(WORD_PAIRS):
        corpus.add("v", f"{rng.choice(words)} {rng.choice(words)}")


def add_varied(corpus: Corpus, wordnet: WordNet, captions: list[str], count: int, rng: random.Random) -> None:
    """Captions in which other words stand."""
    for _ in range(count):
        corpus.add("r", wordnet.vary(rng.choice(captions), rng.choice([0.3, 0.6]), rng))


def collect(data: Path, out: Path) -> list[dict[str, str]]:
    """All phrases with their voices, shuffled with a fixed seed."""
    rng = random.Random(SEED)
    corpus = Corpus(rng)
    gallery = [row for row in read(data / "gallery/captions.tsv") if row["split"] == "train"]
    flickr = [row for row in read(data / "flickr8k/captions.tsv") if row["split"] == "train"]
    pictured = {row["image"] for row in read(data / "flickr8k/captions.tsv")}
    other = [row for row in read(data / "flickr8k/captions_all8k.tsv") if row["split"] == "train" and row["image"] not in pictured]

    for row in gallery:
        corpus.add("g", clean(row["text"]), os.path.relpath(data / f"gallery/images/{row['id']}.webp", out), times=4)
    for row in flickr:
        corpus.add("f", clean(row["text"]), os.path.relpath(data / f"flickr8k/images/{row['image']}.webp", out), times=2)
    for row in rng.sample(other, OTHERS):
        corpus.add("o", clean(row["text"]))
    # The gallery's captions are few and its words many, so they are varied as often as all others together.
    wordnet = WordNet()
    for source in (gallery, flickr + other):
        add_varied(corpus, wordnet, [clean(row["text"]) for row in source], VARIED // 2, rng)
    for row in gallery * 2 + rng.sample(flickr + other, 3000):
        corpus.add("p", sub_phrase(clean(row["text"]), rng))

    names = set()
    for line in (data / "weights/imagenet_labels_1001.txt").read_text().splitlines()[1:]:
        names.update(clean(name) for name in line.split(","))
    words = Counter(word for row in gallery + flickr + other for word in clean(row["text"]).split() if len(word) > 2)
    common = [word for word, count in words.items() if count >= 3 and word not in EDGES]
    for word in sorted(names) + sorted(common):
        article = "an" if word[0] in "aeiou" else "a"
        corpus.add("w", word)
        corpus.add("w", f"{rng.choice([article, 'the'])} {word}" if rng.random() < 0.6 else word)
    nouns = sorted(names)
    for _ in range(1500):
        one, two = rng.choice(nouns + common), rng.choice(nouns)
        corpus.add("t", rng.choice([f"a {rng.choice(COLOURS)} {two}", f"{rng.choice(NUMBERS)} {one}", f"a {one} {rng.choice(RELATIONS)} a {two}"]))
    add_frequent_words(corpus, rng)
    rng.shuffle(corpus.rows)
    # Behind the others, so that what was computed for those stays.
    for texts, count in zip(wordnet.sentences(), (EXAMPLES, DEFINITIONS)):
        for text in rng.sample(texts, count):
            corpus.add("d", text)
    return corpus.rows


def write(path: Path, rows: list[dict[str, str]], columns: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, delimiter="\t", quoting=csv.QUOTE_NONE, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def write_tables(folder: Path, rows: list[dict[str, str]]) -> None:
    """pairs.tsv for hearsight, batch.tsv for speak.py."""
    write(folder / "pairs.tsv", rows, ["image", "audio", "text", "language", "voice", "split"])
    write(folder / "batch.tsv", [{**row, "id": Path(row["audio"]).stem} for row in rows], ["id", "voice", "text"])
    print(f"{len(rows)} clips, {len({row['text'] for row in rows})} different phrases, {len({row['voice'] for row in rows})} voices")


def speak(options: argparse.Namespace) -> int:
    """Speaks batch.tsv into wavs/, in speak.py's own virtual environment; without --speak does nothing."""
    if not options.speak:
        return 0
    python = options.speak.parent / "venv/bin/python"
    command = [str(python if python.exists() else sys.executable), str(options.speak), "--batch", str(options.out / "batch.tsv")]
    return subprocess.run([*command, "--out", str(options.out / "wavs"), "--jobs", str(options.jobs)]).returncode


def options_of(description: str | None, more: Callable[[argparse.ArgumentParser], object] | None = None) -> argparse.Namespace:
    """The options of a script that makes speech, and those that `more` adds; the folder to write to is made."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with gallery/, flickr8k/ and weights/")
    parser.add_argument("--out", type=Path, required=True, help="folder of the corpus")
    parser.add_argument("--speak", type=Path, help="speak.py, run with its own virtual environment")
    parser.add_argument("--jobs", type=int, default=2)
    if more:
        more(parser)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    options.data, options.out = options.data.resolve(), options.out.resolve()
    return options


def main() -> int:
    captioned = lambda parser: parser.add_argument("--captioned", action="store_true", help="only what is said about a picture")
    options = options_of(__doc__, captioned)
    rows = collect(options.data, options.out)
    write_tables(options.out, [row for row in rows if row["image"]] if options.captioned else rows)
    return speak(options)


if __name__ == "__main__":
    sys.exit(main())
