#!/usr/bin/env python3
"""Gives the units of a reader what they mean when they are said alone.

    alone.py --out data/ear --pieces words-pieces.json --seen data/drawings/seen.npz --list data/ear/names.tsv
    alone.py --out data/ear --pieces words-pieces.json --seen data/drawings/seen.npz --texts data/ear/names.safetensors \
        --reader data/ear/runs/words.safetensors

What a word adds to a sentence is not what it means alone: the cosine of the two is 0.63. A unit that is a word has a quarter of the
one and three quarters of its own, as long as the first; other units keep what they have. Its own is half its sentence embedding, half
where pictures lie whose names mean about the same (a mean weighed by the names' embeddings: Nadaraya 1964); so a name finds drawings, of
which captions do not speak. How much of a word a unit is goes by the length of its meaning: what says little counts little.

Writes both into the reader's file (network.py, Alone). --seen is made by ../eye/see.py; --list writes the words and names whose
embeddings ../text_embeddings.py is to make.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from network import rounded
from train import clean

BEGINS = "▁"
# Chosen on held-out words by train voices: 0.5 to 0.75 find more of them among 29 812 texts than 0 and 1.
ITS_OWN = 0.75
# Chosen on 400 held-out pictures of known names: 26 % within ten at 0, 35 at 0.3, 37 at 0.5, 36 at 0.6; 20 and 80 are as sharp.
SEEN, SHARPNESS = 0.5, 40


def places_of(file: Path) -> dict[str, torch.Tensor]:
    """Where the pictures of each name lie: the mean of their vectors, [384], of length one."""
    seen = np.load(file)
    pictures: dict[str, set[int]] = {}
    for text, picture in zip(seen["texts"], seen["picture"]):
        pictures.setdefault(clean(str(text)), set()).add(int(picture))
    vectors = torch.from_numpy(seen["vectors"])
    return {name: F.normalize(vectors[sorted(numbers)].mean(0), dim=0) for name, numbers in sorted(pictures.items())}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pieces", required=True)
    parser.add_argument("--seen", type=Path, required=True)
    parser.add_argument("--texts", type=Path)
    parser.add_argument("--reader", type=Path)
    parser.add_argument("--list", type=Path, help="write the words and names, one a line, and nothing else")
    options = parser.parse_args()
    pieces = Tokenizer.from_file(str(options.out / options.pieces))
    units = [pieces.id_to_token(unit) for unit in range(pieces.get_vocab_size())]
    words = [unit.removeprefix(BEGINS) if unit.startswith(BEGINS) else "" for unit in units]
    places = places_of(options.seen)
    if options.list:
        options.list.write_text("\n".join(["text", *sorted({*words, *places} - {""}), ""]), encoding="utf-8")
        return
    with safe_open(options.texts, "pt") as file:
        embeddings = dict(zip(file.metadata()["texts"].split("\n"), F.normalize(file.get_tensor("embeddings").float(), dim=-1)))
    known = [name for name in places if name in embeddings]
    names, lie = (torch.stack([of[name] for name in known]) for of in (embeddings, places))
    tensors = {name: tensor for name, tensor in load_file(options.reader).items() if not name.startswith("alone.")}
    meanings = tensors["meanings"].float()
    length = meanings.norm(dim=1)
    is_word = torch.tensor([word in embeddings for word in words])
    own = torch.stack([embeddings.get(word, torch.zeros(meanings.shape[1])) for word in words])
    seen = F.normalize((SHARPNESS * own @ names.T).softmax(-1) @ lie, dim=-1)
    own = F.normalize((1 - SEEN) * own + SEEN * seen, dim=-1) * length[:, None]
    alone = torch.where(is_word[:, None], (1 - ITS_OWN) * meanings + ITS_OWN * own, meanings)
    begins = torch.tensor([unit.startswith(BEGINS) for unit in units])
    tensors |= {"alone.meanings": rounded(alone, True), "alone.words": length * begins / length[is_word].mean()}
    save_file({name: tensor.half().contiguous() for name, tensor in tensors.items()}, options.reader)
    print(f"{int(is_word.sum())} of {len(units)} units are words, {len(names)} names of pictures are known")


if __name__ == "__main__":
    main()
