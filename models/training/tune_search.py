"""Tries weights and bonuses of the word model: python3 tune_search.py --text metadata.csv --recordings FOLDER

On requests, clauses and people of the training, half of them disturbed, as calibrate.py hears them.
"""

import argparse
from pathlib import Path
from random import Random

import numpy as np

import beam_search
from augmentation import Augmenter, in_silence
from calibrate import SEED, sources
from recogniser import STARTER, Recogniser
from word_model import WordModel
from word_pieces import WordPieces, word_errors

WEIGHTS = [0.5, 0.7, 0.9]
BONUSES = [2.5, 3.5, 4.5]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--text", type=Path, required=True, help="LJ Speech's metadata.csv")
    parser.add_argument("--recordings", type=Path, required=True)
    parser.add_argument("--every", type=int, default=2, help="only one of so many utterances")
    options = parser.parse_args()
    recognise, r, noise, augment = Recogniser(greedy=False), Random(SEED), np.random.default_rng(SEED), Augmenter(SEED)
    heard = []
    for text, hear in sources(options.text, options.recordings)[:: options.every]:
        samples = hear(r)
        samples = augment(samples) if r.random() < 0.5 else in_silence(samples, noise)
        heard.append((text.split(), recognise.logits(np.ascontiguousarray(samples, np.float32))))
    words = WordModel(STARTER / "stt" / "words.arpa")
    search = beam_search.BeamSearch(list(WordPieces.load().pieces), words)
    total = sum(len(said) for said, _ in heard)
    for beam_search.WORD_WEIGHT in WEIGHTS:
        for beam_search.WORD_BONUS in BONUSES:
            readings = [(said, search(logits).split()) for said, logits in heard]
            wrong = sum(word_errors(said, read) for said, read in readings)
            right = sum(said == read for said, read in readings)
            settings = f"weight {beam_search.WORD_WEIGHT} bonus {beam_search.WORD_BONUS}"
            print(f"{settings}: {100 * wrong / total:.1f} % of {total} words wrong, {right} of {len(heard)} right", flush=True)


if __name__ == "__main__":
    main()
