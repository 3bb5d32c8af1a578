"""Whisper tiny.en's encoder as it ships (int4 and int8), in PyTorch: 16 kHz samples -> frames, 25 a second, 384 numbers each."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

sys.path.append(str(Path(__file__).resolve().parent.parent))
from weight_file import weights_of  # noqa: E402

HEADS, WIDTH = 6, 384


def mel_filters(bands: int = 80, rate: int = 16_000, window: int = 400) -> torch.Tensor:
    """Slaney's mel filters, as librosa and Whisper have them."""
    bins = np.linspace(0, rate / 2, window // 2 + 1)
    to_mel = lambda f: np.where(f >= 1000, 15 + np.log(np.maximum(f, 1e-9) / 1000) / (np.log(6.4) / 27), f * 3 / 200)
    to_hertz = lambda m: np.where(m >= 15, 1000 * np.exp((np.log(6.4) / 27) * (m - 15)), m * 200 / 3)
    points = to_hertz(np.linspace(to_mel(np.float64(0)), to_mel(np.float64(rate / 2)), bands + 2))
    widths, slopes = np.diff(points), points[:, None] - bins[None]
    filters = np.maximum(0, np.minimum(-slopes[:-2] / widths[:-1, None], slopes[2:] / widths[1:, None]))
    return torch.tensor(filters * (2 / (points[2:] - points[:-2]))[:, None], dtype=torch.float32)


FILTERS, WINDOW = mel_filters(), torch.hann_window(400)


def log_mel(samples: torch.Tensor) -> torch.Tensor:
    """[batch, samples] -> [batch, 80, frames], 100 a second; the clip's own maximum bounds it."""
    power = torch.stft(samples, 400, 160, window=WINDOW, center=True, pad_mode="reflect", return_complex=True)[..., :-1].abs() ** 2
    mel = torch.clamp(FILTERS @ power, min=1e-10).log10()
    return (torch.maximum(mel, mel.amax((1, 2), keepdim=True) - 8) + 4) / 4


def positions(count: int) -> torch.Tensor:
    scale = np.log(10_000) / (WIDTH // 2 - 1)
    angles = torch.arange(count)[:, None] * torch.exp(-scale * torch.arange(WIDTH // 2))[None]
    return torch.cat([angles.sin(), angles.cos()], 1)


class Encoder:
    """The frozen encoder of a file of speech weights, all of it or its first `blocks`."""

    def __init__(self, path: Path, blocks: int = 4) -> None:
        self.w = {n.removeprefix("encoder."): t for n, t in weights_of(path).items() if n.startswith("encoder.")}
        self.blocks = blocks

    def linear(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, self.w[f"{name}.weight"], self.w.get(f"{name}.bias"))

    def norm(self, name: str, x: torch.Tensor) -> torch.Tensor:
        return F.layer_norm(x, (WIDTH,), self.w[f"{name}.weight"], self.w[f"{name}.bias"])

    def block(self, name: str, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        batch, count, _ = x.shape
        split = lambda part, y: self.linear(f"{name}.attn.{part}", y).view(batch, count, HEADS, -1).transpose(1, 2)
        y = self.norm(f"{name}.attn_ln", x)
        y = F.scaled_dot_product_attention(split("query", y), split("key", y), split("value", y), attn_mask=mask)
        x = x + self.linear(f"{name}.attn.out", y.transpose(1, 2).reshape(batch, count, WIDTH))
        return x + self.linear(f"{name}.contract", F.gelu(self.linear(f"{name}.expand", self.norm(f"{name}.mlp_ln", x))))

    def layers(self, mel: torch.Tensor, mask: torch.Tensor) -> list[torch.Tensor]:
        """[batch, 80, frames] -> what comes out of each block, [batch, frames / 2, 384]; mask [batch, frames / 2] is true on what counts."""
        x = F.gelu(F.conv1d(mel, self.w["conv1.weight"], self.w["conv1.bias"], padding=1))
        x = F.gelu(F.conv1d(x, self.w["conv2.weight"], self.w["conv2.bias"], stride=2, padding=1)).transpose(1, 2)
        x, found = x + positions(x.shape[1]), []
        for number in range(self.blocks):
            x = self.block(f"blocks.{number}", x, mask[:, None, None])
            found.append(x)
        return found

    @torch.no_grad()
    def frames(self, clips: list[np.ndarray], which: tuple[int, ...] = (4,)) -> list[list[np.ndarray]]:
        """For each clip, the frames after each block of `which`, normed and averaged in pairs, f16 [count, 384]."""
        length = (max(map(len, clips)) + 639) // 640 * 640
        batch = torch.zeros(len(clips), length)
        for row, clip in enumerate(clips):
            batch[row, : len(clip)] = torch.from_numpy(clip)
        counts = torch.tensor([len(clip) // 640 * 2 for clip in clips])
        # Each clip's own loudest moment bounds it, as when it is alone: padding is silence, never louder.
        mel = log_mel(batch)
        mask = torch.arange(mel.shape[2] // 2)[None] < counts[:, None]
        layers = self.layers(mel, mask)
        pooled = [self.norm("ln_post", layers[n - 1]) for n in which]
        pooled = [(x[:, 0::2] + x[:, 1::2]) / 2 for x in pooled]
        return [[x[row, : int(counts[row]) // 2].half().numpy() for x in pooled] for row in range(len(clips))]
