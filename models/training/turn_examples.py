"""What somebody has said when they pause: whole sentences, and sentences cut off at a word."""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

from dialogues import DialogueWriter
from sentences import (
    CLOSINGS,
    COMMANDS,
    GENERATORS,
    OPENINGS,
    QUESTION_CLOSINGS,
    QUESTION_OPENINGS,
    QUESTIONS,
    clean,
    command,
    request,
    talk,
)
from templates import bound, expand
from turn_model import words_of
from words import ROOMS


class Example(NamedTuple):
    """The words so far, and whether more was to come."""

    text: str
    finished: bool


# Of a sentence so many cuts are taken: more would only repeat the beginnings that all have in common.
CUTS = 3
HESITATIONS = ["um", "uh", "so", "and", "er", "and then", "but", "or", "like", "well", "the", "a", "for", "to"]
# Said alone they are only the beginning of something, though templates have some of them as a whole.
BEGINNINGS = {opening.strip() for opening in [*OPENINGS, *QUESTION_OPENINGS, "and ", "but ", "well ", "the ", "a "]}
# Which templates are held out.
EVERY, CHOSEN = 5, 3


def held_out_templates(held_out: bool) -> list[str]:
    """Every fifth template of commands and questions, or all others."""
    return [text for at, text in enumerate([*COMMANDS, *QUESTIONS]) if (at % EVERY == CHOSEN) == held_out]


@cache
def domain() -> frozenset[tuple[str, ...]]:
    """What is a sentence, its numbers taken for one another: a prefix that is one of these is not unfinished."""
    r = Random(3)
    sentences = {tuple(words_of(request(r))) for _ in range(250_000)}
    sentences |= {tuple(words_of(command(r))) for _ in range(50_000)} | {tuple(words_of(talk(r))) for _ in range(20_000)}
    return frozenset(sentences - {tuple(beginning.split()) for beginning in BEGINNINGS})


def request_examples(count: int, r: Random, templates: Sequence[str] | None) -> list[Example]:
    """So many requests and their beginnings, of all templates and the dialogues or only of these."""
    writer = DialogueWriter(r, ["never mind"])
    examples = []
    for _ in range(count):
        if templates is not None:
            text = _of_template(r.choice(templates), r)
        else:
            text = request(r) if r.random() < 0.7 else clean(writer.request()[0].text)
        examples += _with_beginnings(text, r)
    return examples


def lj_examples(sentences: Sequence[str], r: Random) -> list[Example]:
    """Read sentences and their beginnings."""
    return [example for text in sentences for example in _with_beginnings(text, r)]


def split_lj(text: Path) -> tuple[list[str], list[str]]:
    """LJ Speech's sentences without digits that end as sentences do: 1,000 for testing, the others for training."""
    sentences = set()
    for line in text.read_text(encoding="utf-8", errors="ignore").split("\n"):
        said = line.split("|")[-1].strip()
        if re.search(r"[.!?][\"”]?$", said) and not re.search(r"\d", said):
            sentences.add(clean(said))
    shuffled = sorted(sentences)
    Random(7).shuffle(shuffled)
    return shuffled[:1000], shuffled[1000:]


def misheard(example: Example, r: Random) -> Example:
    """One of the words, the last as often as any other, wrong by a letter or lost."""
    words = example.text.split()
    at = len(words) - 1 if r.random() < 0.3 else r.randrange(len(words))
    word = words[at]
    letter = r.randrange(len(word))
    wrong = word[:letter] + r.choice("aeioutnsrlmdk") + word[letter + 1 :]
    if at < len(words) - 1 and r.random() < 0.3:
        return Example(" ".join(words[:at] + words[at + 1 :]), example.finished)
    return Example(" ".join([*words[:at], wrong, *words[at + 1 :]]), example.finished)


def _of_template(template: str, r: Random) -> str:
    text = expand(template, r, {**GENERATORS, **bound(room=r.choice(ROOMS))})
    if template in COMMANDS:
        return clean(r.choice(OPENINGS) + text + r.choice(CLOSINGS))
    return clean(r.choice(QUESTION_OPENINGS) + text + r.choice(QUESTION_CLOSINGS))


def _with_beginnings(text: str, r: Random) -> list[Example]:
    words = text.split()
    examples = []
    if tuple(words) not in {tuple(beginning.split()) for beginning in BEGINNINGS}:
        examples.append(Example(text, True))
    cuts = r.sample(range(1, len(words)), min(CUTS, len(words) - 1))
    beginnings = [" ".join(words[:cut]) for cut in cuts]
    unfinished = [begun for begun in beginnings if tuple(words_of(begun)) not in domain()]
    if r.random() < 0.15:
        unfinished.append(f"{r.choice([text, *beginnings])} {r.choice(HESITATIONS)}")
    if r.random() < 0.05:
        hesitation = r.choice(HESITATIONS[:3])
        examples.append(Example(f"{hesitation} {text}", True))
        unfinished += [f"{hesitation} {begun}" for begun in unfinished]
    return examples + [Example(begun, False) for begun in unfinished]
