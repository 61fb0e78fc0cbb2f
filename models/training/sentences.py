"""Sentences for the starter models: requests to an assistant from templates, and general English from a text.

All of it is lower-case letters, apostrophes and spaces, numbers spelled out, as a recogniser writes.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from random import Random

import spoken
from templates import Generator, bound, expand
from words import (
    ANIMALS,
    CITIES,
    COLORS,
    DAYS,
    FOODS,
    MONTHS,
    NAMES,
    OBJECTS,
    PLACES,
    ROOMS,
    TASKS,
    THINGS,
    TOPICS,
    UNITS,
)

OPENINGS = [
    *("", "", "", "", "please ", "hey ", "okay ", "can you ", "could you ", "can you please ", "could you please "),
    *("i want you to ", "would you ", "now ", "hey can you ", "i'd like you to "),
]
CLOSINGS = ["", "", "", "", " please", " thanks", " for me", " now", " right now", " thank you"]
QUESTION_OPENINGS = ["", "", "", "hey ", "okay ", "so ", "tell me ", "please tell me ", "and ", "do you know "]
QUESTION_CLOSINGS = ["", "", "", "", " please", " today", " again"]


def _one_of(words: list[str]) -> Generator:
    return lambda r: r.choice(words)


def _templates(name: str) -> list[str]:
    """The lines of `sentences/<name>.txt`."""
    return (Path(__file__).parent / "sentences" / f"{name}.txt").read_text().splitlines()


COMMANDS, QUESTIONS, TALK = _templates("command"), _templates("question"), _templates("talk")
FACT = f"[{'|'.join(_templates('fact'))}]"

GENERATORS: dict[str, Generator] = {
    "animal": _one_of(ANIMALS),
    "city": _one_of(CITIES),
    "color": _one_of(COLORS),
    "food": _one_of(FOODS),
    "month": _one_of(MONTHS),
    "name": _one_of(NAMES),
    "object": _one_of(OBJECTS),
    "object_or_animal": _one_of(OBJECTS + ANIMALS),
    "place": _one_of(PLACES),
    "possession": _one_of(OBJECTS + FOODS + ANIMALS),
    "spellable": _one_of(NAMES + FOODS + COLORS),
    "task": _one_of(TASKS),
    "thing": _one_of(THINGS),
    "topic": _one_of(TOPICS),
    "weekday": _one_of(DAYS),
    "room": _one_of(ROOMS),
    "conversion": lambda r: " to ".join(r.choice(UNITS)),
    "large_unit": lambda r: r.choice(UNITS)[0],
    "small_unit": lambda r: r.choice(UNITS)[1],
    "arithmetic": spoken.arithmetic,
    "clock": spoken.clock,
    "code": lambda r: spoken.digits(r, 4),
    "date": spoken.date,
    "day": lambda r: spoken.ordinal(r.randint(1, 31)),
    "digits": lambda r: spoken.digits(r, r.randint(2, 8)),
    "duration": spoken.duration,
    "duration_adjective": lambda r: spoken.as_adjective(spoken.duration(r)),
    "fact": lambda r: fact(r),
    "number": spoken.any_number,
    "small": spoken.small_number,
}


def fact(r: Random) -> str:
    """Something worth remembering about the user."""
    return expand(FACT, r, {**GENERATORS, **bound(same_name=r.choice(NAMES))})


def command(r: Random) -> str:
    """Something to do."""
    room = r.choice(ROOMS)
    return expand(r.choice(COMMANDS), r, {**GENERATORS, **bound(room=room)})


def question(r: Random) -> str:
    """Something to answer."""
    return expand(r.choice(QUESTIONS), r, GENERATORS)


def talk(r: Random) -> str:
    """What is neither."""
    return expand(r.choice(TALK), r, GENERATORS)


def request(r: Random) -> str:
    """What people say to an assistant."""
    kind = r.random()
    if kind < 0.45:
        text = r.choice(OPENINGS) + command(r) + r.choice(CLOSINGS)
    elif kind < 0.78:
        text = r.choice(QUESTION_OPENINGS) + question(r) + r.choice(QUESTION_CLOSINGS)
    else:
        text = talk(r) + r.choice(["", "", "", " please", " computer", " " + talk(r)])
    return clean(text)


def clean(text: str) -> str:
    """Lower-case letters, apostrophes and single spaces."""
    text = text.lower().replace("’", "'").replace("-", " ").replace("—", " ")
    return re.sub(" +", " ", re.sub("[^a-z' ]", " ", text)).strip()


def general_english(metadata: Path) -> list[str]:
    """Clauses of 3 to 14 words from LJ Speech's metadata.csv; those with digits are left out."""
    lines = metadata.read_text(encoding="utf-8", errors="ignore").split("\n")
    return _clauses(line.split("|")[-1] for line in lines)


def usage_examples(folder: Path) -> list[str]:
    """Clauses of the sentences in which WordNet, from a folder of its data files, shows how its words are used."""
    glosses = [(folder / f"data.{kind}").read_text(encoding="utf-8", errors="ignore") for kind in ("noun", "verb", "adj", "adv")]
    return _clauses(example for gloss in glosses for example in re.findall(r'"([^"\n]+)"', gloss))


def _clauses(sentences: Iterable[str]) -> list[str]:
    """Of 3 to 14 words, sorted; those with digits are left out."""
    clauses = set()
    for sentence in sentences:
        for clause in re.split(r"[,;:.!?()\"“”]+", sentence):
            words = [] if re.search(r"\d", clause) else clean(clause).split()
            while len(words) >= 3:
                clauses.add(" ".join(words[:14]))
                words = words[14:]
    return sorted(clauses)
