#!/usr/bin/env python3
"""Speak the gallery's captions: the library that a picture of the wall is described from.

    make_captions.py --data ../shared/data --out data/captions --speak ../shared/tools/speak.py

Writes pairs.tsv (image, audio, text, language, voice, split), wavs/, and the same clips in Opus (opusenc of the Debian
package opus-tools) into opus/, which is what ships. Each caption of a picture is spoken by another voice. For finding
and playing, and for a lesson in the tab, which rehearses those of the train split; nothing that ships is trained on them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from make_corpus import clean, options_of, read, speak, write_tables

VOICES = ["pico-en-us", "flite-slt", "pico-en-gb", "flite-rms", "festival-ked", "pico-en-us@0.92", "flite-slt@1.06"]
DEV_VOICES = {"pico-en-gb", "festival-ked"}
KILOBITS = 12


def compress(wav: Path, opus: Path) -> None:
    if not opus.exists():
        command = ["opusenc", "--quiet", "--bitrate", str(KILOBITS), "--padding", "0", "--discard-comments", str(wav), str(opus)]
        subprocess.run(command, check=True)


def main() -> int:
    options = options_of(__doc__)
    rows = []
    for number, row in enumerate(read(options.data / "gallery/captions.tsv")):
        image = os.path.relpath(options.data / f"gallery/images/{row['id']}.webp", options.out)
        audio = f"wavs/{row['id']}-{row['n']}.wav"
        # Seven voices and five captions a picture: neighbours differ, and every voice says every kind of caption.
        voice = VOICES[number % len(VOICES)]
        # A class in the tab rehearses train captions by train voices, and is examined by dev captions by dev voices.
        split = row["split"] if (row["split"] == "dev") == (voice in DEV_VOICES) else "mixed"
        rows.append({"image": image, "audio": audio, "text": clean(row["text"]), "language": "en", "voice": voice, "split": split})
    write_tables(options.out, rows)
    if speak(options) or not options.speak:
        return 1
    opus = options.out / "opus"
    opus.mkdir(exist_ok=True)
    with ThreadPoolExecutor(options.jobs) as pool:
        wavs = [options.out / row["audio"] for row in rows]
        list(pool.map(lambda wav: compress(wav, opus / f"{wav.stem}.opus"), wavs))
    write_tables(options.out, [{**row, "audio": f"opus/{Path(row['audio']).stem}.opus"} for row in rows])
    return 0


if __name__ == "__main__":
    sys.exit(main())
