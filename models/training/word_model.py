"""A trigram model of the words that are said, in ARPA's format: what the recogniser's beam search leans on.

Interpolated absolute discounting (Ney, Essen and Kneser 1994): of every count D is taken away and shared out by the
next shorter history. A word outside the vocabulary is spelt: the probability of <unk>, and of each of its letters.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

START, END, UNKNOWN = "<s>", "</s>", "<unk>"
DISCOUNT = 0.75
# What is spelt: once in so many words, at 5 of the 26 letters' even chances a letter.
UNKNOWN_PROBABILITY, LETTER_PROBABILITY = 1e-6, 0.2
ORDER = 3

Gram = tuple[str, ...]


def counted(sentences: Iterable[str]) -> list[Counter[Gram]]:
    """How often each word, pair and triple occurs; every sentence has two starts and an end."""
    counts: list[Counter[Gram]] = [Counter() for _ in range(ORDER)]
    for sentence in sentences:
        words = [START, START, *sentence.split(), END]
        for at in range(2, len(words)):
            for order in range(ORDER):
                counts[order][tuple(words[at - order : at + 1])] += 1
    return counts


def unigrams(counts: Counter[Gram], general: Iterable[str], share: float) -> dict[str, float]:
    """Every word's probability: of requests, and a `share` of general English."""
    other = Counter(word for sentence in general for word in sentence.split())
    here, there = counts.total(), other.total()
    words = {gram[0] for gram in counts} | set(other)
    return {word: (1 - share) * counts[(word,)] / here + share * other[word] / there for word in words}


def write_arpa(file: Path, counts: list[Counter[Gram]], words: Mapping[str, float], rarest: int) -> None:
    """Writes what occurs at least `rarest` times as a pair or triple, and every word."""
    probabilities: list[dict[Gram, float]] = [{(word,): p for word, p in words.items()}]
    backoffs: dict[Gram, float] = {}
    for order in range(1, ORDER):
        totals, kept = totals_of(counts[order]), {gram: n for gram, n in counts[order].items() if n >= rarest}
        taken: dict[Gram, float] = defaultdict(float)
        for gram, n in kept.items():
            taken[gram[:-1]] += (n - DISCOUNT) / totals[gram[:-1]]
        backoffs |= {history: 1 - share for history, share in taken.items()}
        shorter = probabilities[-1]
        probabilities.append({
            gram: (n - DISCOUNT) / totals[gram[:-1]] + backoffs[gram[:-1]] * probability(gram[1:], shorter, words, backoffs)
            for gram, n in kept.items()
        })
    probabilities[0][(UNKNOWN,)] = UNKNOWN_PROBABILITY
    probabilities[0][(START,)] = 1e-99
    lines = ["\\data\\", *(f"ngram {order + 1}={len(grams)}" for order, grams in enumerate(probabilities))]
    for order, grams in enumerate(probabilities):
        lines += ["", f"\\{order + 1}-grams:"]
        lines += [line(gram, grams[gram], backoffs.get(gram)) for gram in sorted(grams)]
    file.write_text("\n".join([*lines, "", "\\end\\", ""]))


def totals_of(counts: Counter[Gram]) -> Counter[Gram]:
    totals: Counter[Gram] = Counter()
    for gram, n in counts.items():
        totals[gram[:-1]] += n
    return totals


def probability(
    gram: Gram, grams: Mapping[Gram, float], words: Mapping[str, float], backoffs: Mapping[Gram, float]
) -> float:
    """Of a pair or a word, by what is written of it, else by its shorter history."""
    if gram in grams:
        return grams[gram]
    return backoffs.get(gram[:1], 1.0) * words.get(gram[-1], UNKNOWN_PROBABILITY) if len(gram) == 2 else words[gram[0]]


def line(gram: Gram, p: float, backoff: float | None) -> str:
    """Common logarithms, to what three digits can tell."""
    text = f"{math.log10(p):.3f}\t{' '.join(gram)}"
    return text if backoff is None else f"{text}\t{math.log10(max(backoff, 1e-9)):.3f}"


class WordModel:
    """An ARPA file, to be asked."""

    def __init__(self, file: Path) -> None:
        self._grams: dict[Gram, tuple[float, float]] = {}
        for entry in file.read_text().splitlines():
            fields = entry.split("\t")
            if len(fields) >= 2:
                backoff = float(fields[2]) if len(fields) > 2 else 0.0
                self._grams[tuple(fields[1].split(" "))] = float(fields[0]), backoff

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
