"""Fits how likely a reading is right from what it lost and won by: python3 calibrate.py --text metadata.csv --recordings FOLDER

Prints the three numbers that models/engines/stt/beam_search.ts has, and what they are worth on other utterances.
FOLDER is one with single words and wake words of people (speech-commands/, wake-words/), as for make_features.py.
"""

import argparse
from functools import partial
from pathlib import Path
from random import Random

import numpy as np

import synthesis
from augmentation import in_silence
from beam_search import BeamSearch
from evaluate import STARTER, VOICE_SEED, load
from features import Source
from make_features import held_out_espeak, held_out_flite, recorded, split_general, test_requests, transcripts
from sentences import request
from word_model import WordModel
from word_pieces import WordPieces

DOUBT_BELOW = 0.35
REQUEST_SEED = 4242


def fresh_requests(count: int) -> list[Source]:
    """Requests that are in no test, in voices of the training."""
    r, left_out, variants = Random(REQUEST_SEED), set(test_requests()[0]), synthesis.training_variants()
    texts: list[str] = []
    while len(texts) < count:
        text = request(r)
        if text not in left_out:
            texts.append(text)
    return [Source(text, partial(synthesis.training_voice, text, variants)) for text in texts]


def words_of_people(folder: Path) -> list[Source]:
    """250 single words and 150 wake words."""
    r, rows = Random(1), transcripts(folder)
    return [
        recorded(folder, [row])
        for prefix, count in (("speech-commands/", 250), ("wake-words/", 150))
        for row in r.sample([row for row in rows if row["file"].startswith(prefix)], count)
    ]


def measured(sources: list[Source]) -> tuple[np.ndarray, np.ndarray]:
    """Of each utterance in which something was read: what it lost, by how much it won, and whether it was right."""
    session, r, noise = load("stt"), Random(VOICE_SEED), np.random.default_rng(0)
    search = BeamSearch(list(WordPieces.load().pieces), WordModel(STARTER / "stt" / "words.arpa"))
    found, right = [], []
    for text, hear in sources:
        reading = search.read(session.run(None, {"input_values": in_silence(hear(r), noise)[None]})[0][0])
        if reading.text:
            found.append([-reading.lost, reading.margin, 1])
            right.append(reading.text == text)
    return np.array(found), np.array(right, float)


def fit(found: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Logistic regression by Newton's method: two weights and a bias."""
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
    options = parser.parse_args()
    general, words = held_out_flite(split_general(options.text)[0]), words_of_people(options.recordings)
    weights = fit(*measured([*fresh_requests(300), *general[::2], *words[::2]]))
    print("LOST_WEIGHT {:.2f}, MARGIN_WEIGHT {:.2f}, BIAS {:.2f}".format(*weights))
    others = [*held_out_espeak(), *held_out_flite(test_requests()[0]), *general[1::2], *words[1::2]]
    found, right = measured(others)
    doubted = 1 / (1 + np.exp(-found @ weights)) < DOUBT_BELOW
    print(f"{doubted.sum()} of {len(found)} doubted; {100 * (1 - right[doubted]).mean():.0f} % of them are wrong")
    print(f"{100 * doubted[right == 0].mean():.0f} % of the wrong ones doubted, {100 * doubted[right == 1].mean():.1f} % of the right ones")


if __name__ == "__main__":
    main()
