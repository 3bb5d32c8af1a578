#!/usr/bin/env python3
"""A collection that is embedded in two shards and searched by Qdrant (its local mode) is ranked as hearsight ranks it.

Pictures of the bundled gallery, embedded by `cargo lab collection --shard I/2`; queries are the page's spoken examples.
The one argument is the folder with the programs `hearsight` and `hearsight-lab`.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from qdrant_client import QdrantClient, models

ROOT = Path(__file__).resolve().parent.parent
PICTURES, SHARDS, TOP = 60, 2, 10
# The gallery's own index keeps f16.
TOLERANCE = 2e-3


def run(program: str, *arguments: object) -> str:
    return subprocess.check_output([Path(sys.argv[1]) / program, *map(str, arguments)], cwd=ROOT, text=True)


def hearsight(*arguments: object) -> str:
    return run("hearsight", *arguments)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = folder / "pictures"
        pictures.mkdir()
        for path in sorted((ROOT / "www/gallery/images").glob("*.webp"))[:PICTURES]:
            shutil.copy(path, pictures)
        for shard in range(SHARDS):
            run("hearsight-lab", "collection", "--from", pictures, "--shard", f"{shard}/{SHARDS}", "--out", folder / f"{shard}.parquet")
        table = pa.concat_tables(pq.read_table(folder / f"{shard}.parquet") for shard in range(SHARDS))
        kind = table.schema.field("embedding").type
        assert pa.types.is_fixed_size_list(kind) and (kind.list_size, kind.value_type) == (384, pa.float32()), table.schema
        rows = table.to_pylist()
        assert len({row["id"] for row in rows}) == PICTURES and all(Path(row["path"]).exists() for row in rows)

        engine = QdrantClient(":memory:")
        engine.create_collection("pictures", models.VectorParams(size=384, distance=models.Distance.DOT))
        points = [models.PointStruct(id=number, vector=row["embedding"], payload={"id": row["id"]}) for number, row in enumerate(rows)]
        engine.upsert("pictures", points)

        hearsight("gallery", "--from", pictures, "--out", folder / "gallery")
        for clip in sorted((ROOT / "www/examples").glob("*.ogg")):
            query = json.loads(hearsight("embed", "--audio", clip))
            theirs = engine.query_points("pictures", query=query, limit=TOP).points
            # All of them: what is last of the first ten for one may be the eleventh for the other.
            ours = json.loads(hearsight("search", "--gallery", folder / "gallery", "--audio", clip, "--top", PICTURES, "--json"))
            for place, (their, our) in enumerate(zip(theirs, ours[:TOP], strict=True)):
                assert abs(their.score - our["score"]) < TOLERANCE, (clip.name, place, their, our)
                # Two that are nearly alike may change places where one of them is rounded.
                alike = [other["id"] for other in ours if abs(other["score"] - our["score"]) < TOLERANCE]
                assert their.payload["id"] in alike, (clip.name, place, their, our)
    print(f"{PICTURES} pictures in {SHARDS} shards: Qdrant ranks the first {TOP} as hearsight does")
    return 0


if __name__ == "__main__":
    sys.exit(main())
