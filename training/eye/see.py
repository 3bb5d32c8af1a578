#!/usr/bin/env python3
"""What the picture network that ships sees in the pictures of a table.

    see.py --pairs data/drawings/pairs.tsv --network www/models/picture.safetensors --out data/drawings/seen.npz

Writes `texts`, one a row of the table, `picture`, the number of its picture, and `vectors` [pictures, 384], of length 1.
"""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

import numpy as np
import torch

from network import answer
from views import on_white, pixels

sys.path.append(str(Path(__file__).resolve().parent.parent))
from weight_file import weights_of  # noqa: E402


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--network", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    weights = weights_of(options.network)
    backbone, head = ({n.removeprefix(prefix): t for n, t in weights.items() if n.startswith(prefix)} for prefix in ("backbone.", "picture_head."))
    with options.pairs.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    files = list(dict.fromkeys(row["image"] for row in rows))
    number = {name: n for n, name in enumerate(files)}
    vectors = torch.cat([answer(backbone, head, torch.from_numpy(pixels(on_white(options.pairs.parent / name)))) for name in files])
    texts, picture = np.array([row["text"] for row in rows]), np.array([number[row["image"]] for row in rows])
    np.savez(options.out, texts=texts, picture=picture, vectors=vectors.numpy())


if __name__ == "__main__":
    main()
