"""The weights that ship, as PyTorch has them."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load

GROUP = 32


def weights_of(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a weight file, packed or not, as f32: int8 with a scale a row, int4 with one for each 32 columns (src/network/weights.rs)."""
    content = path.read_bytes()
    file = load(gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content)
    tensors = {}
    for name, value in file.items():
        scale = file.get(f"{name}_scale")
        if value.dtype == np.int8:
            value = value.astype(np.float32) * scale.reshape(-1, *[1] * (value.ndim - 1))
        elif value.dtype == np.uint8:
            pairs = np.stack([value & 15, value >> 4], -1).reshape(value.shape[0], -1, GROUP).astype(np.float32) - 8
            value = (pairs * scale.astype(np.float32)[..., None]).reshape(value.shape[0], -1)
        tensors[name] = torch.from_numpy(np.ascontiguousarray(value, np.float32))
    return tensors
