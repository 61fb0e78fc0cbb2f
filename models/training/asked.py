"""What people ask the assistant, without what is for tests: what the recogniser learns to read, and which words follow which."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from dialogues import SHORTEST_LEFT_OUT, DialogueWriter
from sentences import clean, request

TEST_REQUESTS = Path(__file__).parent.parent / "eval" / "requests.jsonl"
# Of what is asked: as in dialogues, the rest from the templates alone.
SHARE_IN_DIALOGUES = 0.6


def test_requests() -> tuple[list[str], Random]:
    """200 requests that training leaves out, and the randomness that chooses their voices."""
    r = Random(999)
    return sorted({request(r) for _ in range(260)})[:200], r


def left_out() -> set[str]:
    """Every text that tests read aloud. Of those answered, what is shorter than a sentence may be learned: "hello" is a word."""
    lines = TEST_REQUESTS.read_text(encoding="utf-8").splitlines()
    answered = [str(json.loads(line)["text"]) for line in lines]
    return {*test_requests()[0], *(text for text in answered if len(text.split()) >= SHORTEST_LEFT_OUT)}


def asked(r: Random, general_english: Sequence[str]) -> Iterator[str]:
    """Request after request, for ever; what is to be remembered may be of `general_english`."""
    tests = left_out()
    writer = DialogueWriter(r, general_english)
    writer.share_misheard = 0  # Mishearing is the recogniser's part.
    while True:
        if r.random() < SHARE_IN_DIALOGUES:
            texts = [clean(turn.text) for turn in writer.dialogue() if turn.role == "user"]
        else:
            texts = [request(r)]
        yield from (text for text in texts if text not in tests)
