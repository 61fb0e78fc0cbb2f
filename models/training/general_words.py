"""General English as CMU Sphinx counted it: its US English word model, which the package pocketsphinx carries (BSD-2)."""

import math
import re
from collections.abc import Iterator
from heapq import nlargest
from itertools import chain
from pathlib import Path

from pocketsphinx import NGramModel, get_model_path

from word_model import END, START, Gram

# Sphinx's integers are logarithms to this base.
BASE = 1.0001
# As words they only make sense of noise; "a" and "i" are words.
LETTERS = set("bcdefghjklmnopqrstuvwxyz")
# Pairs and triples are looked for among so many of the most frequent words: first, second and third.
FIRST, SECOND, THIRD = 2500, 5000, 1000


class GeneralEnglish:
    """P(word | two before), and which n-grams tell most about it."""

    def __init__(self, words: int) -> None:
        self._model = NGramModel.readfile(get_model_path("en-us/en-us.lm.bin"))
        dictionary = Path(get_model_path("en-us/cmudict-en-us.dict")).read_text().splitlines()
        spelt = {line.split(" ")[0] for line in dictionary} - LETTERS
        likely = {word: self._unigram(word) for word in spelt if re.fullmatch("[a-z]+('[a-z]+)?|'[a-z]+", word)}
        self.words = nlargest(words, likely, likely.__getitem__)
        self._known = {*self.words, START, END}

    def probability(self, gram: Gram) -> float:
        """Nothing for words that are not among `words`."""
        *history, word = gram
        if word not in self._known or word == START:
            return 0.0
        while history and history[0] not in self._known:
            history = history[1:]
        if history[:2] == [START, START]:
            history = [START]
        return BASE ** self._model.prob([word, *reversed(history)])

    def telling(self, pairs: int, triples: int) -> list[Gram]:
        """The n-grams without which the model would lose most (Stolcke 1998, without the change of the backoff)."""
        best = nlargest(pairs, self._pairs())
        follow = nlargest(triples * 2, ((p, gram) for _, p, gram in best if END not in gram))
        triple = nlargest(triples, chain.from_iterable(self._triples(p, gram) for p, gram in follow[: triples // 4]))
        return [gram for _, _, gram in best] + [gram for _, _, gram in triple]

    def _unigram(self, word: str) -> float:
        return BASE ** self._model.prob([word])

    def _pairs(self) -> Iterator[tuple[float, float, Gram]]:
        """What each is worth, how often it occurs, and what it is."""
        second = [(word, self._unigram(word)) for word in [*self.words[:SECOND], END]]
        for first in [START, *self.words[:FIRST]]:
            often = self._unigram(first) if first != START else self._unigram(END)
            for word, alone in second:
                p = BASE ** self._model.prob([word, first])
                if p > 2 * alone:
                    yield often * p * math.log(p / alone), often * p, (first, word)

    def _triples(self, often: float, pair: Gram) -> Iterator[tuple[float, float, Gram]]:
        for word in [*self.words[:THIRD], END]:
            p, shorter = (BASE ** self._model.prob([word, *reversed(history)]) for history in (pair, pair[1:]))
            if p > 2 * shorter:
                yield often * p * math.log(p / shorter), often * p, (*pair, word)
