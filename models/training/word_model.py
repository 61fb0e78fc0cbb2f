"""A trigram model of the words that are said, in ARPA's format: what the recogniser's beam search leans on.

Requests, counted with interpolated absolute discounting (Ney, Essen and Kneser 1994), are mixed with general English. A
word outside the vocabulary is spelt: the probability of <unk>, and of each of its letters.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

START, END, UNKNOWN = "<s>", "</s>", "<unk>"
DISCOUNT = 0.75
# What is spelt: once in so many words, at 5 of the 26 letters' even chances a letter.
UNKNOWN_PROBABILITY, LETTER_PROBABILITY = 1e-7, 0.2
# What nobody says, but others follow on: a beginning.
NEVER = 1e-99
# A history of two words that a language does not know is still so likely in it.
LEAST_LIKELY = 1e-12
# Of the mass of a history, what its backoff keeps at least; rounding may leave less than nothing.
LEAST_LEFT = 1e-6
ORDER = 3

# Words in the order they are said; the last follows on the others.
Gram = tuple[str, ...]


class Language(Protocol):
    """How likely a word is after others."""

    def probability(self, gram: Gram) -> float:
        """Of the last word of `gram`, which has at most `ORDER`."""


class Counted:
    """A language learned from sentences."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self.counts: list[Counter[Gram]] = [Counter() for _ in range(ORDER)]
        for sentence in sentences:
            words = [START, START, *sentence.split(), END]
            for at in range(2, len(words)):
                for order in range(ORDER):
                    self.counts[order][tuple(words[at - order : at + 1])] += 1
        self._totals: Counter[Gram] = Counter()
        self._kinds: Counter[Gram] = Counter()
        for grams in self.counts:
            for gram, n in grams.items():
                self._totals[gram[:-1]] += n
                self._kinds[gram[:-1]] += 1

    def seen(self, least: int) -> set[Gram]:
        """What occurs at least so often."""
        return {gram for counts in self.counts for gram, n in counts.items() if n >= least}

    def probability(self, gram: Gram) -> float:
        if not gram:
            return 0.0
        history = gram[:-1]
        n, total = self.counts[len(history)][gram], self._totals[history]
        if not history:
            return n / total
        shorter = self.probability(gram[1:])
        if total == 0:
            return shorter
        return (max(0.0, n - DISCOUNT) + DISCOUNT * self._kinds[history] * shorter) / total


class Mixed:
    """Several languages, each with its share: of what is said in all, and after some words as likely as they make it."""

    def __init__(self, parts: Sequence[tuple[float, Language]]) -> None:
        self._parts = parts

    def probability(self, gram: Gram) -> float:
        shares = [(share * _likely(part, gram[:-1]), part) for share, part in self._parts]
        return sum(share * part.probability(gram) for share, part in shares) / sum(share for share, _ in shares)


def _likely(language: Language, words: Gram) -> float:
    """How likely these words are in a row. What nobody has said is next to impossible."""
    spoken = [words[: end + 1] for end, word in enumerate(words) if word != START]
    return max(LEAST_LIKELY, math.prod(language.probability(gram) for gram in spoken))


def write_arpa(file: Path, language: Language, grams: Iterable[Gram]) -> None:
    """Writes these n-grams. Every shorter one that they back off to must be among them, and every word as one of its own."""
    by_order: list[dict[Gram, float]] = [{} for _ in range(ORDER)]
    for gram in grams:
        p = language.probability(gram)
        if p > 0 or gram[-1] == START:
            by_order[len(gram) - 1][gram] = max(p, NEVER)
    backoffs: dict[Gram, float] = {}
    for longer in by_order[1:]:
        backoffs |= _backoffs(longer, by_order, backoffs)
    by_order[0][(UNKNOWN,)] = UNKNOWN_PROBABILITY
    lines = ["\\data\\", *(f"ngram {order + 1}={len(grams)}" for order, grams in enumerate(by_order))]
    for order, known in enumerate(by_order):
        lines += ["", f"\\{order + 1}-grams:"]
        lines += [_line(gram, known[gram], backoffs.get(gram)) for gram in sorted(known)]
    file.write_text("\n".join([*lines, "", "\\end\\", ""]))


def _backoffs(
    grams: Mapping[Gram, float], by_order: Sequence[Mapping[Gram, float]], known: Mapping[Gram, float]
) -> dict[Gram, float]:
    """For every history of `grams`: the mass that they leave, by the mass that their shorter ones leave (Katz 1987)."""
    left: dict[Gram, float] = defaultdict(lambda: 1.0)
    shorter_left: dict[Gram, float] = defaultdict(lambda: 1.0)
    for gram, p in grams.items():
        left[gram[:-1]] -= p
        shorter_left[gram[:-1]] -= _by_backoff(gram[1:], by_order, known)
    return {history: max(LEAST_LEFT, left[history]) / max(LEAST_LEFT, shorter_left[history]) for history in left}


def _by_backoff(gram: Gram, by_order: Sequence[Mapping[Gram, float]], backoffs: Mapping[Gram, float]) -> float:
    p = by_order[len(gram) - 1].get(gram)
    if p is not None:
        return p
    if len(gram) == 1:
        return UNKNOWN_PROBABILITY
    return backoffs.get(gram[:-1], 1.0) * _by_backoff(gram[1:], by_order, backoffs)


def _line(gram: Gram, p: float, backoff: float | None) -> str:
    """Common logarithms, to what two digits can tell."""
    text = f"{math.log10(p):.2f}\t{' '.join(gram)}"
    return text if backoff is None else f"{text}\t{math.log10(backoff):.2f}"


class WordModel:
    """An ARPA file, to be asked."""

    def __init__(self, file: Path) -> None:
        self._grams: dict[Gram, tuple[float, float]] = {}
        self._outlooks: dict[str, float] = {}
        for entry in file.read_text().splitlines():
            fields = entry.split("\t")
            if len(fields) >= 2:
                backoff = float(fields[2]) if len(fields) > 2 else 0.0
                gram = tuple(fields[1].split(" "))
                self._grams[gram] = float(fields[0]), backoff
                if len(gram) == 1 and gram[0] not in (START, END, UNKNOWN):
                    self._look_ahead(gram[0], float(fields[0]))

    def log_probability(self, history: Gram, word: str) -> float:
        """The natural logarithm of how likely `word` is after these words, of which two count."""
        spelt = 0.0
        if (word,) not in self._grams:
            spelt, word = len(word) * math.log10(LETTER_PROBABILITY), UNKNOWN
        context, backoff = history[-(ORDER - 1) :], 0.0
        while (*context, word) not in self._grams:
            backoff += self._grams.get(context, (0.0, 0.0))[1]
            context = context[1:]
        return (self._grams[(*context, word)][0] + backoff + spelt) * math.log(10)

    def outlook(self, beginning: str) -> float:
        """The natural logarithm of how likely the likeliest word is that begins so, whatever came before."""
        spelt = self._grams[(UNKNOWN,)][0] + len(beginning) * math.log10(LETTER_PROBABILITY)
        return self._outlooks.get(beginning, spelt) * math.log(10)

    def _look_ahead(self, word: str, logarithm: float) -> None:
        for length in range(1, len(word) + 1):
            beginning = word[:length]
            self._outlooks[beginning] = max(logarithm, self._outlooks.get(beginning, -math.inf))
