"""Requests that are answered by heart, and those that the assistant cannot fulfil."""

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random

from replies import ABOUT, CAPITALS, FACTS, JOKES, NO_ALARM, NOT_YET, UNKNOWN, UNKNOWN_COUNTRIES
from sentences import GENERATORS
from spoken import clock
from templates import Generator, expand
from tool_requests import Scene, Writer, capitalised
from turns import Dialogue, said
from wide_words import ALL_CITIES, ALL_FOODS, ALL_NAMES, ALL_OBJECTS, UNKNOWN_TOPICS
from words import TASKS

SENTENCES = Path(__file__).parent / "sentences"
SMALL_TALK = json.loads((SENTENCES / "small_talk.json").read_text())
UNSUPPORTED = [*(SENTENCES / "unsupported.txt").read_text().splitlines()]
UNSUPPORTED += [
    *("[what time is it|what's the time|what is the time] in {city}", "how many days until {date}", "spell {name}"),
    *("how many {small_unit} are in {number} {large_unit}", "convert {number} {conversion}", "count to {small}"),
    *("what should i [cook|eat|wear|watch|read] [|today|tonight]", "[mute|volume up|volume down|louder|speak slower]"),
    *("set the volume to {small}", "dim the lights to {small} percent", "set the temperature to {small} degrees"),
    *("[pause|stop] the music", "next song", "order [|some|a] {food}", "book a [table|flight|hotel|taxi] {date}"),
    *("how [cold|hot|warm|windy] is it [outside|today|in {city}|right now]", "do i need an umbrella {date}"),
    *("read me [a story|the news|my emails|my messages]", "write [an email|a letter|a message] to {name}"),
    *("how far is it to {city}", "is the {thing} [on|off|open]", "search the internet for {object}", "take a picture"),
    *("forget [that|everything|what i told you]", "add {object} [|and {object}] to my shopping list", "call a taxi"),
    *("what's the price of {object}", "who won the game", "sing me a song", "read my shopping list", "call {name}"),
]
WIDE: dict[str, Generator] = {
    **GENERATORS,
    "name": lambda r: r.choice(ALL_NAMES),
    "city": lambda r: r.choice(ALL_CITIES),
    "food": lambda r: r.choice(ALL_FOODS),
    "object": lambda r: r.choice(ALL_OBJECTS),
}


def joke(scene: Scene) -> Dialogue:
    """A joke."""
    heard = scene.r.choice(
        [
            *("tell me a joke", "can you tell me a joke", "please tell me a joke", "tell me another joke"),
            *("do you know a joke", "make me laugh", "say something funny", "a joke please", "another joke please"),
            *("do you know any jokes", "tell us a joke", "another joke", "i want to hear a joke"),
        ]
    )
    return said(heard, scene.r.choice(JOKES))


def fun_fact(scene: Scene) -> Dialogue:
    """A fun fact."""
    heard = scene.r.choice(
        [
            *("tell me a fun fact", "tell me something interesting", "give me a fun fact", "tell me a secret"),
            *("fun fact please", "surprise me", "tell me a fact", "another fact please", "another fun fact"),
        ]
    )
    return said(heard, scene.r.choice(FACTS))


def about(scene: Scene) -> Dialogue:
    """A sentence on a topic, or that nothing is known of it."""
    r = scene.r
    openings = ["tell me about ", "what is ", "what are ", "tell me more about ", "do you know about ", "explain "]
    opening = r.choice([*openings, "can you tell me about ", "what do you know about "])
    if r.random() < 0.65:
        topic = r.choice(list(ABOUT))
        return said(opening + topic, ABOUT[topic])
    questions = [f"who is {r.choice(ALL_NAMES)}", f"who invented the {r.choice(ALL_OBJECTS)}", "who won the war"]
    unknown = opening + r.choice([*UNKNOWN_TOPICS, *UNKNOWN_TOPICS, *ALL_OBJECTS, *ALL_CITIES])
    return said(r.choice([unknown, unknown, unknown, *questions]), r.choice(UNKNOWN))


def capital(scene: Scene) -> Dialogue:
    """A country's capital."""
    r = scene.r
    opening = r.choice(["what is the capital of ", "what's the capital of ", "capital of ", "tell me the capital of "])
    if r.random() < 0.2:
        return said(opening + r.choice(UNKNOWN_COUNTRIES), r.choice(UNKNOWN))
    country = r.choice(list(CAPITALS))
    return said(opening + country, f"The capital of {capitalised(country)} is {CAPITALS[country]}.")


def unsupported(scene: Scene) -> Dialogue:
    """What assistants are asked for and this one cannot do."""
    r = scene.r
    if r.random() < 0.15:
        alarm = r.choice(["set an alarm for ", "wake me up at ", "set my alarm for "]) + clock(r)
        reminder = f"remind me to {r.choice(TASKS)} {r.choice(['tomorrow', 'tonight', 'at ' + clock(r)])}"
        return said(r.choice([alarm, alarm, reminder]), r.choice(NO_ALARM))
    return said(expand(r.choice(UNSUPPORTED), r, WIDE).strip(), r.choice(NOT_YET))


def small_talk(heard: Sequence[str], answers: Sequence[str]) -> Writer:
    """Any of the answers to any of what is heard."""
    return lambda scene: said(scene.r.choice(heard), scene.r.choice(answers))


def another(told: str, scene: Scene) -> Dialogue | None:
    """Another joke after a joke, another fact after a fact."""
    texts = next((texts for texts in (JOKES, FACTS) if told in texts), None)
    if texts is None:
        return None
    heard = scene.r.choice(["another one", "one more", "tell me another one", "another", "another one please"])
    return said(heard, _other_than(told, texts, scene.r))


def _other_than(told: str, texts: Sequence[str], r: Random) -> str:
    return r.choice([text for text in texts if text != told])
