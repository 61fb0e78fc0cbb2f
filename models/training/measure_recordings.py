"""Writes into a table of recordings what the starter recogniser makes of them and where their speech ends.

measure_recordings.py transcripts.tsv          sets the columns "recognised" and "speech_end_ms"
"""

import argparse
import csv
from pathlib import Path

import numpy as np

from recogniser import Recogniser
from log_mel import SAMPLE_RATE_HZ
from synthesis import Samples, read_recording

# As the server puts around what it reads (`models/engines/stt/quiet_edges.ts`).
QUIET_BEFORE_MS, QUIET_AFTER_MS = 160, 500
QUIET_LEVEL = 1e-4
FRAME_MS = 5
# A frame this far under the loudest is silence.
SPEECH_DB = -40


def with_quiet(samples: Samples) -> Samples:
    """`samples` between stretches of faint noise."""
    before, after = (ms * SAMPLE_RATE_HZ // 1000 for ms in (QUIET_BEFORE_MS, QUIET_AFTER_MS))
    quiet = QUIET_LEVEL * np.random.default_rng(0).standard_normal(before + after).astype(np.float32)
    return np.concatenate([quiet[:before], samples, quiet[before:]])


def speech_end_ms(samples: Samples) -> int:
    """The end of the last frame that is not silence."""
    size = FRAME_MS * SAMPLE_RATE_HZ // 1000
    frames = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)
    level = np.sqrt((frames**2).mean(1))
    last = np.flatnonzero(level > level.max() * 10 ** (SPEECH_DB / 20))[-1]
    return min(int(last + 1) * FRAME_MS, len(samples) * 1000 // SAMPLE_RATE_HZ)


def measure(table: Path) -> None:
    """Rewrites `table`, whose recordings lie beside it."""
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    recognise = Recogniser(greedy=False)
    for row in rows:
        samples = read_recording(table.parent / row["file"])
        row["recognised"] = recognise(with_quiet(samples))
        row["speech_end_ms"] = str(speech_end_ms(samples)) if row["text"] else "-"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    right = sum(row["recognised"] == row["text"] for row in rows)
    print(f"{right} of {len(rows)} read exactly right")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    measure(parser.parse_args().table)


if __name__ == "__main__":
    main()
