"""Recordings of people, and which of the people are never trained on."""

import csv
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from sentences import clean
from synthesis import Samples, read_recording

# Of the 256 values of a hash's first byte: a tenth.
TEST_BYTES = 26


class Recording(NamedTuple):
    """A file, what is said in it and by whom; where that is not known, the file's name stands for its speaker."""

    path: Path
    text: str
    speaker: str

    def samples(self) -> Samples:
        """The sound."""
        return read_recording(self.path)


def is_test_speaker(folder: str, speaker: str) -> bool:
    """Whether a speaker of that collection is for tests: a tenth are, always the same."""
    return sha256(f"{folder}/{speaker}".encode()).digest()[0] < TEST_BYTES


def recordings(folder: Path, collection: str, test: bool) -> list[Recording]:
    """The collection's recordings for tests or for training, from its own transcripts.tsv (file, text, speaker) or its parent's."""
    own = folder / collection / "transcripts.tsv"
    table = own if own.exists() else folder / "transcripts.tsv"
    found = []
    with table.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            path = table.parent / row["file"]
            if path.parent.name != collection:
                continue
            speaker = row["speaker"] or path.name
            if is_test_speaker(collection, path.name if collection == "lj" else speaker) == test:
                found.append(Recording(path, clean(row["text"]), speaker))
    return found
