#!/usr/bin/env python3
"""Speak dev captions with Festival's dev voice and write down when each word is said: to measure with.

    make_word_times.py --data ../shared/data --out data/words

Writes pairs.tsv (image, audio, text, language, voice, split), wavs/, and words.tsv (audio, word, start, end; in seconds).
Captions of pictures that nothing is trained on: Flickr8k's dev and test, and the gallery's dev wording.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from make_corpus import clean, options_of, read, write_tables

VOICE = "festival-ked"
FESTIVAL = """(voice_ked_diphone)
(define (say name utterance)
  (let ((utt (utt.synth utterance)))
    (utt.save.wave utt (string-append "{folder}/" name ".wav") 'riff)
    (mapcar
      (lambda (word) (format t "%s\\t%s\\t%f\\t%f\\n" name (item.name word) (item.feat word 'word_start) (item.feat word 'word_end)))
      (utt.relation.items utt 'Word))))
"""


def main() -> int:
    options = options_of(__doc__)
    rows, said = [], {}
    for folder, number in (("gallery", "id"), ("flickr8k", "image")):
        for row in read(options.data / folder / "captions.tsv"):
            if row["split"] in ("dev", "test"):
                name = f"{row[number]}-{row['n']}"
                image = os.path.relpath(options.data / f"{folder}/images/{row[number]}.webp", options.out)
                said[name] = clean(row["text"])
                rows.append({"image": image, "audio": f"wavs/{name}.wav", "text": said[name], "language": "en", "voice": VOICE, "split": row["split"]})
    wavs = options.out / "wavs"
    wavs.mkdir(exist_ok=True)

    def speak(names: list[str]) -> list[list[str]]:
        script = FESTIVAL.format(folder=wavs) + "\n".join(f'(say "{name}" (Utterance Text "{said[name]}"))' for name in names)
        run = subprocess.run(["festival", "--batch", "/dev/stdin"], input=script, capture_output=True, text=True, check=True)
        return [line.split("\t") for line in run.stdout.splitlines() if line]

    names = sorted(said)
    with ThreadPoolExecutor(options.jobs) as pool:
        times = [time for part in pool.map(speak, [names[start : start + 40] for start in range(0, len(names), 40)]) for time in part]
    with (options.out / "words.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_NONE, lineterminator="\n")
        writer.writerow(["audio", "word", "start", "end"])
        writer.writerows([f"wavs/{name}.wav", word, start, end] for name, word, start, end in times)
    write_tables(options.out, rows)
    print(f"{len(times)} words")
    return 0


if __name__ == "__main__":
    sys.exit(main())
