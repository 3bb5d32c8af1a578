#!/usr/bin/env python3
"""The mean of the weights of several runs, which hears better than each of them (Wortsman et al. 2022, model soups).

    average.py data/ear/runs/mean.safetensors data/ear/runs/reader3.safetensors data/ear/runs/reader4.safetensors

The runs must go on from one another, or from the same weights.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file


def main() -> int:
    if len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    out, *runs = map(Path, sys.argv[1:])
    weights = [load_file(run) for run in runs]
    save_file({name: torch.stack([w[name].float() for w in weights]).mean(0) for name in weights[0]}, out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
