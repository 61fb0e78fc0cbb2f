"""Dialogues for starter-llm: what the voice assistant hears, the tools it calls and what it says.

The assistant's text may be one <tool_call>, which a "tool" turn answers. The user's words look like a recogniser's:
lower case, no punctuation, now and then a slip.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

import spoken
from replies import ABOUT, CAPITALS, FACTS, JOKES, NOT_YET, UNSURE
from sentences import GENERATORS, fact
from templates import expand
from words import CITIES, COLORS, DAYS, FOODS, MONTHS, NAMES, OBJECTS, TOPICS


class Turn(NamedTuple):
    """`role` is system, user, assistant or tool."""

    role: str
    text: str


Dialogue = list[Turn]
Writer = Callable[[Random], Dialogue]

SYSTEM_PROMPTS = [
    "You are Parley, a helpful voice assistant. Answer in one or two short spoken sentences.",
    "You are a helpful voice assistant.",
    "You are Parley. Be brief and friendly.",
    "You are a voice assistant that runs on this computer. Keep answers short.",
]
YOURS = {"my": "your", "i": "you", "am": "are", "me": "you", "i'm": "you're", "mine": "yours", "myself": "yourself"}


def said(heard: str, answer: str) -> Dialogue:
    """An answer without a tool."""
    return [Turn("user", heard), Turn("assistant", answer)]


class Tool(NamedTuple):
    """A tool's name, its arguments and what it answers."""

    name: str
    arguments: dict[str, str]
    result: Mapping[str, object]


def with_tool(heard: str, tool: Tool, answer: str) -> Dialogue:
    """An answer by way of a tool."""
    call = json.dumps({"name": tool.name, "arguments": tool.arguments})
    return [
        Turn("user", heard),
        Turn("assistant", f"<tool_call>{call}</tool_call>"),
        Turn("tool", json.dumps(tool.result)),
        Turn("assistant", answer),
    ]


def addressed(text: str) -> str:
    """What the user said of themselves, said to them."""
    return " ".join(YOURS.get(word, word) for word in text.split())


def capitalised(text: str) -> str:
    """The first letter alone; str.capitalize changes the others too."""
    return text[0].upper() + text[1:]


def time(r: Random) -> Dialogue:
    """The time of day."""
    heard = r.choice(
        [
            *("what time is it", "what's the time", "what is the time now", "tell me the time"),
            *("do you know what time it is", "do you have the time", "what time is it now please"),
            *("can you tell me the time", "time please", "the time please", "hey what time is it"),
        ]
    )
    now = f"{r.randint(1, 12)}:{r.randint(0, 59):02d} {r.choice(['AM', 'PM'])}"
    return with_tool(
        heard, Tool("get_time", {}, {"time": now}), r.choice([f"It is {now}.", f"It's {now}.", f"The time is {now}."])
    )


def date(r: Random) -> Dialogue:
    """The date and the day of the week."""
    heard = r.choice(
        [
            *("what day is it", "what day is it today", "what's the date", "what is the date today"),
            *("what is today's date", "tell me the date", "what month is it", "what year is it", "which day is it"),
            *("what's today's date please", "tell me the day of the week"),
        ]
    )
    day = f"{capitalised(r.choice(DAYS))}, {capitalised(r.choice(MONTHS))} {r.randint(1, 31)}, {r.randint(2024, 2035)}"
    return with_tool(heard, Tool("get_date", {}, {"date": day}), r.choice([f"Today is {day}.", f"It is {day}."]))


def timer(r: Random) -> Dialogue:
    """A timer, set."""
    duration = spoken.duration(r)
    adjective = spoken.as_adjective(duration)
    heard = r.choice(
        [
            *(f"set a timer for {duration}", f"start a timer for {duration}"),
            *(f"set a {adjective} timer", f"start a {adjective} timer"),
            *(f"timer for {duration}", f"wake me up in {duration}", f"remind me in {duration}"),
            *(f"can you set a timer for {duration} please", f"please set a timer for {duration}"),
        ]
    )
    if f" a {adjective} timer" in heard:
        duration = adjective
    answer = r.choice(
        [
            f"Okay, timer set for {duration}.",
            f"Your timer is set for {duration}.",
            f"Done. {capitalised(duration)}, starting now.",
        ]
    )
    return with_tool(heard, Tool("set_timer", {"duration": duration}, {"ok": True}), answer)


def calculation(r: Random) -> Dialogue:
    """A sum. Its result is made up: the model learns to say what the tool says, not to calculate."""
    expression = spoken.arithmetic(r)
    openings = ["what is ", "what's ", "how much is ", "calculate ", "please calculate "]
    heard = r.choice([*openings, "tell me what is ", "can you calculate ", ""]) + expression
    result = str(r.choice([r.randint(0, 100), r.randint(0, 5000), round(r.uniform(0, 900), 2)]))
    answer = r.choice([f"{capitalised(expression)} is {result}.", f"That is {result}.", f"It's {result}."])
    return with_tool(heard, Tool("calculate", {"expression": expression}, {"result": result}), answer)


def store(r: Random) -> Dialogue:
    """Something to remember."""
    text = fact(r)
    openings = ["remember that ", "remember ", "please remember that ", "make a note that ", "note that "]
    heard = r.choice([*openings, "can you remember that ", "don't forget that "]) + text
    yours = addressed(text)
    answer = r.choice(
        [f"Okay, I'll remember that {yours}.", f"Got it. {capitalised(yours)}.", "Okay, I will remember that."]
    )
    return with_tool(heard, Tool("memory_store", {"text": text}, {"ok": True}), answer)


# What is asked, what is looked for, and what was remembered.
RECALLS = [
    ("what is my name", "name", "my name is {name}"),
    ("do you remember my name", "name", "my name is {name}"),
    ("what's my name", "name", "my name is {name}"),
    ("what is my favorite color", "favorite color", "my favorite color is {color}"),
    ("what's my favorite color", "favorite color", "my favorite color is {color}"),
    ("do you remember my favorite color", "favorite color", "my favorite color is {color}"),
    ("where do i live", "where i live", "i live in {city}"),
    ("do you remember where i live", "where i live", "i live in {city}"),
    ("when is my birthday", "birthday", "my birthday is {day}"),
    ("do you remember my birthday", "birthday", "my birthday is {day}"),
    ("where are my {thing}", "{thing}", "my {thing} are in the kitchen drawer"),
    ("where is my {thing}", "{thing}", "my {thing} is in the blue bag"),
    ("where did i put my {thing}", "{thing}", "my {thing} are on the top shelf"),
    ("what is my sister called", "sister", "my sister is called {name}"),
    ("what is my dog called", "dog", "my dog is called {name}"),
    ("where did i park", "parked", "i parked on level {number}"),
    ("what is the code", "code", "the code is {number} {number} {number}"),
    ("what do i like", "like", "i like {food}"),
    ("what am i allergic to", "allergic", "i am allergic to {food}"),
    ("when is my meeting", "meeting", "my meeting is at {time}"),
    ("what did i tell you about my {thing}", "{thing}", "my {thing} is in the car"),
]


def recall(r: Random) -> Dialogue:
    """Something remembered, or not: one of four was never said."""
    values = {
        "name": r.choice(NAMES),
        "color": r.choice(COLORS),
        "city": r.choice(CITIES),
        "day": f"{r.choice(MONTHS)} {spoken.ordinal(r.randint(1, 31))}",
        "thing": r.choice(OBJECTS),
        "number": spoken.number(r.randint(1, 9)),
        "food": r.choice(FOODS),
        "time": spoken.clock(r),
    }
    heard, query, memory = (part.format(**values) for part in r.choice(RECALLS))
    memories: list[str] = []
    if r.random() < 0.75:
        memories = [memory]
        answer = capitalised(addressed(memory)) + "."
    else:
        answer = r.choice(["I don't remember that yet. You can tell me.", "You haven't told me that yet."])
    return with_tool(heard, Tool("memory_recall", {"query": query}, {"memories": memories}), answer)


def system(r: Random) -> Dialogue:
    """How the server is doing."""
    heard = r.choice(
        [
            *("how much memory are you using", "show me the system information", "how long have you been running"),
            *("what version are you", "which version are you", "give me the system information", "are you online"),
            "which model are you",
        ]
    )
    version = f"0.{r.randint(1, 9)}.{r.randint(0, 9)}"
    uptime = f"{r.randint(1, 59)} {r.choice(['minutes', 'hours', 'seconds'])}"
    memory = f"{r.randint(90, 900)} MB"
    result = {"version": version, "uptime": uptime, "memory": memory}
    answer = f"Version {version}, running for {uptime}, using {memory}."
    return with_tool(heard, Tool("get_system_info", {}, result), answer)


def joke(r: Random) -> Dialogue:
    """A joke."""
    heard = r.choice(
        [
            *("tell me a joke", "can you tell me a joke", "please tell me a joke", "tell me another joke"),
            *("do you know a joke", "make me laugh", "say something funny", "a joke please", "another one"),
            "another joke please",
        ]
    )
    return said(heard, r.choice(JOKES))


def fun_fact(r: Random) -> Dialogue:
    """A fun fact."""
    heard = r.choice(
        [
            *("tell me a fun fact", "tell me something interesting", "give me a fun fact", "tell me a secret"),
            *("fun fact please", "surprise me"),
        ]
    )
    return said(heard, r.choice(FACTS))


def about(r: Random) -> Dialogue:
    """A sentence on a topic."""
    topic = r.choice(TOPICS)
    openings = ["tell me about ", "what is ", "what are ", "tell me more about ", "do you know about ", "explain "]
    return said(r.choice([*openings, "can you tell me about "]) + topic, ABOUT[topic])


def capital(r: Random) -> Dialogue:
    """A country's capital."""
    country = r.choice(list(CAPITALS))
    openings = ["what is the capital of ", "what's the capital of ", "capital of ", "tell me the capital of "]
    answer = f"The capital of {capitalised(country)} is {CAPITALS[country]}."
    return said(r.choice(openings) + country, answer)


def name(r: Random) -> Dialogue:
    """The user's name, remembered without being asked to."""
    called = r.choice(NAMES)
    heard = r.choice(["my name is ", "call me ", "i am "]) + called
    tool = Tool("memory_store", {"text": f"my name is {called}"}, {"ok": True})
    return with_tool(heard, tool, f"Nice to meet you, {capitalised(called)}.")


UNSUPPORTED = (Path(__file__).parent / "sentences" / "unsupported.txt").read_text().splitlines()


def unsupported(r: Random) -> Dialogue:
    """What assistants are asked for and this one cannot do."""
    heard = expand(r.choice(UNSUPPORTED), r, GENERATORS).strip()
    return said(heard, r.choice(NOT_YET))


def small_talk(heard: Sequence[str], answers: Sequence[str]) -> Writer:
    """Any of the answers to any of what is heard."""
    return lambda r: said(r.choice(heard), r.choice(answers))


SMALL_TALK = json.loads((Path(__file__).parent / "sentences" / "small_talk.json").read_text())
# Small talk weighs a little less than its own file says, so that tools get their share.
SMALL_TALK_SHARE = 0.8


class DialogueWriter:
    """Writes dialogues with one source of randomness and a text that the assistant is not to understand."""

    def __init__(self, r: Random, general_english: Sequence[str]) -> None:
        self._r = r
        self._general_english = general_english
        kinds: list[tuple[float, Writer]] = [
            *((9, time), (7, date), (9, timer), (10, calculation), (9, store), (9, recall), (3, system), (6, joke)),
            *((4, fun_fact), (7, about), (4, capital), (3, name), (9, unsupported), (7, self._not_understood)),
            *((kind["weight"] * SMALL_TALK_SHARE, small_talk(kind["heard"], kind["said"])) for kind in SMALL_TALK),
        ]
        self._weights, self._writers = zip(*kinds, strict=True)

    def request(self) -> Dialogue:
        """One request and what comes of it."""
        return self._r.choices(self._writers, self._weights)[0](self._r)

    def dialogue(self) -> Dialogue:
        """One to three requests, mostly with a system prompt, with a recogniser's slips in what is heard."""
        r = self._r
        turns: Dialogue = []
        for _ in range(r.choice([1, 1, 1, 2, 2, 3])):
            turns += self._asked_again() if r.random() < 0.04 else self.request()
        turns = [Turn(role, slip(text, r) if self._may_slip(role, text) else text) for role, text in turns]
        prompt = [Turn("system", r.choice(SYSTEM_PROMPTS))] if r.random() < 0.85 else []
        return prompt + turns

    def _may_slip(self, role: str, text: str) -> bool:
        """What is stored word by word stays as it is: the model must copy it."""
        return role == "user" and "my name" not in text and "remember" not in text and self._r.random() < 0.5

    def _not_understood(self, r: Random) -> Dialogue:
        return said(r.choice(self._general_english), r.choice(UNSURE))

    def _asked_again(self) -> Dialogue:
        turns = self.request()
        heard = self._r.choice(
            [
                *("repeat that", "say that again", "what did you say", "pardon", "can you repeat that", "sorry what"),
                "repeat that please",
            ]
        )
        return turns + said(heard, turns[-1].text)


def slip(text: str, r: Random) -> str:
    """A recogniser's slips: a letter wrong, dropped or doubled, a small word lost, a filler added."""
    words = text.split()
    if r.random() < 0.25 and words:
        at = r.randrange(len(words))
        word = words[at]
        if len(word) > 3 and r.random() < 0.7:
            letter = r.randrange(len(word))
            before, after = word[:letter], word[letter:]
            wrong = r.choice("aeioutnsrl")
            words[at] = r.choice([before + after[1:], before + wrong + after[1:], before + after[0] + after])
        elif word in ("the", "a", "is", "to", "me", "of", "please") and len(words) > 3:
            words.pop(at)
    if r.random() < 0.08:
        words.insert(0, r.choice(["um", "uh", "so", "well", "hey", "okay"]))
    return " ".join(words)
