#!/usr/bin/env python3
"""The same networks in ONNX Runtime, natively and on one thread, beside `cargo bench`: in turn, in one run.

    pip install torch==2.15.0 onnx onnxscript onnxruntime==1.30.0 safetensors numpy
    python benches/peers.py --out reports/engine.md
    python benches/peers.py --onnx FOLDER     only the ONNX files, for tests/e2e/measure-peers.js

The networks are read from what ships and written as ONNX with their weights in f32, as burn computes with them. Each round times every
bench of benches/engine.rs once and its peer once; the table has the median of the rounds and their ratio. Our figures of speech have
the log-mel frames in them, the peer's have not.
"""

from __future__ import annotations

import argparse
import functools
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import onnxruntime
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path += [str(ROOT / "training/ear"), str(ROOT / "training/eye")]
import importlib.util  # noqa: E402

from encoder import Encoder, weights_of  # noqa: E402

UNITS = {"ns": 1e-6, "µs": 1e-3, "ms": 1.0, "s": 1e3}
MOMENTS_OF_3_S = 300
# src/network/speech_head.rs
USUAL_LENGTH = 27.7


@functools.cache
def network_of(sense: str):
    """training/SENSE/network.py: two files of one name."""
    spec = importlib.util.spec_from_file_location(f"{sense}_network", ROOT / "training" / sense / "network.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Listener(torch.nn.Module):
    """Log-mel frames [1, 80, 300] -> [1, 75, 384]."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = Encoder(ROOT / "www/models/speech.safetensors")

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        x = self.encoder.layers(mel, torch.ones(1, mel.shape[2] // 2, dtype=torch.bool))[-1]
        x = self.encoder.norm("ln_post", x)
        return (x[:, 0::2] + x[:, 1::2]) / 2


class Hearer(torch.nn.Module):
    """Log-mel frames [1, 80, 300] -> [1, 384], as src/network/speech_tower.rs."""

    def __init__(self) -> None:
        super().__init__()
        weights = {n: t for n, t in weights_of(ROOT / "www/models/speech.safetensors").items() if not n.endswith("_scale")}
        below = lambda prefix: {n.removeprefix(prefix): t for n, t in weights.items() if n.startswith(prefix)}
        self.listener, self.head, reader = Listener(), below("head."), below("reader.")
        self.mix = reader.pop("mix")
        reader = {n: t.reshape(()) if n.endswith("gain") else t for n, t in reader.items()}
        self.reader = network_of("ear").UnitReader.of(reader)
        # The file's numbers are rounded already.
        network_of("ear").rounded = lambda w, wide: w

    def whole_clip(self, x: torch.Tensor) -> torch.Tensor:
        linear = lambda name, x: torch.nn.functional.linear(x, self.head[f"{name}.weight"], self.head[f"{name}.bias"])
        norm = lambda name, x: torch.nn.functional.layer_norm(x, (384,), self.head[f"{name}.weight"], self.head[f"{name}.bias"])
        silu = torch.nn.functional.silu
        x = silu(linear("frame", norm("norm", x)))
        sums = (linear("attention", x).transpose(1, 2).softmax(-1) @ x).transpose(0, 1)
        pooled = norm("pooled_norm", (sums @ self.head["values"]).transpose(0, 1).reshape(1, 384))
        return linear("project", pooled + silu(linear("hidden", pooled)))

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        x = self.listener(mel)
        read = self.reader(x, torch.tensor([x.shape[1]]))[0]
        return torch.nn.functional.normalize(read * self.mix[0] + self.whole_clip(x) * self.mix[1] / USUAL_LENGTH, dim=-1)


class Viewer(torch.nn.Module):
    """Pixels [1, 3, 224, 224] -> [1, 384]."""

    def __init__(self) -> None:
        super().__init__()
        self.eye, weights = network_of("eye"), weights_of(ROOT / "www/models/picture.safetensors")
        backbone, head = "backbone.", "picture_head."
        self.backbone = {n.removeprefix(backbone): t for n, t in weights.items() if n.startswith(backbone)}
        self.head = {n.removeprefix(head): t for n, t in weights.items() if n.startswith(head)}

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.eye.answer(self.backbone, self.head, pixels)


def written(module: torch.nn.Module, shape: tuple[int, ...], folder: Path) -> Path:
    path = folder / f"{type(module).__name__}.onnx"
    torch.onnx.export(module.eval(), (torch.zeros(shape),), str(path), input_names=["x"], output_names=["y"], dynamo=True, external_data=False, verbose=False)
    return path


def peer(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def milliseconds(session: onnxruntime.InferenceSession, shape: tuple[int, ...], times: int = 20) -> float:
    x, found = {"x": torch.randn(shape).numpy()}, []
    for _ in range(times + 3):
        start = time.perf_counter()
        session.run(None, x)
        found.append((time.perf_counter() - start) * 1000)
    return statistics.median(found[3:])


def ours() -> dict[str, float]:
    """Median milliseconds of each bench."""
    run = subprocess.run(["cargo", "bench", "--quiet"], cwd=ROOT, env=os.environ | {"RAYON_NUM_THREADS": "1"}, capture_output=True, text=True, check=True)
    found, above = {}, ""
    for line in run.stdout.splitlines():
        columns = [column.strip() for column in line.split("│")]
        name = re.match(r"[│├╰─\s]*(\w+)", line)
        if not name:
            continue
        indented = line.startswith(("│", " "))
        medians = re.findall(r"([\d.]+) (ns|µs|ms|s)\b", line)
        if not medians:
            above = name[1]
        elif len(columns) > 2:
            value, unit = medians[2]
            found[f"{above} {name[1]}" if indented else name[1]] = float(value) * UNITS[unit]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--onnx", type=Path)
    options = parser.parse_args()
    torch.set_num_threads(1)
    speech, picture = (1, 80, MOMENTS_OF_3_S), (1, 3, 224, 224)
    peers = {"encoder_of_3_s": (Listener(), speech), "vector_of_3_s": (Hearer(), speech), "picture_embedded": (Viewer(), picture)}
    if options.onnx:
        options.onnx.mkdir(parents=True, exist_ok=True)
        for module, shape in peers.values():
            print(written(module, shape, options.onnx))
        return
    rounds: dict[str, list[float]] = {}
    theirs: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        sessions = {name: (peer(written(module, shape, Path(folder))), shape) for name, (module, shape) in peers.items()}
        for _ in range(options.rounds):
            for name, value in ours().items():
                rounds.setdefault(name, []).append(value)
            for name, (session, shape) in sessions.items():
                theirs.setdefault(name, []).append(milliseconds(session, shape))
    text = [
        "# What an answer costs natively", "",
        f"Milliseconds, median of {options.rounds} rounds in turn, on one thread (`python benches/peers.py`; the benches are `benches/engine.rs`).",
        f"The peer is ONNX Runtime {onnxruntime.__version__} with the same weights; its encoder gets log-mel frames, ours makes them.", "",
        "| bench | hearsight | ONNX Runtime | ratio |", "|---|---|---|---|",
    ]  # fmt: skip
    for name, values in rounds.items():
        own = statistics.median(values)
        row = f"| {name.replace('_', ' ')} | {own:.3g} |"
        if name in theirs:
            other = statistics.median(theirs[name])
            row += f" {other:.3g} | {own / other:.2f} |"
        else:
            row += " | |"
        text.append(row)
    options.out.write_text("\n".join(text) + "\n")
    print("\n".join(text))


if __name__ == "__main__":
    main()
