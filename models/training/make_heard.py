"""What the exported recogniser makes of requests to the assistant: make_heard.py pairs.tsv --text metadata.csv

Speaks users' turns in the training's voices, in other rooms and through other microphones, and reads them as
the server does. `confusions.py pairs.tsv` learns from it how words are misheard.
"""

import argparse
import csv
from multiprocessing import Process
from pathlib import Path
from random import Random

import numpy as np

import synthesis
from augmentation import Augmenter
from dialogues import DialogueWriter
from make_features import split_general
from processes import run_together
from recogniser import Recogniser
from sentences import clean

# Other than in training and evaluation.
SEED = 4321
# Clauses of general English among the texts: for what is remembered, and for what is not understood.
GENERAL_SHARE = 0.1


def texts(general: list[str], count: int) -> list[str]:
    """What is said: users' turns without slips, none twice in a row."""
    r = Random(SEED)
    writer = DialogueWriter(r, general)
    writer.share_misheard = 0
    said: list[str] = []
    while len(said) < count:
        if r.random() < GENERAL_SHARE:
            said.append(r.choice(general))
        else:
            said += [clean(turn.text) for turn in writer.dialogue() if turn.role == "user"]
    return said[:count]


def hear(process: int, said: list[str], path: Path) -> None:
    """Writes what is heard of every text, as it goes."""
    recognise = Recogniser(greedy=False)
    r, augment = Random(SEED + process), Augmenter(SEED + process)
    variants = synthesis.training_variants()
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(["said", "heard"])
        for text in said:
            samples = augment(synthesis.training_voice(text, variants, r))
            writer.writerow([text, recognise(np.ascontiguousarray(samples, np.float32))])
            file.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--text", type=Path, required=True, help="LJ Speech's metadata.csv")
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    said = texts(split_general(options.text)[1], options.count)
    parts = [options.out.with_suffix(f".{index}.tsv") for index in range(options.processes)]
    processes = [
        Process(target=hear, args=(index, said[index :: options.processes], part)) for index, part in enumerate(parts)
    ]
    run_together(processes, "Hearing")
    rows = [line for part in parts for line in part.read_text(encoding="utf-8").splitlines()[1:]]
    options.out.write_text("\n".join(["said\theard", *rows]) + "\n", encoding="utf-8")
    for part in parts:
        part.unlink()


if __name__ == "__main__":
    main()
