"""The captioned pictures in memory: what each is called, which go together in a batch, and which are held out."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.nn.functional import cross_entropy, normalize

from pairs import SETS, caption_rows, drawing_rows, known_texts
from views import DRAWING, PHOTOGRAPH

# Pictures of one kind share a batch: only what is alike teaches to tell apart.
KINDS = {"flickr8k": "people", "drawings": "drawings"}
ALIKE = 0.9
# The gallery is what visitors see first, and 328 of 14 000 pictures.
GALLERY_TIMES = 4


def is_held_out(word: str) -> bool:
    return hashlib.sha256(word.encode()).digest()[0] < 22


class Captioned:
    """Pictures with the embeddings of their captions; `held_out` is none for all of them, else those that are or are not."""

    def __init__(self, data: Path, drawings: Path, features: Path, held_out: bool | None = None) -> None:
        self.folder = features
        texts, embeddings = known_texts(features / "texts.npz")
        self.embeddings = normalize(torch.from_numpy(embeddings.astype(np.float32)), dim=-1)
        number = {text: i for i, text in enumerate(texts)}
        self.captions: list[list[int]] = []
        # Set and row in its files of each picture; kind and, of drawings, the name.
        self.places: list[tuple[str, int]] = []
        self.kinds: list[str] = []
        self.names: list[str] = []
        for name in [*SETS, "drawings"]:
            said: dict[str, list[str]] = {}
            for row in drawing_rows(drawings) if name == "drawings" else caption_rows(data, name):
                if row.trains:
                    said.setdefault(row.picture, []).append(row.text)
            for place, stem in enumerate((features / f"{name}.txt").read_text().split("\n")[:-1]):
                if stem not in said:
                    continue
                called = said[stem][0] if name == "drawings" else stem
                if held_out is not None and held_out != (name in ("flickr8k", "drawings") and is_held_out(called)):
                    continue
                self.captions.append([number[text] for text in said[stem]])
                self.places.append((name, place))
                self.kinds.append(KINDS.get(name, "others"))
                self.names.append(called)
        self.count = torch.tensor([len(said) for said in self.captions])
        most = int(self.count.max())
        self.table = torch.tensor([said + said[:1] * (most - len(said)) for said in self.captions])
        self.means = normalize(torch.stack([self.embeddings[said].mean(0) for said in self.captions]), dim=-1)

    def __len__(self) -> int:
        return len(self.captions)

    def rows(self, name: str) -> tuple[torch.Tensor, np.ndarray]:
        """Which pictures are of a set, and their rows in its files."""
        here = [i for i, (of, _) in enumerate(self.places) if of == name]
        return torch.tensor(here), np.array([self.places[i][1] for i in here])

    def pooled(self, kind: str = "pooled") -> torch.Tensor:
        """`[pictures, views, 2560]` in f16; a set with fewer views has its first ones again."""
        found = torch.zeros(len(self), len(PHOTOGRAPH) if kind == "pooled" else 1, 2560, dtype=torch.float16)
        for name in [*SETS, "drawings"]:
            here, rows = self.rows(name)
            if not len(here):
                continue
            for view in range(found.shape[1]):
                path = self.folder / "pooled" / f"{name}-{view_of(name, view)}.npy" if kind == "pooled" else self.folder / kind / f"{name}.npy"
                found[here, view] = torch.from_numpy(np.load(path)[rows])
        return found

    def say(self, batch: torch.Tensor) -> torch.Tensor:
        """The embedding of one caption of each picture."""
        return self.embeddings[self.table[batch, (torch.rand(len(batch)) * self.count[batch]).long()]]

    def batches(self, size: int) -> list[torch.Tensor]:
        """One round: every photograph once, those of the gallery four times, of each drawing's name one drawing."""
        kinds: dict[str, list[int]] = {}
        drawn: dict[str, list[int]] = {}
        for i, kind in enumerate(self.kinds):
            (drawn.setdefault(self.names[i], []) if kind == "drawings" else kinds.setdefault(kind, [])).append(i)
        kinds["drawings"] = [some[int(torch.randint(len(some), ()))] for some in drawn.values()]
        found = []
        gallery = [i for i, (name, _) in enumerate(self.places) if name == "gallery"]
        for some in [*kinds.values(), *[gallery] * (GALLERY_TIMES - 1)]:
            order = torch.tensor(some)[torch.randperm(len(some))]
            found += [order[start : start + size] for start in range(0, len(order) - size + 1, size)]
        return [found[i] for i in torch.randperm(len(found))]


def view_of(name: str, view: int) -> str:
    views = DRAWING if name == "drawings" else PHOTOGRAPH
    return views[view % len(views)]


def contrast(vectors: torch.Tensor, texts: torch.Tensor, sharpness: float) -> torch.Tensor:
    """Each to its partner against the others, both ways; who says nearly the same is no stranger."""
    scores, own = sharpness * vectors @ texts.T, torch.arange(len(texts))
    alike = (texts @ texts.T > ALIKE) & ~torch.eye(len(texts), dtype=torch.bool)
    scores = scores.masked_fill(alike, -1e4)
    return cross_entropy(scores, own) + cross_entropy(scores.T, own)


@torch.no_grad()
def found(see: Callable[[torch.Tensor], torch.Tensor], held: Captioned) -> str:
    """How many captions of held-out pictures find theirs among the first 1, 5 and 10, in %; of each drawing's name one drawing."""
    told = []
    for kind in ("people", "drawings"):
        pool = [i for i, of in enumerate(held.kinds) if of == kind]
        if kind == "drawings":
            pool = list({held.names[i]: i for i in pool}.values())
        vectors = see(torch.tensor(pool))
        said = [held.captions[i][:1] if kind == "drawings" else held.captions[i] for i in pool]
        own = torch.tensor([place for place, texts in enumerate(said) for _ in texts])
        scores = held.embeddings[[text for texts in said for text in texts]] @ vectors.T
        ranks = (scores >= scores.gather(1, own[:, None])).sum(1)
        told.append(f"{kind} ({len(pool)}) " + "/".join(f"{100 * (ranks <= k).float().mean():.1f}" for k in (1, 5, 10)))
    return ", ".join(told)
