#!/usr/bin/env python3
"""What the ear learns from: which text, by which voice. Writes shards of 2000 rows, each a fair sample of the whole.

    corpus.py --data ../shared/data --out data/ear

A row of `shards/NNN.tsv` is `text`, `voice`, `audio`, `image`: a synthetic voice speaks the text, or `audio` names a recording of a
person; `image` is the picture that the text is a caption of, where there is one. Only what may train is read: see the README
of the data. Needs Debian's wordnet-base and PyPI's wordfreq, as ../make_corpus.py does.
"""

from __future__ import annotations

import csv
import random
import re
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from make_corpus import ACCENTS, COLOURS, EDGES, NUMBERS, RELATIONS, VARIANTS, clean, options_of, read, sub_phrase  # noqa: E402
from related_words import VISIBLE, WordNet  # noqa: E402
from wordfreq import top_n_list, zipf_frequency  # noqa: E402

SEED = 20161205
SHARD = 2000
# So many shards come once more, by other voices.
AGAIN = 20
# Longer ones are paragraphs, not captions; a query ends at 20 seconds.
LONGEST = 22
# Shares of the training voices; the formant voices share theirs.
VOICES = {"pico-en-us": 16, "flite-slt": 17, "flite-rms": 17, "flite-kal": 9, "festival-kal": 8, "festival-slt": 5, "espeak": 28}
WARPS = [0.84, 0.9, 0.95, 1.0, 1.0, 1.0, 1.05, 1.1, 1.18, 1.26]
# How a visitor may begin.
OPENINGS = ["a photo of", "a picture of", "show me", "i want to see", "there is", "i see", "find", "this is", "look at", "where is"]
PICTURES = ["openstax", "coco", "siyavula", "recipes", "concadia"]


def voice(rng: random.Random) -> str:
    name = rng.choices(list(VOICES), list(VOICES.values()))[0]
    if name == "espeak":
        name = f"espeak-{rng.choice(ACCENTS)}-{rng.choice(VARIANTS)}"
    warp = rng.choice(WARPS)
    return name if warp == 1.0 else f"{name}@{warp}"


def concrete_nouns(wordnet: WordNet) -> list[str]:
    """Nouns that name what can be seen, as people use them: their most frequent sense is of a visible kind."""
    nouns = []
    for pos, lemma in wordnet.senses:
        if pos != "noun" or not re.fullmatch(r"[a-z]+(_[a-z]+)?", lemma):
            continue
        word = lemma.replace("_", " ")
        offset = int(wordnet.senses[pos, lemma][1])
        kind = wordnet.data["noun"][offset + 9 : offset + 11].decode()
        if kind in VISIBLE and zipf_frequency(word, "en") >= 2.9:
            nouns.append(word)
    return nouns


def queries(things: list[str], scenes: list[str], count: int, rng: random.Random) -> list[str]:
    """Short queries such as visitors say, around names of things and pieces of captions."""
    made = []
    for _ in range(count):
        one, two = rng.choice(things), rng.choice(things)
        article = "an" if one[0] in "aeiou" else "a"
        made.append(rng.choice([
            f"{rng.choice(OPENINGS)} {article} {one}", f"{article} {rng.choice(COLOURS)} {one}", f"{rng.choice(NUMBERS)} {one}s",
            f"{article} {one} {rng.choice(RELATIONS)} a {two}", f"{article} {one} and a {two}", f"{rng.choice(OPENINGS)} {rng.choice(scenes)}",
        ]))
    return made


def collect(data: Path) -> list[dict[str, str]]:
    rng = random.Random(SEED)
    rows: list[dict[str, str]] = []

    def add(texts: list[str] | list[tuple[str, str]], times: int = 1) -> None:
        for item in texts:
            text, image = item if isinstance(item, tuple) else (item, "")
            if text and len(text.split()) <= LONGEST:
                rows.extend({"text": text, "voice": voice(rng), "audio": "", "image": image} for _ in range(times))

    def train(path: Path) -> list[dict[str, str]]:
        return [row for row in read(path) if row["split"] == "train"]

    gallery = [(clean(r["text"]), f"gallery/{r['id']}") for r in train(data / "gallery/captions.tsv")]
    flickr = [(clean(r["text"]), f"flickr8k/{r['image']}") for r in train(data / "pictures/flickr8k/captions.tsv")]
    other = [
        (clean(r["text"]), f"{name}/{r['image']}") for name in PICTURES for r in read(data / f"pictures/{name}/captions.tsv")
    ]
    thirty = [clean(r["text"]) for r in read(data / "pictures/captions_flickr30k.tsv")]
    wordnet = WordNet()
    texts = [text for text, _ in gallery]

    add(gallery, 6)
    add([wordnet.vary(rng.choice(texts), rng.choice([0.3, 0.6]), rng) for _ in range(5000)])
    add([sub_phrase(text, rng) for text in texts * 4])
    add(rng.sample(flickr, 12000))
    add(other)
    add(rng.sample(thirty, 9000))
    add([sub_phrase(text, rng) for text in rng.sample(thirty, 5000)])
    add([wordnet.vary(rng.choice(thirty), 0.5, rng) for _ in range(4000)])

    names = {clean(n) for line in (data / "weights/imagenet_labels_1001.txt").read_text().splitlines()[1:] for n in line.split(",")}
    words = Counter(w for text in texts + thirty + [t for t, _ in flickr] for w in text.split() if len(w) > 2 and w not in EDGES)
    common = [w for w, count in words.items() if count >= 12]
    nouns = concrete_nouns(wordnet)
    things = sorted(names | set(nouns))
    add([f"{rng.choice(['a', 'the', '', ''])} {w}".strip() for w in things])
    add(common)
    add([w for w in top_n_list("en", 9000) if re.fullmatch(r"[a-z]{3,}", w)])
    add(queries(things + common, [sub_phrase(t, rng) for t in texts], 6000, rng))
    examples, _ = wordnet.sentences()
    add(rng.sample(examples, 4000))

    for name in ("speechocean762", "asterisk", "speech_commands"):
        for row in train(data / f"human/{name}/pairs.tsv"):
            text = clean(row["text"])
            if text and len(text.split()) <= LONGEST:
                rows.append({"text": text, "voice": "human", "audio": f"human/{name}/{row['audio']}", "image": ""})
    rng.shuffle(rows)
    return rows


def again(rows: list[dict[str, str]], rng: random.Random) -> list[dict[str, str]]:
    """The same texts by other voices; recordings of people stay as they are."""
    return [row if row["audio"] else row | {"voice": voice(rng)} for row in rows]


def write(rows: list[dict[str, str]], path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> int:
    options = options_of(__doc__)
    rows = collect(options.data)
    shards = options.out / "shards"
    shards.mkdir(exist_ok=True)
    parts = [rows[start : start + SHARD] for start in range(0, len(rows), SHARD)]
    for number, part in enumerate(parts):
        write(part, shards / f"{number:03d}.tsv")
    # What is heard twice is heard in two rooms: features.py changes each shard in its own way.
    rng = random.Random(SEED + 1)
    for number in range(AGAIN):
        write(again(parts[-1 - number], rng), shards / f"{100 + number}.tsv")
    print(f"{len(rows)} clips, {len({row['text'] for row in rows})} different texts")
    return 0


if __name__ == "__main__":
    sys.exit(main())
