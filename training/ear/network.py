"""The unit reader in PyTorch, as src/network/unit_reader.rs has it, with the loss that trains it.

frames [batch, frames, 384], 25 a second -> stacked pairs, 12.5 a second -> blocks -> 5981 logits a moment (unit 0 is the blank)
-> the meanings of the units, summed by their probability -> a unit vector of 384 numbers. A clip of one word and no more has the
meanings that units have alone, where there are some (alone.py). Names of tensors are the shipped file's.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

WIDTH, HEAD_WIDTH, GROUP = 384, 64, 32
# Tables and wide layers are stored as int4 with a scale for each 32 columns, other matrices as int8 with one a row.
WIDE = ("mlp_up", "mlp_down", "units", "meanings")


def rounded(w: torch.Tensor, wide: bool) -> torch.Tensor:
    """What is left of a matrix in the shipped file; the gradient passes as if nothing had happened (Bengio et al. 2013)."""
    flat = w.reshape(w.shape[0], -1, GROUP) if wide else w.reshape(w.shape[0], 1, -1)
    scale = flat.detach().abs().amax(-1, keepdim=True).clamp(min=1e-8) / (7 if wide else 127)
    if wide:
        scale = scale.half().float()
    near = (flat.detach() / scale).round().clamp(-7 if wide else -127, 7 if wide else 127) * scale
    return (flat + (near - flat.detach())).reshape(w.shape)


class RoundedLinear(nn.Linear):
    wide = False

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.linear(x, rounded(self.weight, self.wide), self.bias)


class WideLinear(RoundedLinear):
    wide = True


class Block(nn.Module):
    """Depthwise convolution over 5 moments, self-attention, MLP; each with a norm before it and a residual around it."""

    def __init__(self, width: int, heads: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.conv_norm, self.attention_norm, self.mlp_norm = (nn.LayerNorm(width) for _ in range(3))
        self.conv = nn.Conv1d(width, width, 5, padding=2, groups=width)
        self.qkv, self.attention_out = RoundedLinear(width, 3 * width), RoundedLinear(width, width)
        self.mlp_up, self.mlp_down = WideLinear(width, hidden), WideLinear(hidden, width)

    def forward(self, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        batch, count, width = x.shape
        x = x + self.conv((self.conv_norm(x) * mask[..., None]).transpose(1, 2)).transpose(1, 2)
        q, k, v = self.qkv(self.attention_norm(x)).view(batch, count, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        y = F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None])
        y = self.attention_out(y.transpose(1, 2).reshape(batch, count, width))
        x = x + F.dropout(y, self.dropout, self.training)
        return x + F.dropout(self.mlp_down(F.gelu(self.mlp_up(self.mlp_norm(x)))), self.dropout, self.training)


class Alone(nn.Module):
    """What units mean when they are said alone, and how much of a word each of them is; both stand still."""

    # Words up to which a clip is one word alone, and from which on it is a sentence.
    ALONE, SENTENCE = 1, 1.5

    def __init__(self, meanings: torch.Tensor, words: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("meanings", meanings)
        self.register_buffer("words", words)

    def share(self, said: torch.Tensor) -> torch.Tensor:
        """How often units were said, [batch, units] -> how far that is one word and no more, [batch, 1]."""
        return ((self.SENTENCE - said @ self.words) / (self.SENTENCE - self.ALONE)).clamp(0, 1)[:, None]


class UnitReader(nn.Module):
    def __init__(
        self, units: int = 5980, blocks: int = 2, width: int = WIDTH, heads: int | None = None, hidden: int | None = None, dropout: float = 0.1
    ) -> None:
        super().__init__()
        heads, hidden = heads or width // HEAD_WIDTH, hidden or 4 * width
        self.stack_norm, self.stack = nn.LayerNorm(2 * WIDTH), RoundedLinear(2 * WIDTH, width)
        self.blocks = nn.ModuleList(Block(width, heads, hidden, dropout) for _ in range(blocks))
        self.norm, self.units = nn.LayerNorm(width), WideLinear(width, units + 1)
        self.meanings = nn.Parameter(torch.randn(units, WIDTH) * 0.05)
        self.residual, self.residual_attention = RoundedLinear(width, WIDTH), nn.Linear(width, 1)
        self.gain, self.residual_gain = nn.Parameter(torch.tensor(1.0)), nn.Parameter(torch.tensor(0.1))
        self.alone: Alone | None = None

    @classmethod
    def of(cls, weights: dict[str, torch.Tensor]) -> UnitReader:
        """A reader with these tensors, as large as they are."""
        blocks = len({name.split(".")[1] for name in weights if name.startswith("blocks.")})
        reader = cls(len(weights["meanings"]), blocks, len(weights["stack.bias"]), hidden=len(weights["blocks.0.mlp_up.bias"]))
        if "alone.words" in weights:
            reader.alone = Alone(weights["alone.meanings"].float(), weights["alone.words"].float())
        reader.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
        return reader

    def forward(self, frames: torch.Tensor, counts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """[batch, frames, 384] and how many frames count -> unit vectors [batch, 384], log-probabilities [batch, moments, units + 1], moments."""
        batch, count, width = frames.shape
        count //= 2
        x = frames[:, : 2 * count].reshape(batch, count, 2 * width)
        counts = (counts // 2).clamp(min=1)
        mask = torch.arange(count)[None] < counts[:, None]
        x = self.stack(self.stack_norm(x))
        for block in self.blocks:
            x = block(x, mask)
        x = self.norm(x)
        log_probabilities = self.units(x).log_softmax(-1)
        probabilities = (log_probabilities.exp()[..., 1:] * mask[..., None]).sum(1)
        weights = self.residual_attention(x).squeeze(-1).masked_fill(~mask, -1e4).softmax(1)
        residual = self.residual((weights[..., None] * x).sum(1))
        vector = probabilities @ rounded(self.meanings, True) * self.gain + residual * self.residual_gain * 4
        if self.alone is not None:
            share = self.alone.share(probabilities)
            vector = (1 - share) * vector + share * (probabilities @ self.alone.meanings * self.gain)
        return F.normalize(vector, dim=-1), log_probabilities, counts


def loss(
    vectors: torch.Tensor, log_probabilities: torch.Tensor, counts: torch.Tensor,
    targets: torch.Tensor, others: torch.Tensor, spelled: list[list[int]],
) -> tuple[torch.Tensor, torch.Tensor]:
    """InfoNCE among the batch's texts and `others`, and cosine to the clip's text; CTC on the pieces of what was said.

    targets [batch, 384] and others [texts, 384] are unit vectors of texts; `spelled` are pieces, from 0.
    """
    candidates = torch.cat([targets, others])
    same = targets @ candidates.T
    scores = 20 * vectors @ candidates.T
    own = torch.arange(len(targets))
    # The same text, or nearly, said by another voice is no wrong answer.
    near = (same > 0.95).index_put((own, own), torch.tensor(False))
    to_text = F.cross_entropy(scores.masked_fill(near, -1e4), own) + 3 * (1 - (vectors * targets).sum(1)).mean()
    lengths = torch.tensor([min(len(s), int(c)) for s, c in zip(spelled, counts)])
    flat = torch.tensor([unit + 1 for s, n in zip(spelled, lengths) for unit in s[:n]])
    ctc = F.ctc_loss(log_probabilities.transpose(0, 1), flat, counts, lengths, blank=0, zero_infinity=True)
    return to_text, ctc
