"""Learns which words follow which, from requests, sentences and general English as it was counted elsewhere.

train_word_model.py ../starter/stt/words.arpa --text metadata.csv --examples /usr/share/wordnet
"""

import argparse
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from random import Random

from asked import asked
from general_words import GeneralEnglish
from make_features import split_general
from sentences import usage_examples
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
    parser.add_argument("--text", type=Path, required=True, help="LJ Speech's metadata.csv")
    parser.add_argument("--examples", type=Path, required=True, help="a folder of WordNet's data files")
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--rarest", type=int, default=2, help="rarer pairs and triples of requests and sentences are left out")
    parser.add_argument("--share", type=float, default=0.75, help="share of the requests")
    parser.add_argument("--share-sentences", type=float, default=0.1, help="of the texts' sentences; the rest is general English")
    parser.add_argument("--words", type=int, default=20_000, help="of general English")
    parser.add_argument("--pairs", type=int, default=80_000, help="likewise")
    parser.add_argument("--triples", type=int, default=30_000, help="likewise")
    options = parser.parse_args()
    clauses = split_general(options.text)[1]
    requests = Counted(chain(islice(asked(Random(SEED), clauses), options.requests), ALONE * TIMES_ALONE))
    sentences = Counted([*clauses, *usage_examples(options.examples)])
    general = GeneralEnglish(options.words)
    grams = {gram for part in (requests, sentences) for gram in part.seen(options.rarest)}
    grams |= set(requests.counts[0]) | {(word,) for word in general.words}
    grams |= set(general.telling(options.pairs, options.triples))
    share_general = 1 - options.share - options.share_sentences
    parts = [(options.share, requests), (options.share_sentences, sentences), (share_general, general)]
    language = Mixed(parts)
    write_arpa(options.file, language, with_shorter(grams))


if __name__ == "__main__":
    main()
