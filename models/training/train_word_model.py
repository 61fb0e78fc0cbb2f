"""Learns which words follow which: python3 train_word_model.py ../starter/stt/words.arpa"""

import argparse
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from random import Random

from general_words import GeneralEnglish
from make_features import test_requests
from sentences import request
from word_model import Counted, Gram, Mixed, write_arpa

SEED = 5
# What is said to devices in one word, each as often as a common request.
ALONE = [
    *("yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go", "computer", "goodbye", "cancel", "continue"),
    *("alexa", "jarvis", "snowboy", "smart mirror", "view glass", "good night", "thank you", "hello"),
]
TIMES_ALONE = 400


def with_shorter(grams: set[Gram]) -> Iterator[Gram]:
    """These, and all that they back off to or follow on."""
    seen: set[Gram] = set()
    waiting = list(grams)
    while waiting:
        gram = waiting.pop()
        if gram and gram not in seen:
            seen.add(gram)
            waiting += [gram[1:], gram[:-1]]
            yield gram


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--rarest", type=int, default=2, help="pairs and triples of requests that occur less often are left out")
    parser.add_argument("--share", type=float, default=0.8, help="share of the requests; the others are general English")
    parser.add_argument("--words", type=int, default=20_000, help="of general English")
    parser.add_argument("--pairs", type=int, default=80_000, help="likewise")
    parser.add_argument("--triples", type=int, default=30_000, help="likewise")
    options = parser.parse_args()
    r, left_out = Random(SEED), set(test_requests()[0])
    asked = (text for text in (request(r) for _ in range(options.requests)) if text not in left_out)
    requests = Counted(chain(asked, ALONE * TIMES_ALONE))
    general = GeneralEnglish(options.words)
    grams = {gram for counts in requests.counts[1:] for gram, n in counts.items() if n >= options.rarest}
    grams |= set(requests.counts[0]) | {(word,) for word in general.words}
    grams |= set(general.telling(options.pairs, options.triples))
    language = Mixed([(options.share, requests), (1 - options.share, general)])
    write_arpa(options.file, language, with_shorter(grams))


if __name__ == "__main__":
    main()
