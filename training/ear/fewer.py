#!/usr/bin/env python3
"""Leaves out the units of a reader that occur least, where a file must be smaller.

    fewer.py --out data/ear --pieces data/ear/student-pieces.json --reader data/ear/runs/student.safetensors --units 1390 --name small-student

Writes NAME.safetensors and NAME-pieces.json, which names the units that are left and no longer spells.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from words import counted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--pieces", type=Path, required=True)
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--units", type=int, required=True)
    parser.add_argument("--name", required=True)
    options = parser.parse_args()
    pieces, use = Tokenizer.from_file(str(options.pieces)), Counter()
    for word, count in counted(options.out).items():
        use.update({unit: count for unit in pieces.encode(word).ids})
    left = sorted(sorted(range(pieces.get_vocab_size()), key=lambda unit: -use[unit])[: options.units])
    weights, logits = load_file(options.reader), torch.tensor([0, *(unit + 1 for unit in left)])
    weights |= {name: weights[name][logits] for name in ("units.weight", "units.bias")} | {"meanings": weights["meanings"][left]}
    save_file(weights, options.out / f"{options.name}.safetensors")
    vocabulary = {pieces.id_to_token(unit): n for n, unit in enumerate(left)}
    (options.out / f"{options.name}-pieces.json").write_text(json.dumps({"model": {"vocab": vocabulary}}, ensure_ascii=False), encoding="utf-8")
    print(f"{len(left)} units are left; the rarest of them occurs {min(use[unit] for unit in left):.0f} times")


if __name__ == "__main__":
    main()
