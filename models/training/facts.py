"""What users have the assistant remember, and how they ask for it."""

from random import Random

import spoken
from templates import Generator, bound, expand
from wide_words import (
    ALL_CITIES,
    ALL_COLORS,
    ALL_FOODS,
    ALL_NAMES,
    ALL_OBJECTS,
    ALL_PLACES,
    EVENTS,
    HOBBIES,
    PETS,
    RELATIVES,
    THINGS_OWNED,
)
from words import DAYS, MONTHS, TASKS


def _one_of(words: list[str]) -> Generator:
    return lambda r: r.choice(words)


GENERATORS: dict[str, Generator] = {
    "name": _one_of(ALL_NAMES),
    "city": _one_of(ALL_CITIES),
    "color": _one_of(ALL_COLORS),
    "food": _one_of(ALL_FOODS),
    "thing": _one_of(ALL_OBJECTS),
    "place": _one_of(ALL_PLACES),
    "relative": _one_of(RELATIVES),
    "pet": _one_of(PETS),
    "event": _one_of(EVENTS),
    "hobby": _one_of(HOBBIES),
    "task": _one_of(TASKS),
    "owned": _one_of(THINGS_OWNED),
    "weekday": _one_of(DAYS),
    "day": lambda r: f"{r.choice(MONTHS)} {spoken.ordinal(r.randint(1, 31))}",
    "time": spoken.clock,
    "date": spoken.date,
    "code": lambda r: spoken.digits(r, r.randint(3, 6)),
    "number": lambda r: spoken.number(r.choice([r.randint(1, 12), r.randint(1, 999)])),
}

# What is asked, what is looked for, and what was remembered; the blanks of one line are filled alike.
RECALLS = [
    ("[what is|what's|do you remember|tell me] my name", "name", "my name is {name}"),
    ("[what is|what's|do you remember] my favorite color", "favorite color", "my favorite color is {color}"),
    ("[what is|what's|do you know] my favorite food", "favorite food", "my favorite food is {food}"),
    ("[where do i live|do you remember where i live]", "where i live", "i live in {city}"),
    ("[when is|do you remember] my birthday", "birthday", "my birthday is {day}"),
    (
        "[where are|where is|where did i put|where did i leave] my {thing}",
        "{thing}",
        "my {thing} [is|are] in the {place}",
    ),
    ("[what is|what's] my {relative} called", "{relative}", "my {relative} is called {name}"),
    ("[what is|what's] my {relative}'s name", "{relative}", "my {relative} is called {name}"),
    ("[what is|what's] my {pet} called", "{pet}", "my {pet} is called {name}"),
    ("where did i park", "parked", "i parked on level {number}"),
    ("where did i park my car", "parked", "i parked in {place}"),
    ("[what is|what's|tell me] the code", "code", "the code is {code}"),
    ("[what is|what's] my {owned} number", "{owned} number", "my {owned} number is {code}"),
    ("what do i like", "like", "i like {food}"),
    ("what am i allergic to", "allergic", "i am allergic to {food}"),
    ("when is my {event}", "{event}", "my {event} is [at {time}|on {weekday}|on {weekday} at {time}]"),
    (
        "what did i [tell you|say] about my {thing}",
        "{thing}",
        "my {thing} is [in the car|broken|at home|in the {place}]",
    ),
    (
        "what do you know about my {relative}",
        "{relative}",
        "my {relative} [lives in {city}|likes {food}|likes {hobby}]",
    ),
    ("where does my {relative} live", "{relative}", "my {relative} lives in {city}"),
    ("when is my {relative}'s birthday", "{relative} birthday", "my {relative}'s birthday is {day}"),
    ("what do i have to do on {weekday}", "{weekday}", "i have to {task} on {weekday}"),
]
# What is looked for, where it does not depend on what the blanks are filled with.
FIXED_QUERIES = {query for _, query, _ in RECALLS if "{" not in query}
LISTS = [ALL_NAMES, ALL_CITIES, ALL_COLORS, ALL_FOODS, ALL_OBJECTS, ALL_PLACES, EVENTS, HOBBIES, PETS, RELATIVES]
OTHER_FACTS = [
    "i have to {task} {date}",
    "{name} likes {food}",
    "{name} and {name} are coming {date}",
    "i am [flying|going|driving] to {city} {date}",
    "we need {thing} and {food}",
    "i have lent my {thing} to {name}",
    "the {thing} [is|was] in the {place}",
    "{name}'s number is {code}",
    "my {event} is in {city}",
    "i like {hobby} and {hobby}",
    "the {event} starts at {time}",
]


def recollection(r: Random) -> tuple[str, str, str]:
    """A question, what to look for, and what was remembered."""
    drawn = {key: draw(r) for key, draw in GENERATORS.items()}
    question, query, memory = (expand(part, r, bound(**drawn)) for part in r.choice(RECALLS))
    return question, query, memory


def fact(r: Random) -> str:
    """Something worth remembering."""
    if r.random() < 0.65:
        return recollection(r)[2]
    return expand(r.choice(OTHER_FACTS), r, GENERATORS)


def dictation(r: Random) -> str:
    """Digits, numbers or things in a row, which nobody can guess: what learns to repeat them looks at what was said."""
    kind = r.random()
    if kind < 0.35:
        return f"{r.choice(['the code is', 'my number is', 'it is', ''])} {spoken.digits(r, r.randint(3, 10))}".strip()
    if kind < 0.6:
        return " and ".join(spoken.any_number(r) for _ in range(r.randint(2, 4)))
    words = [r.choice(r.choice(LISTS)) for _ in range(r.randint(2, 7))]
    return r.choice([" and ", " "]).join(words)
