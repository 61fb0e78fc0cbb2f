"""What a recogniser makes of words: learned from what was said and what it heard, applied to any text.

confusions.py pairs.tsv        learns from a file with the columns said and heard; writes confusions.json
"""

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Self

from spoken import ONES, TENS
from words import COLORS, DAYS

FILE = Path(__file__).parent / "confusions.json"
# Longer mishearings are of no use for other sentences.
MOST_WORDS = 3
# So many times an average word's chance to be misheard counts beside what was seen of a word.
PRIOR = 4.0
# What a request is about: nobody can tell one from another once it was misheard as that.
VALUES = {
    *(*ONES, *TENS, "hundred", "thousand", "million", "half", "quarter", "quarters", "third", "point", "percent"),
    *("plus", "minus", "times", "divided", "multiplied", "squared", "cubed", "over", "root"),
    *("seconds", "minutes", "hours", "days", *DAYS, *COLORS),
}
# Of a value to what was heard of it.
LEAST_LIKENESS = 0.5
Pair = tuple[str, str]


def changes(said: Sequence[str], heard: Sequence[str]) -> Iterator[tuple[list[str], list[str]]]:
    """What was heard otherwise, aligned with as few changed words as can be: words said and words heard."""
    costs = _costs(said, heard)
    row, column = len(said), len(heard)
    spoken: list[str] = []
    instead: list[str] = []
    while row or column:
        same = row and column and said[row - 1] == heard[column - 1]
        if same and costs[row][column] == costs[row - 1][column - 1]:
            if spoken or instead:
                yield spoken[::-1], instead[::-1]
            spoken, instead = [], []
            row, column = row - 1, column - 1
            continue
        if row and column and costs[row][column] == costs[row - 1][column - 1] + 1:
            row, column = row - 1, column - 1
            spoken.append(said[row])
            instead.append(heard[column])
        elif row and costs[row][column] == costs[row - 1][column] + 1:
            row -= 1
            spoken.append(said[row])
        else:
            column -= 1
            instead.append(heard[column])
    if spoken or instead:
        yield spoken[::-1], instead[::-1]


def _costs(said: Sequence[str], heard: Sequence[str]) -> list[list[int]]:
    """Changed words of every beginning of one against every beginning of the other."""
    costs = [list(range(len(heard) + 1))]
    for row, word in enumerate(said, 1):
        costs.append([row])
        for column, other in enumerate(heard, 1):
            changed = costs[row - 1][column - 1] + (word != other)
            costs[row].append(min(changed, costs[row - 1][column] + 1, costs[row][column - 1] + 1))
    return costs


def words_wrong(said: Sequence[str], heard: Sequence[str]) -> int:
    """Changed, lost and added words."""
    return _costs(said, heard)[-1][-1]


class Confusions:
    """Substitutions, losses and additions of words, and how often."""

    def __init__(self, counts: Mapping[str, int], heard: Mapping[str, Mapping[str, int]]) -> None:
        """`counts`: how often each word was said. `heard`: for words misheard, what instead; "" for what was added."""
        self._counts = dict(counts)
        self._heard = {words: dict(instead) for words, instead in heard.items()}
        self._starts: dict[str, list[str]] = defaultdict(list)
        for words in self._heard:
            self._starts[words.split(" ")[0]].append(words)
        said = sum(self._counts.values()) or 1
        wrong = sum(sum(self._heard[words].values()) for words in self._heard if words)
        self._usual = wrong / said
        # Mishearings for a word that was said.
        self.rate = max(0.01, self._usual)
        self._added = sum(self._heard.get("", {}).values()) / said
        self._known = sorted({word for instead in heard.values() for text in instead for word in text.split()})

    @classmethod
    def load(cls) -> Self:
        """Those of the shipped recogniser."""
        return cls(**json.loads(FILE.read_text()))

    @classmethod
    def learn(cls, pairs: Iterable[Pair]) -> Self:
        """From (said, heard)."""
        counts: Counter[str] = Counter()
        heard: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for said, understood in pairs:
            counts.update(said.split())
            for words, instead in changes(said.split(), understood.split()):
                if len(words) <= MOST_WORDS and len(instead) <= MOST_WORDS + 1:
                    heard[" ".join(words)][" ".join(instead)] += 1
        return cls(counts, heard)

    def write(self) -> None:
        """As `load` reads it."""
        FILE.write_text(
            json.dumps({"counts": self._counts, "heard": self._heard}, sort_keys=True, separators=(",", ":"))
        )

    def apply(self, text: str, r: Random, strength: float = 1.0, keeps_values: bool = False) -> str:
        """`text` as it may be heard. `strength` times as much is wrong as the recogniser has wrong.

        With `keeps_values` no number or unit is lost, and none becomes another: nobody could tell which it was.
        """
        words, heard = text.split(), list[str]()
        at = 0
        while at < len(words):
            if r.random() < strength * self._added:
                heard += self._drawn("", r).split()
            said, instead = self._misheard(words, at, r, strength)
            if keeps_values and not _keeps_values(said, instead):
                said, instead = words[at], words[at]
            heard += instead.split()
            at += len(said.split())
        return " ".join(heard)

    def _misheard(self, words: Sequence[str], at: int, r: Random, strength: float) -> tuple[str, str]:
        """What is said from `at` on, and what is heard of it."""
        word = words[at]
        if r.random() >= strength * self._chance(word):
            return word, word
        fitting = [
            said for said in self._starts.get(word, []) if words[at : at + said.count(" ") + 1] == said.split(" ")
        ]
        if not fitting:
            return word, self._similar(word, r)
        said = r.choices(fitting, [sum(self._heard[said].values()) for said in fitting])[0]
        return said, self._drawn(said, r)

    def _chance(self, word: str) -> float:
        wrong = sum(sum(self._heard[said].values()) for said in self._starts.get(word, []))
        return (wrong + PRIOR * self._usual) / (self._counts.get(word, 0) + PRIOR)

    def _drawn(self, said: str, r: Random) -> str:
        instead = self._heard.get(said) or {"": 1}
        return r.choices(list(instead), list(instead.values()))[0]

    def _similar(self, word: str, r: Random) -> str:
        """Of a word never heard wrong: one of the words written most alike, now and then nothing."""
        if r.random() < 0.15 or not self._known:
            return ""
        return r.choice(_most_alike(word, tuple(self._known)))


@lru_cache(maxsize=20_000)
def _most_alike(word: str, known: tuple[str, ...]) -> list[str]:
    return sorted((other for other in known if other != word), key=lambda other: _likeness(word, other))[-3:] or [word]


def _keeps_values(said: str, heard: str) -> bool:
    """Whether every value that was said can still be told, and no other is heard."""
    values = [word for word in said.split() if word in VALUES]
    others = heard.split()
    if any(word in VALUES and word not in values for word in others):
        return False
    return all(any(_likeness(value, word) >= LEAST_LIKENESS for word in others) for value in values)


def _likeness(word: str, other: str) -> float:
    """Of two words in letters, 0 to 1."""
    return SequenceMatcher(None, word, other, autojunk=False).ratio()


def read_pairs(path: Path) -> list[Pair]:
    """The rows of a file with the columns said and heard."""
    with path.open(encoding="utf-8") as file:
        return [(row["said"], row["heard"]) for row in csv.DictReader(file, delimiter="\t")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path)
    pairs = read_pairs(parser.parse_args().pairs)
    Confusions.learn(pairs).write()
    wrong, words = (
        sum(values) for values in zip(*((words_wrong(s.split(), h.split()), len(s.split())) for s, h in pairs))
    )
    print(f"{len(pairs)} utterances, {100 * wrong / words:.1f} % of {words} words wrong -> {FILE.name}")


if __name__ == "__main__":
    main()
