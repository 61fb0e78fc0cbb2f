"""The recogniser's tokens: pieces of words, where "|" marks a word's end. Token 0 is CTC's blank."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from bpe import Merge, Splitter, learn_merges

WORD_END = "|"
BLANK = 0
SIZE = 160
FILE = Path(__file__).parent / "vocab.json"


class WordPieces:
    """Text to tokens, and what a CTC model says to text."""

    def __init__(self, pieces: Sequence[str], merges: Iterable[Merge]) -> None:
        self.pieces = pieces
        self._ids = {piece: index + 1 for index, piece in enumerate(pieces)}
        self._split = Splitter(merges)

    @classmethod
    def load(cls) -> "WordPieces":
        """Those of the shipped weights."""
        return cls(*json.loads(FILE.read_text()))

    @classmethod
    def learn(cls, texts: Iterable[str]) -> "WordPieces":
        """New ones, written to `vocab.json`. Weights that were trained with others do not fit them."""
        counts = Counter(word for text in texts for word in text.split())
        split = {word: [*word, WORD_END] for word in counts}
        letters = sorted({letter for letters in split.values() for letter in letters})
        merges = learn_merges(counts, split, SIZE - len(letters))
        pieces = letters + ["".join(merge) for merge in merges]
        FILE.write_text(json.dumps([pieces, merges]))
        return cls(pieces, merges)

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`."""
        return [self._ids[piece] for word in text.split() for piece in self._split(word, WORD_END)]

    def decode(self, best: Iterable[int]) -> str:
        """Text of the likeliest token of every frame: repeats and blanks are left out."""
        text, previous = "", BLANK
        for token in best:
            if token not in (previous, BLANK):
                text += self.pieces[token - 1]
            previous = token
        return text.replace(WORD_END, " ").strip()


def word_errors(truth: Sequence[str], heard: Sequence[str]) -> int:
    """Words wrong, missing or too many: the least number of edits from one to the other."""
    row = list(range(len(heard) + 1))
    for index, word in enumerate(truth, 1):
        diagonal, row[0] = row[0], index
        for at, other in enumerate(heard, 1):
            diagonal, row[at] = row[at], min(row[at] + 1, row[at - 1] + 1, diagonal + (word != other))
    return row[-1]
