"""Pictures as the network sees them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 224
# The views of each to learn from.
PHOTOGRAPH, DRAWING = ["plain", "mirrored"], ["plain"]


def on_white(path: Path) -> Image.Image:
    """As src/picture does it."""
    picture = Image.open(path).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def pixels(picture: Image.Image, side: int = SIDE) -> np.ndarray:
    """Squashed to a square (Catmull-Rom), around zero: `[1, 3, side, side]`."""
    if picture.size != (side, side):
        picture = picture.resize((side, side), Image.Resampling.BICUBIC)
    return (np.asarray(picture, np.float32).transpose(2, 0, 1)[None] - 127) / 128
