"""Byte-pair encoding: learning it, and splitting a piece of text by it."""

import itertools
from collections import Counter
from collections.abc import Iterable

Merge = tuple[str, str]


def learn_merges(counts: Counter[str], pieces: dict[str, list[str]], count: int) -> list[Merge]:
    """Up to `count` merges of the commonest neighbours. `pieces` splits what `counts` counts; it is merged in place."""
    merges: list[Merge] = []
    for _ in range(count):
        pairs: Counter[Merge] = Counter()
        for word, tokens in pieces.items():
            for pair in itertools.pairwise(tokens):
                pairs[pair] += counts[word]
        if not pairs:
            break
        merge = pairs.most_common(1)[0][0]
        merges.append(merge)
        for tokens in pieces.values():
            _apply(merge, tokens)
    return merges


def _apply(merge: Merge, tokens: list[str]) -> None:
    at = 0
    while at < len(tokens) - 1:
        if (tokens[at], tokens[at + 1]) == merge:
            tokens[at : at + 2] = ["".join(merge)]
        else:
            at += 1


class Splitter:
    """Splits pieces of text by merges, earliest learned first."""

    def __init__(self, merges: Iterable[Iterable[str]]) -> None:
        self._rank = {tuple(merge): rank for rank, merge in enumerate(merges)}
        self._known: dict[str, list[str]] = {}

    def __call__(self, piece: str, end: str = "") -> list[str]:
        """The tokens of `piece`, with `end` as a last symbol of its own."""
        if piece not in self._known:
            self._known[piece] = self._split([*piece, *([end] if end else [])])
        return self._known[piece]

    def _split(self, tokens: list[str]) -> list[str]:
        while len(tokens) > 1:
            pairs = enumerate(itertools.pairwise(tokens))
            rank, at = min((self._rank.get(pair, len(self._rank)), at) for at, pair in pairs)
            if rank == len(self._rank):
                break
            tokens[at : at + 2] = [tokens[at] + tokens[at + 1]]
        return tokens
