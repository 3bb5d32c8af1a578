"""Words that may stand in another word's place, and sentences around words, from WordNet 3.0 (Debian package
wordnet-base) and word frequencies.

Captions know few words; people know many. A caption with some of its words replaced by synonyms, hypernyms and
sisters is still a sentence, its sentence embedding is known, and it is spoken about things that no caption named.
"""

from __future__ import annotations

import random
import re
from functools import cache
from pathlib import Path

from wordfreq import zipf_frequency

FOLDER = Path("/usr/share/wordnet")
# Once in about 2.5 million words: rarer ones are seldom said, and synthetic voices stumble over them.
RAREST = 2.6
VOWELS = "aeiou"
# Pointer symbols of the database (wninput(5WN)): hypernym, hyponym, similar adjective.
HYPERNYM, HYPONYM, SIMILAR = "@", "~", "&"
# What can be seen: files of the lexicographers (lexnames(5WN)) for animals, artefacts, bodies, food, objects, persons, plants,
# contact, motion and weather.
VISIBLE = set("05 06 08 13 17 18 20 35 38 43".split())
KEPT = set("while very some other same own more most many such one two three four five six".split())


class WordNet:
    """The first (most frequent) sense of each word, and what it points to."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.senses: dict[tuple[str, str], tuple[int, str]] = {}
        self.data = {pos: (folder / f"data.{pos}").read_bytes() for pos in ("noun", "verb", "adj")}
        for pos in self.data:
            for line in (folder / f"index.{pos}").read_text().splitlines():
                if line.startswith(" "):
                    continue
                lemma, *fields = line.split()
                pointers = int(fields[2])
                tagged, first = int(fields[4 + pointers]), fields[5 + pointers]
                self.senses[pos, lemma] = (tagged, first)

    @cache
    def synset(self, pos: str, offset: str) -> tuple[list[str], list[tuple[str, str]]]:
        """Lemmas and (symbol, offset) pointers within the same part of speech."""
        start = int(offset)
        fields = self.data[pos][start : self.data[pos].index(b"\n", start)].decode().split(" | ")[0].split()
        words = int(fields[3], 16)
        lemmas = [fields[4 + 2 * n].split("(")[0].replace("_", " ") for n in range(words)]
        rest = fields[5 + 2 * words :]
        pointers = [(rest[n], rest[n + 1]) for n in range(0, len(rest) - 3, 4) if rest[n + 2] in "nvas" and pos[0] == rest[n + 2].replace("s", "a")]
        return lemmas, pointers

    def base(self, word: str) -> tuple[str, str, str]:
        """Part of speech, lemma and inflection ("", "s", "ing") of a word as it stands in a caption, or blanks."""
        options = []
        if word.endswith("ing"):
            stem = word[:-3]
            doubled = stem[:-1] if len(stem) > 2 and stem[-1] == stem[-2] else stem
            options += [("verb", lemma, "ing") for lemma in (stem, stem + "e", doubled)]
        elif word.endswith("s") and not word.endswith("ss"):
            stems = [word[:-1], word[:-3] + "y" if word.endswith("ies") else word[:-1], word[:-2] if word.endswith("es") else word[:-1]]
            options += [(pos, lemma, "s") for pos in ("noun", "verb") for lemma in stems]
        options += [(pos, word, "") for pos in ("noun", "adj")]
        known = [(self.senses[pos, lemma][0], pos, lemma, ending) for pos, lemma, ending in options if (pos, lemma) in self.senses]
        return max(known)[1:] if known else ("", "", "")

    @cache
    def related(self, word: str) -> list[str]:
        """Synonyms, hypernyms, hyponyms and sisters in the word's own inflection, none of them rare."""
        pos, lemma, ending = self.base(word)
        if not pos or word in KEPT:
            return []
        lemmas, pointers = self.synset(pos, self.senses[pos, lemma][1])
        found = list(lemmas) * 3
        for symbol, offset in pointers:
            if symbol in (HYPERNYM, HYPONYM, SIMILAR):
                more, further = self.synset(pos, offset)
                found += more * (2 if symbol != HYPONYM else 1)
                if symbol == HYPERNYM:
                    for sister_symbol, sister in further:
                        found += self.synset(pos, sister)[0] if sister_symbol == HYPONYM else []
        found = [inflect(lemma.lower(), ending) for lemma in found if lemma.replace(" ", "").isalpha() and lemma.islower()]
        return [other for other in found if other != word and other.count(" ") < 2 and min(zipf_frequency(w, "en") for w in other.split()) >= RAREST]

    def vary(self, text: str, share: float, rng: random.Random) -> str:
        """The text with about this share of the words that have relatives replaced; empty when none was."""
        words = text.split()
        varied = list(words)
        for index, word in enumerate(words):
            if len(word) > 2 and rng.random() < share and (others := self.related(word)):
                varied[index] = rng.choice(others)
        return "" if varied == words else " ".join(varied)

    def sentences(self) -> tuple[list[str], list[str]]:
        """The examples of how words are used, and the definitions of what can be seen: 3 to 12 words, none rare."""
        examples, definitions = set(), set()
        for data in self.data.values():
            for line in data.decode().splitlines():
                if line.startswith(" "):
                    continue
                synset, gloss = line.split(" | ", 1)
                examples.update(re.findall(r'"([^"]+)"', gloss))
                if synset.split()[1] in VISIBLE:
                    definitions.add(re.sub(r"\([^)]*\)", "", gloss.split('"')[0]).split(";")[0])
        return common(examples), common(definitions)


def common(texts: set[str]) -> list[str]:
    """The sayable ones among some texts, in a fixed order."""
    clean = {re.sub(r"\s+", " ", re.sub(r"[^a-z0-9' -]", " ", text.lower())).strip(" '-") for text in texts}
    words = {text: re.split(r"[ -]", text) for text in clean if re.fullmatch(r"[a-z' -]+", text) and 3 <= len(text.split()) <= 12}
    return sorted(text for text in words if min(zipf_frequency(word, "en") for word in words[text] if word) >= RAREST)


def inflect(lemma: str, ending: str) -> str:
    """The plural or third person ("s"), or the "ing" form, by the common rules."""
    if ending == "ing":
        first, *rest = lemma.split()
        if first.endswith("e") and not first.endswith("ee"):
            first = first[:-1]
        elif len(first) > 2 and first[-1] not in VOWELS + "wxy" and first[-2] in VOWELS and first[-3] not in VOWELS and len(first) < 5:
            first += first[-1]
        return " ".join([first + "ing", *rest])
    if ending == "s":
        if lemma.endswith("y") and lemma[-2:-1] not in VOWELS:
            return lemma[:-1] + "ies"
        return lemma + ("es" if lemma.endswith(("s", "x", "ch", "sh")) else "s")
    return lemma
