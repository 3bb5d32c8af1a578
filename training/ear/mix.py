#!/usr/bin/env python3
"""How the unit reader and the whole-clip reader add up: chosen on captions that neither of them learned, told of the dev sets.

    mix.py --out data/ear --reader data/ear/runs/reader.safetensors --network www/models/speech.safetensors

The vector of a clip is unit_length(reader + share * head); the head's answers keep their lengths, by which they weigh. Prints R@10
of held-out texts among all texts for each share, and the dev sets' at the best. Those are captions of Flickr30k that are not
Flickr8k's: what the one reader does not learn, the other had learned among its own captions.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file
from tokenizers import Tokenizer

from encoder import weights_of
from network import UnitReader
from train import Clips, Dev, answers, clean, recall, rows_of

# Mean length of the head's answers on held-out captions (src/network/speech_head.rs).
USUAL_LENGTH = 27.7
SHARES = [0, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0]


def whole_clip(w: dict[str, torch.Tensor], frames: np.ndarray, index: np.ndarray) -> torch.Tensor:
    """src/network/speech_head.rs: [clips, 384]."""
    linear = lambda name, x: F.linear(x, w[f"head.{name}.weight"], w[f"head.{name}.bias"])
    norm = lambda name, x: F.layer_norm(x, (384,), w[f"head.{name}.weight"], w[f"head.{name}.bias"])
    vectors = []
    for start, count in index:
        x = F.silu(linear("frame", norm("norm", torch.from_numpy(frames[start : start + count].astype(np.float32)))))
        sums = linear("attention", x).softmax(0).T @ x
        pooled = norm("pooled_norm", torch.einsum("hf,hfw->hw", sums, w["head.values"]).flatten())
        vectors.append(linear("project", pooled + F.silu(linear("hidden", pooled))) / USUAL_LENGTH)
    return torch.stack(vectors)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--gallery", type=Path, default=Path("www/gallery"))
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--pieces", default="pieces.json")
    parser.add_argument("--network", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    with torch.no_grad(), safe_open(options.out / "texts.safetensors", "pt") as file:
        embeddings = F.normalize(file.get_tensor("embeddings").float(), dim=-1)
        texts = {text: n for n, text in enumerate(file.metadata()["texts"].split("\n"))}
        pieces = Tokenizer.from_file(str(options.out / options.pieces))
        reader, head = UnitReader.of(load_file(options.reader)), weights_of(options.network)

        def both(frames: np.ndarray, index: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
            return answers(reader, frames, index, pieces)[0], whole_clip(head, frames, index)

        clips = Clips(options.out, "whole", texts, pieces)
        clips.look()
        captions = lambda path: {clean(row["text"]) for row in rows_of(options.data / path)}
        new = captions("pictures/captions_flickr30k.tsv") - captions("flickr8k/captions_all8k.tsv")
        held = {item[3]: item for item in clips.held if item[3] in new}
        items = list(held.values())[:2000]
        frames = np.concatenate([clips.frames[n][at : at + count] for n, at, count, *_ in items])
        counts = np.array([item[2] for item in items])
        index = np.stack([np.cumsum(counts) - counts, counts], 1)
        pool, own = embeddings, torch.tensor([texts[item[3]] for item in items])
        units, whole = both(frames, index)
        found = {share: recall(F.normalize(units + share * whole, dim=-1), pool, own) for share in SHARES}
        print({share: round(value, 1) for share, value in found.items()}, "alone:", round(recall(whole, pool, own), 1))
        best = max(found, key=lambda share: found[share])
        dev = Dev(options.out, options.data, options.gallery, "whole", texts, embeddings)
        for name, (frames, index, own, _) in dev.sets.items():
            units, whole = both(frames, index)
            vectors = F.normalize(units + best * whole, dim=-1)
            print(name, "share", best, *(f"R@{k} {recall(vectors, pool, own, k):.1f}" for pool in (dev.alone, dev.lean) for k in (1, 10)))


if __name__ == "__main__":
    main()
