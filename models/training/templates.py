"""Sentences from templates: `{name}` draws from a generator, `[a|b|c]` is one of its alternatives.

Every alternative is filled in before one is chosen, so that what is drawn depends on the template and the seed alone.
"""

import re
from collections.abc import Callable, Mapping
from random import Random

Generator = Callable[[Random], str]

_TOKENS = re.compile(r"[{}\[\]|]|[^{}\[\]|]+")


def expand(template: str, r: Random, generators: Mapping[str, Generator]) -> str:
    """One sentence of `template`, drawn left to right. Unknown generators raise KeyError."""
    tokens = _TOKENS.findall(template)
    text, rest = _sequence(tokens, 0, r, generators)
    if rest != len(tokens):
        raise ValueError(f"Unbalanced brackets in {template!r}")
    return text


def bound(**values: str) -> dict[str, Generator]:
    """Generators that always give these values."""
    return {name: lambda _, value=value: value for name, value in values.items()}


def _sequence(tokens: list[str], at: int, r: Random, generators: Mapping[str, Generator]) -> tuple[str, int]:
    """The text from `at` to the end of the alternative it is in, and where that end is."""
    text = ""
    while at < len(tokens) and tokens[at] not in "|]":
        if tokens[at] == "{":
            text += generators[tokens[at + 1]](r)
            at += 3
        elif tokens[at] == "[":
            options = []
            while tokens[at] != "]":
                option, at = _sequence(tokens, at + 1, r, generators)
                options.append(option)
            text += r.choice(options)
            at += 1
        else:
            text += tokens[at]
            at += 1
    return text, at
