"""The language model's tokens: byte-level BPE as GPT-2 has it, every digit by itself, ChatML's marks, tools' phrases."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from bpe import Merge, Splitter, learn_merges
from turns import Turn

# GPT-2's, for ASCII text.
WORDS = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")
MARKS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
PAD, START, END = range(3)
SIZE = 2000
# What tools are called with, and what they give, as one token each: a call is as fast as a word, and what is left to
# be said of it is what must be right.
CALL, CALL_END = '<tool_call>{"name": "', '"}}</tool_call>'
PHRASES = [
    *(f'{CALL}{tool}", "arguments": {{}}}}</tool_call>' for tool in ("get_time", "get_date", "get_system_info")),
    *(f'{CALL}{tool}", "arguments": {{}}}}</tool_call>' for tool in ("list_timers", "cancel_timer")),
    f'{CALL}cancel_timer", "arguments": {{"timer_id": "timer-',
    f'{CALL}set_timer", "arguments": {{"duration": "',
    f'{CALL}calculate", "arguments": {{"expression": "',
    f'{CALL}memory_store", "arguments": {{"text": "',
    f'{CALL}memory_recall", "arguments": {{"query": "',
    CALL_END,
    *('{"ok": true}', '{"ok": true, "name": "', '{"result": "', '{"time": "', '{"date": "', '{"error": "'),
    *('{"memories": ["', '{"memories": []}', '"]}', '"}', '{"timers": []}', '{"timers": [{"timer_id": "timer-'),
    *('", "name": "', '", "seconds_left": ', '}, {"timer_id": "timer-', "}]}", '{"version": "'),
    *('", "uptime": "', '", "memory": "'),
]
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


_PHRASE = re.compile("(" + "|".join(re.escape(phrase) for phrase in sorted(PHRASES, key=len, reverse=True)) + ")")


class ByteTokens:
    """Text to tokens and back. `tokens` are the marks, bytes and merges, in front of the phrases."""

    def __init__(self, tokens: Sequence[str], merges: Sequence[Merge]) -> None:
        self.tokens = [*tokens, *PHRASES]
        self.merges = merges
        self._ids = {token: index for index, token in enumerate(self.tokens)}
        self._bytes = {letter: byte for byte, letter in enumerate(BYTES)}
        self._split = Splitter(merges)

    @classmethod
    def load(cls) -> "ByteTokens":
        """Those of the shipped weights."""
        return cls(*json.loads(FILE.read_text()))

    @classmethod
    def learn(cls, texts: Iterable[str]) -> "ByteTokens":
        """New ones, written to `llm_vocab.json`. Weights that were trained with others do not fit them."""
        parts = (part for text in texts for part in _PHRASE.split(text)[::2])
        counts = Counter(word for part in parts for word in _words(part))
        start = MARKS + BYTES
        merges = learn_merges(counts, {word: list(word) for word in counts}, SIZE - len(start))
        tokens = start + ["".join(merge) for merge in merges]
        FILE.write_text(json.dumps([tokens, merges]))
        return cls(tokens, merges)

    def encode(self, text: str) -> list[int]:
        """Token ids of `text`, which is taken to hold no marks."""
        ids: list[int] = []
        for index, part in enumerate(_PHRASE.split(text)):
            if index % 2:
                ids.append(self._ids[part])
            else:
                ids += [self._ids[token] for word in _words(part) for token in self._split(word)]
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Text of `ids` without the marks."""
        phrases = len(self.tokens) - len(PHRASES)
        text = b""
        for index in ids:
            if index >= phrases:
                text += self.tokens[index].encode()
            elif index >= len(MARKS):
                text += bytes(self._bytes[letter] for letter in self.tokens[index])
        return text.decode("utf8", "replace")

    def encode_chat(self, turns: Iterable[Turn]) -> tuple[list[int], list[float]]:
        """Token ids of turns in ChatML, and how much the model is to learn to say each of them."""
        ids: list[int] = []
        weights: list[float] = []
        for turn in turns:
            head, body, tail = self.turn_start(turn.role), [*self.encode(turn.text), END], self.encode("\n")
            ids += head + body + tail
            weights += [0.0] * len(head) + [turn.weight] * len(body) + [0.0] * len(tail)
        return ids, weights

    def turn_start(self, role: str) -> list[int]:
        """What comes before a turn's text."""
        return [START, *self.encode(role + "\n")]
