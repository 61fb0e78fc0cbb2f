"""CTC prefix beam search with a word model: as models/engines/stt/beam_search.ts does it, for evaluation.

Of every frame's likely tokens each hypothesis is continued; two that say the same are one (Hannun et al. 2014). A word's
probability, weighted, and a bonus that makes up for its length are added where the word ends; until then, the most that
they can be (Ortmanns et al. 1996).
"""

import math
from dataclasses import dataclass, field

import numpy as np

from word_model import END, START, WordModel
from word_pieces import BLANK, WORD_END

# Chosen by tune_search.py, as in models/engines/stt/beam_search.ts.
WORD_WEIGHT, WORD_BONUS = 0.7, 2.5
WIDTH = 32
# A token so much less likely than the best of its frame is not looked at.
LEAST = 7.0
# Nothing else is near.
MOST_MARGIN = 10.0


@dataclass(eq=False)
class Prefix:
    """A beginning of the text. `blank` and `token`: the log-probability that it ends so at the current frame."""

    piece: int
    parent: "Prefix | None"
    words: tuple[str, ...]
    part: str
    word_score: float
    outlook: float
    blank: float = -math.inf
    token: float = -math.inf
    next_blank: float = -math.inf
    next_token: float = -math.inf
    children: dict[int, "Prefix"] = field(default_factory=dict)

    @property
    def total(self) -> float:
        return float(np.logaddexp(self.blank, self.token))

    @property
    def pieces(self) -> list[int]:
        return [*self.parent.pieces, self.piece] if self.parent else []


@dataclass(frozen=True)
class Reading:
    """What was read, and what tells how likely it is right."""

    text: str
    lost: float
    """How much less likely than what it sounded like it is, a token."""
    margin: float
    """How much better it scored than anything else, up to `MOST_MARGIN`."""
    oddest: float
    """How likely the word model finds what it expects least, be it a word or the end: a natural logarithm."""


class BeamSearch:
    """Turns a recogniser's frames into text."""

    def __init__(self, pieces: list[str], words: WordModel) -> None:
        self._pieces = pieces
        self._words = words

    def __call__(self, logits: np.ndarray) -> str:
        return self.read(logits).text

    def read(self, logits: np.ndarray) -> Reading:
        scores = logits - logits.max(-1, keepdims=True)
        scores = scores - np.log(np.exp(scores).sum(-1, keepdims=True))
        root = Prefix(BLANK, None, (), "", 0.0, 0.0, blank=0.0)
        beam = [root]
        for row in scores:
            likely = np.nonzero(row > row.max() - LEAST)[0].tolist()
            touched: dict[int, Prefix] = {}
            for prefix in beam:
                self._step(prefix, row, likely, touched)
            for prefix in touched.values():
                prefix.blank, prefix.token = prefix.next_blank, prefix.next_token
                prefix.next_blank = prefix.next_token = -math.inf
            beam = sorted(touched.values(), key=lambda p: -(p.total + p.word_score + p.outlook))[:WIDTH]
        finished = sorted((self._finished(prefix) for prefix in beam), key=lambda scored: -scored[0])
        score, words, best = finished[0]
        others = [other for other, its_words, _ in finished if its_words != words]
        margin = min(MOST_MARGIN, score - others[0]) if others else MOST_MARGIN
        pieces = best.pieces
        lost = float(scores.max(-1).sum()) - alignment_score(scores, pieces)
        return Reading(" ".join(words), lost / max(1, len(pieces)), margin, self._oddest(words))

    def _step(self, prefix: Prefix, row: np.ndarray, likely: list[int], touched: dict[int, Prefix]) -> None:
        for piece in likely:
            score = float(row[piece])
            if piece == BLANK:
                prefix.next_blank = float(np.logaddexp(prefix.next_blank, prefix.total + score))
                touched[id(prefix)] = prefix
                continue
            if piece == prefix.piece:
                prefix.next_token = float(np.logaddexp(prefix.next_token, prefix.token + score))
                touched[id(prefix)] = prefix
            before = prefix.blank if piece == prefix.piece else prefix.total
            if before == -math.inf:
                continue
            child = prefix.children.get(piece) or self._child(prefix, piece)
            child.next_token = float(np.logaddexp(child.next_token, before + score))
            touched[id(child)] = child

    def _child(self, prefix: Prefix, piece: int) -> Prefix:
        text = self._pieces[piece - 1]
        part, words, score = prefix.part + text.removesuffix(WORD_END), prefix.words, prefix.word_score
        if text.endswith(WORD_END):
            if part:
                score += self._word(words, part)
                words = (*words, part)
            part = ""
        outlook = _weighted(self._words.outlook(part)) if part else 0.0
        child = prefix.children[piece] = Prefix(piece, prefix, words, part, score, outlook)
        return child

    def _finished(self, prefix: Prefix) -> tuple[float, tuple[str, ...], Prefix]:
        words, score = prefix.words, prefix.word_score
        if prefix.part:
            score += self._word(words, prefix.part)
            words = (*words, prefix.part)
        end = WORD_WEIGHT * self._words.log_probability((START, START, *words), END)
        return prefix.total + score + end, words, prefix

    def _oddest(self, words: tuple[str, ...]) -> float:
        said = (START, START, *words, END)
        return min(self._words.log_probability(said[:at], said[at]) for at in range(2, len(said)))

    def _word(self, before: tuple[str, ...], word: str) -> float:
        return _weighted(self._words.log_probability((START, START, *before), word))


def _weighted(log_probability: float) -> float:
    return WORD_WEIGHT * log_probability + WORD_BONUS


def alignment_score(scores: np.ndarray, pieces: list[int]) -> float:
    """The log-probability of the likeliest alignment (Viterbi)."""
    states = [BLANK, *(state for piece in pieces for state in (piece, BLANK))]
    best = np.full(len(states), -math.inf)
    best[:2] = scores[0, states[:2]]
    for row in scores[1:]:
        stay, step = best, np.concatenate([[-math.inf], best[:-1]])
        skip = np.concatenate([[-math.inf] * 2, best[:-2]])[: len(states)]
        for at, state in enumerate(states):
            if state == BLANK or at < 2 or state == states[at - 2]:
                skip[at] = -math.inf
        best = np.maximum(np.maximum(stay, step), skip) + row[states]
    return float(best[-2:].max())
