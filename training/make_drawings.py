#!/usr/bin/env python3
"""Write drawings with their names: what teaches the picture head that a thing can be drawn.

    make_drawings.py --openclipart /usr/share/openclipart/svg --emoji node_modules/@iconify-json \
        --unlike ../shared/data/human --out data/drawings

Draws the clip art of Debian's package openclipart-svg (public domain) and the emoji of the npm packages
@iconify-json/{emojione,fluent-emoji,noto,noto-v1,openmoji,twemoji} (MIT, Apache-2.0, CC BY 4.0, CC BY-SA 4.0) on
white into images/ and writes pairs.tsv, whose `audio` is empty: nobody speaks about them. A drawing that looks like one below --unlike, which
is for measuring, is left out. The drawings are for training only; none is shipped.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image
from resvg_py import svg_to_bytes
from wordfreq import zipf_frequency

SIDE = 240
EMOJI = ["emojione", "fluent-emoji", "noto", "noto-v1", "openmoji", "twemoji"]
# Shapes and symbols without a name that people say.
SKIPPED = re.compile(
    r"^(computer/(icons|buttons|folders|diagrams)|shapes|special|signs_and_symbols/(flags|map_symbols|led)|"
    r"recreation/games/cards|transportation/(aiga|roadsigns)|people/(stickmen|smilies)|geography|fonts|letters)"
)
GENERIC = re.compile(r"clip ?art|svg|aiga|part of|^untitled|^pictogram|symbol signs|collection|template|^blueman", re.I)
SKIPPED_EMOJI = re.compile(
    r"skin-tone|-(light|medium|dark)$|^flag-|letter-|button|^keycap|clock-face|oclock|o-clock|-thirty|^[0-9a-z]$|regional|hair$|^input-|-arrow|arrow-|"
    r"zodiac|^(aries|taurus|gemini|cancer|leo|virgo|libra|scorpio|sagittarius|capricorn|aquarius|pisces)$|japanese|"
    r"square-|-square|geometric|ideograph|^e[0-9]"
)


def is_english(text: str) -> bool:
    """Whether every word is commoner in English than in the other tongues that titles are in."""
    words = [word for word in text.split() if len(word) > 2]
    return bool(words) and all(
        zipf_frequency(word, "en") >= max(2.5, *(zipf_frequency(word, other) - 0.5 for other in ("it", "es", "fr"))) for word in words
    )


def clean(text: str) -> str:
    """Lower case words; what numbers and signs a title has says nothing about the picture."""
    text = re.sub(r"\([^)]*\)|\|.*", " ", text.lower())
    return re.sub(r"\s+", " ", re.sub(r"[^a-z' ]", " ", text)).strip()


def clip_art(folder: Path) -> list[tuple[str, str]]:
    """Clip art as (name, SVG): the first title of its metadata, or its file's name without the author."""
    found = []
    for path in sorted(folder.rglob("*.svg*")):
        place = path.relative_to(folder).as_posix()
        if SKIPPED.match(place):
            continue
        content = path.read_bytes()
        svg = (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8", "replace")
        titles = [title for title in re.findall(r"<dc:title[^>]*>([^<]*)<", svg)[:1] if not GENERIC.search(title)]
        stem = re.split(r"_(?:[a-z]+_)?[a-z]*_?\d|_(?:archite|ganson|nicu|gerald|linda|jarno|philipp|franc)", path.name.split(".")[0])[0]
        names = [name for name in map(clean, [*titles, stem]) if 2 < len(name) and len(name.split()) <= 8 and is_english(name)]
        if names:
            found.append((names[0], svg))
    return found


def emoji(folder: Path) -> list[tuple[str, str]]:
    """Emoji of each style as (name, SVG)."""
    found = []
    for style in EMOJI:
        icons = json.loads((folder / style / "icons.json").read_text())
        for key, icon in sorted(icons["icons"].items()):
            name = clean(key.replace("-", " "))
            if SKIPPED_EMOJI.search(key) or len(name) < 3:
                continue
            width, height = icon.get("width", icons.get("width", 16)), icon.get("height", icons.get("height", 16))
            body = icon["body"]
            found.append((name, f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 {width} {height}">{body}</svg>'))
    return found


def draw(svg: str) -> Image.Image | None:
    """The drawing on a white square, or nothing where it cannot be drawn or is blank."""
    try:
        picture = Image.open(BytesIO(svg_to_bytes(svg_string=svg, width=SIDE, skip_system_fonts=True))).convert("RGBA")
    except (ValueError, OSError, Image.DecompressionBombError):
        return None
    picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    picture.thumbnail((SIDE, SIDE))
    page = Image.new("RGB", (SIDE, SIDE), "white")
    page.paste(picture, ((SIDE - picture.width) // 2, (SIDE - picture.height) // 2))
    return page if np.asarray(page).std() > 8 else None


def look(picture: Image.Image) -> np.ndarray:
    """What a picture looks like from afar: its drawn part, 24 by 24, in grey, of length one."""
    grey = picture.convert("L")
    box = Image.eval(grey, lambda value: 255 if value < 245 else 0).getbbox()
    values = np.asarray((grey.crop(box) if box else grey).resize((24, 24)), np.float32).ravel()
    values -= values.mean()
    return values / max(float(np.linalg.norm(values)), 1e-6)


def drawn(job: tuple[str, str, Path]) -> np.ndarray | None:
    """Draws into a file; gives its look."""
    picture = draw(job[1])
    if picture is None:
        return None
    picture.save(job[2])
    return look(picture)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openclipart", type=Path, required=True, help="folder svg/ of the package openclipart-svg")
    parser.add_argument("--emoji", type=Path, required=True, help="folder of the emoji packages")
    parser.add_argument("--unlike", type=Path, required=True, help="folder of pictures that must not be learned from")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    images = options.out / "images"
    images.mkdir(parents=True, exist_ok=True)

    named = clip_art(options.openclipart) + emoji(options.emoji)
    jobs = [(name, svg, images / f"{number:05d}.png") for number, (name, svg) in enumerate(named)]
    with ProcessPoolExecutor() as pool:
        looks = list(pool.map(drawn, jobs, chunksize=50))
    kept_back = np.array([look(Image.open(path).convert("RGB")) for path in sorted(options.unlike.rglob("*.webp"))])
    rows, alike = [], 0
    for (name, _, path), seen in zip(jobs, looks):
        if seen is None:
            continue
        if (kept_back @ seen).max() > 0.9:
            alike += 1
            path.unlink()
            continue
        rows.append([f"images/{path.name}", "", name, "en", "", "train"])
    with (options.out / "pairs.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n")
        writer.writerow(["image", "audio", "text", "language", "voice", "split"])
        writer.writerows(rows)
    print(f"{len(rows)} drawings, {len({row[2] for row in rows})} different names; {alike} left out as like one to measure on")
    return 0


if __name__ == "__main__":
    sys.exit(main())
