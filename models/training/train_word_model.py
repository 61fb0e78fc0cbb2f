"""Learns which words follow which: python3 train_word_model.py ../starter/stt/words.arpa --text metadata.csv"""

import argparse
from pathlib import Path
from random import Random

from make_features import split_general, test_requests
from sentences import request
from word_model import counted, unigrams, write_arpa

SEED = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", type=Path, required=True, help="LJ Speech's metadata.csv")
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--general", type=float, default=0.15, help="share of general English among single words")
    parser.add_argument("--rarest", type=int, default=2, help="pairs and triples that occur less often are left out")
    options = parser.parse_args()
    r, left_out = Random(SEED), set(test_requests()[0])
    requests = [text for text in (request(r) for _ in range(options.requests)) if text not in left_out]
    _, general = split_general(options.text)
    counts = counted(requests)
    write_arpa(options.file, counts, unigrams(counts[0], general, options.general), options.rarest)


if __name__ == "__main__":
    main()
