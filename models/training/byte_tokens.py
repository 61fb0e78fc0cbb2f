"""The language model's tokens: byte-level BPE as GPT-2 has it, every digit by itself, and ChatML's marks."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bpe import Merge, Splitter, learn_merges

# GPT-2's, for ASCII text.
WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")
MARKS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
PAD, START, END = range(3)
SIZE = 1280
FILE = Path(__file__).parent / "llm_vocab.json"


def _printable_bytes() -> list[str]:
    """GPT-2's printable stand-in for every byte: itself, or a letter from 256 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


BYTES = _printable_bytes()


def _words(text: str) -> Iterator[str]:
    for part in re.split(r"(\d)", text):
        for word in WORDS.findall(part):
            yield "".join(BYTES[byte] for byte in word.encode())


class ByteTokens:
    """Text to tokens and back."""

    def __init__(self, tokens: Sequence[str], merges: Sequence[Merge]) -> None:
        self.tokens = tokens
        self.merges = merges
        self._ids = {token: index for index, token in enumerate(tokens)}
        self._bytes = {letter: byte for byte, letter in enumerate(BYTES)}
        self._split = Splitter(merges)

    @classmethod
    def load(cls) -> "ByteTokens":
        """Those of the shipped weights."""
        return cls(*json.loads(FILE.read_text()))

    @classmethod
    def learn(cls, texts: Iterable[str]) -> "ByteTokens":
        """New ones, written to `llm_vocab.json`. Weights that were trained with others do not fit them."""
        counts = Counter(word for text in texts for word in _words(text))
        start = MARKS + BYTES
        merges = learn_merges(counts, {word: list(word) for word in counts}, SIZE - len(start))
        tokens = start + ["".join(merge) for merge in merges]
        FILE.write_text(json.dumps([tokens, merges]))
        return cls(tokens, merges)

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`, which is taken to hold no marks."""
        return [self._ids[token] for word in _words(text) for token in self._split(word)]

    def decode(self, ids: Iterable[int]) -> str:
        """Text of `ids` without the marks."""
        letters = "".join(self.tokens[index] for index in ids if index >= len(MARKS))
        return bytes(self._bytes[letter] for letter in letters).decode("utf8", "replace")

    def encode_chat(self, turns: Iterable[tuple[str, str]]) -> tuple[list[int], list[bool]]:
        """Token ids of (role, text) turns in ChatML, and which of them the model is to learn to say."""
        ids: list[int] = []
        learned: list[bool] = []
        for role, text in turns:
            head, body, tail = self.turn_start(role), [*self.encode(text), END], self.encode("\n")
            ids += head + body + tail
            learned += [False] * len(head) + [role == "assistant"] * len(body) + [False] * len(tail)
        return ids, learned

    def turn_start(self, role: str) -> list[int]:
        """What comes before a turn's text."""
        return [START, *self.encode(role + "\n")]
