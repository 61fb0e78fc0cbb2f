"""Fits how likely a reading is right from what it lost, won by and says: python3 calibrate.py --text metadata.csv --recordings FOLDER

Prints the four numbers that models/engines/stt/beam_search.ts has, and what may be chosen for `doubt_below`. Only voices
and people of the training are heard, half of them disturbed; what the numbers are worth on others, `deno task models eval`
tells.
"""

import argparse
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np

import synthesis
from asked import asked
from augmentation import Augmenter, in_silence
from features import Source
from make_features import READ, WORDS, heard, split_general
from recogniser import Recogniser
from recordings import recordings

DOUBT_BELOW = [0.2, 0.25, 0.3, 0.35, 0.4, 0.45]
SEED = 4242
REQUESTS, CLAUSES = 250, 60
# Of each collection.
PEOPLE = 90


def sources(text: Path, folder: Path) -> list[Source]:
    """Fresh requests and clauses in voices of the training, and recordings of people it has heard."""
    r, clauses, variants = Random(SEED), split_general(text)[1], synthesis.training_variants()
    texts = [*islice(asked(r, clauses), REQUESTS), *r.sample(clauses, CLAUSES)]
    spoken = [Source(one, partial(synthesis.training_voice, one, variants)) for one in texts]
    people = [r.sample(recordings(folder, name, test=False), PEOPLE) for name in (READ[0], *WORDS)]
    return spoken + [heard([one]) for part in people for one in part]


def measured(chosen: list[Source]) -> tuple[np.ndarray, np.ndarray]:
    """Of each utterance in which something was read: what it lost, by how much it won, how odd it is, and whether it was right."""
    recognise, r, noise, augment = Recogniser(greedy=False), Random(SEED), np.random.default_rng(SEED), Augmenter(SEED)
    found, right = [], []
    for text, hear in chosen:
        samples = hear(r)
        samples = augment(samples) if r.random() < 0.5 else in_silence(samples, noise)
        reading = recognise.read(np.ascontiguousarray(samples, np.float32))
        if reading.text:
            found.append([-reading.lost, reading.margin, reading.oddest, 1])
            right.append(reading.text == text)
    return np.array(found), np.array(right, float)


def fit(found: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's method: three weights and a bias."""
    weights = np.zeros(found.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-found @ weights))
        curvature = found.T @ (found * (p * (1 - p))[:, None]) + 1e-2 * np.eye(len(weights))
        weights += np.linalg.solve(curvature, found.T @ (right - p) - 1e-2 * weights)
    return weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="LJ Speech's metadata.csv")
    parser.add_argument("--recordings", type=Path, required=True)
    parser.add_argument("--every", type=int, default=1, help="only one of so many utterances")
    options = parser.parse_args()
    found, right = measured(sources(options.text, options.recordings)[:: options.every])
    weights = fit(found, right)
    print("LOST_WEIGHT {:.2f}, MARGIN_WEIGHT {:.2f}, ODDEST_WEIGHT {:.2f}, BIAS {:.2f}".format(*weights))
    sure = 1 / (1 + np.exp(-found @ weights))
    for below in DOUBT_BELOW:
        doubted = sure < below
        really, missed = 100 * (1 - right[doubted]).mean(), 100 * doubted[right == 1].mean()
        print(f"below {below}: {doubted.sum()} of {len(found)} doubted; {really:.0f} % of them are wrong,", end=" ")
        print(f"{100 * doubted[right == 0].mean():.0f} % of the wrong ones are among them, {missed:.1f} % of the right ones")


if __name__ == "__main__":
    main()
