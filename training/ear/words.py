#!/usr/bin/env python3
"""Gives a reader whole words as units, in the place of pieces that hardly occur.

    words.py --out data/ear --pieces data/ear/pieces.json --reader data/ear/runs/reader.safetensors --units 5980 --name words
    words.py --out data/ear --pieces data/ear/pieces.json --width 192 --hidden 384 --pieces-kept 420 --units 1600 --name student

A word that is one unit is read far more often than one of the same frequency that is several: at 12.5 moments a second they hardly
fit. Reads shards/ and texts.safetensors below --out; writes NAME-pieces.json, and NAME.safetensors to go on from (`train.py --from`):
a new word begins as the mean of its pieces, and its meaning is fitted on texts first; without --reader all of it begins so. Held-out
texts choose no word.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from network import UnitReader
from train import clean, held_out, rows_of

# A piece that occurs less often makes room for a word.
RARE = 12
# What is said of a picture counts whole; words alone and sentences about anything else count less.
OTHERWISE = 0.5
STEPS, BATCH = 1500, 512


def counted(out: Path) -> Counter[str]:
    """How often each word is said."""
    words: Counter[str] = Counter()
    for shard in sorted((out / "shards").glob("*.tsv")):
        for row in rows_of(shard):
            if not held_out(row["text"]):
                weight = 1.0 if row["image"] or len(row["text"].split()) > 4 else OTHERWISE
                words.update({word: weight * n for word, n in Counter(row["text"].split()).items()})
    return words


def first_pieces(pieces: dict, count: int) -> dict:
    """The same BPE with its first pieces alone."""
    vocabulary = {piece: unit for piece, unit in pieces["model"]["vocab"].items() if unit < count}
    merges = [merge for merge in pieces["model"]["merges"] if "".join(merge) in vocabulary]
    return pieces | {"model": pieces["model"] | {"vocab": vocabulary, "merges": merges}}


def with_words(pieces: dict, words: Counter[str], units: int) -> dict:
    """The same BPE with whole words among its units; what is no unit is still spelled by merges."""
    model, spell = dict(pieces["model"]), Tokenizer.from_str(json.dumps(pieces))
    split = {word: [spell.id_to_token(unit) for unit in spell.encode(word).ids] for word in words}
    by_count = sorted((word for word in words if len(split[word]) > 1 and len(word) > 1), key=lambda word: (-words[word], word))
    kept, merges = dict(model["vocab"]), [tuple(merge) for merge in model["merges"]]
    while True:
        added = set(by_count[: units - len(kept)])
        use: Counter[str] = Counter()
        for word, parts in split.items():
            if word not in added:
                use.update({part: words[word] for part in parts})
        inputs = Counter(part for merge in merges for part in merge)
        gone = {"".join(merge) for merge in merges if use["".join(merge)] < RARE and not inputs["".join(merge)]}
        if not gone:
            break
        merges = [merge for merge in merges if "".join(merge) not in gone]
        kept = {piece: unit for piece, unit in kept.items() if piece not in gone}
    order = [*sorted(kept, key=kept.get), *(f"▁{word}" for word in by_count if word in added)]
    model |= {"vocab": {piece: unit for unit, piece in enumerate(order)}, "merges": [list(merge) for merge in merges], "ignore_merges": True}
    return pieces | {"model": model}


def begun(weights: dict[str, torch.Tensor], old: Tokenizer, new: Tokenizer) -> tuple[dict[str, torch.Tensor], list[int]]:
    """Rows of the tables for the new units, and which of them are words that were none before."""
    vocabulary = old.get_vocab()
    parts = [[vocabulary[piece]] if piece in vocabulary else old.encode(piece.removeprefix("▁")).ids for piece in map(new.id_to_token, range(new.get_vocab_size()))]
    mean = lambda table, first: torch.stack([table[[first + part for part in row]].mean(0) for row in parts])
    weights["units.weight"] = torch.cat([weights["units.weight"][:1], mean(weights["units.weight"], 1)])
    weights["units.bias"] = torch.cat([weights["units.bias"][:1], mean(weights["units.bias"][:, None], 1)[:, 0]])
    weights["meanings"] = torch.stack([weights["meanings"][row].sum(0) for row in parts])
    return weights, [unit for unit, row in enumerate(parts) if len(row) > 1]


def fit(meanings: torch.Tensor, fresh: list[int], texts: list[list[int]], targets: torch.Tensor) -> torch.Tensor:
    """Moves the meanings of fresh units until the sum of a text's meanings is near the text's embedding."""
    is_fresh = torch.zeros(len(meanings), 1)
    is_fresh[fresh] = 1
    rows = [n for n, text in enumerate(texts) if any(is_fresh[unit] for unit in text)]
    moved = torch.zeros_like(meanings, requires_grad=True)
    optimiser = torch.optim.Adam([moved], 0.01)
    for step in range(STEPS):
        optimiser.param_groups[0]["lr"] = 0.01 * (1 - step / STEPS)
        batch = random.sample(rows, BATCH)
        flat, at = torch.tensor([unit for n in batch for unit in texts[n]]), [0]
        for n in batch[:-1]:
            at.append(at[-1] + len(texts[n]))
        vectors = F.normalize(F.embedding_bag(flat, meanings + moved * is_fresh, torch.tensor(at), mode="sum"), dim=-1)
        wanted = targets[batch]
        near = (wanted @ wanted.T > 0.95) & ~torch.eye(BATCH, dtype=torch.bool)
        scores = (20 * vectors @ wanted.T).masked_fill(near, -1e4)
        loss = F.cross_entropy(scores, torch.arange(BATCH)) + 3 * (1 - (vectors * wanted).sum(1)).mean() + 0.02 * moved[fresh].square().sum(1).mean()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        if step % 300 == 0:
            print(f"meanings, step {step}: {loss.item():.3f}", flush=True)
    return meanings + (moved * is_fresh).detach()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pieces", type=Path, required=True)
    parser.add_argument("--reader", type=Path, help="whose units get the words; without it a new reader begins")
    parser.add_argument("--units", type=int, default=5980)
    parser.add_argument("--pieces-kept", type=int, help="so many of the first pieces alone")
    parser.add_argument("--width", type=int, default=384, help="of a new reader")
    parser.add_argument("--hidden", type=int, help="width of its hidden layers")
    parser.add_argument("--name", default="words")
    options = parser.parse_args()
    torch.manual_seed(1)
    random.seed(1)
    torch.set_num_threads(1)
    old = Tokenizer.from_file(str(options.pieces))
    pieces = json.loads(options.pieces.read_text(encoding="utf-8"))
    pieces = with_words(first_pieces(pieces, options.pieces_kept or old.get_vocab_size()), counted(options.out), options.units)
    path = options.out / f"{options.name}-pieces.json"
    path.write_text(json.dumps(pieces, ensure_ascii=False), encoding="utf-8")
    new = Tokenizer.from_file(str(path))
    if options.reader:
        weights, fresh = begun({name: tensor.float() for name, tensor in load_file(options.reader).items()}, old, new)
    else:
        weights, fresh = UnitReader(new.get_vocab_size(), width=options.width, hidden=options.hidden).state_dict(), list(range(new.get_vocab_size()))
    with safe_open(options.out / "texts.safetensors", "pt") as file:
        embeddings = F.normalize(file.get_tensor("embeddings").float(), dim=-1)
        names = file.metadata()["texts"].split("\n")
    heard = {row["text"] for shard in (options.out / "shards").glob("*.tsv") for row in rows_of(shard) if not held_out(row["text"])}
    learned = [n for n, name in enumerate(names) if name in heard and clean(name)]
    spelled = [encoding.ids for encoding in new.encode_batch([names[n] for n in learned])]
    weights["meanings"] = fit(weights["meanings"], fresh, spelled, embeddings[learned])
    save_file({name: tensor.half().contiguous() for name, tensor in weights.items()}, options.out / f"{options.name}.safetensors")
    print(f"{new.get_vocab_size()} units, {len(fresh)} of them new words: {path}")


if __name__ == "__main__":
    main()
