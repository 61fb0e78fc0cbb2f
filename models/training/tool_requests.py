"""Requests that are answered by way of a tool: src/tools has the tools, with just these arguments and results."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

import facts
import spoken
from replies import HOW_LONG
from turns import Dialogue, Tool, Turn, called, said, speech, with_tool
from wide_words import ALL_NAMES
from words import DAYS, MONTHS

YOURS = {"my": "your", "i": "you", "am": "are", "me": "you", "i'm": "you're", "mine": "yours", "myself": "yourself"}


class Scene(NamedTuple):
    """Where a request is made: the randomness, and what becomes of free words on their way through a recogniser."""

    r: Random
    hear: Callable[[str], str]


Writer = Callable[[Scene], Dialogue]


def addressed(text: str) -> str:
    """What the user said of themselves, said to them."""
    words = [YOURS.get(word, word) for word in text.split()]
    return " ".join(words).replace("you was", "you were")


def capitalised(text: str) -> str:
    """The first letter alone; str.capitalize changes the others too."""
    return text[:1].upper() + text[1:]


def time(scene: Scene) -> Dialogue:
    """The time of day."""
    heard = scene.r.choice(
        [
            *("what time is it", "what's the time", "what is the time now", "tell me the time", "what time is it now"),
            *("do you know what time it is", "do you have the time", "what time is it now please", "how late is it"),
            *("can you tell me the time", "time please", "the time please", "hey what time is it", "what is the time"),
        ]
    )
    return told_time(scene, heard)


def told_time(scene: Scene, heard: str) -> Dialogue:
    """The time, asked for by `heard`."""
    r = scene.r
    now = f"{r.randint(1, 12)}:{r.randint(0, 59):02d} {r.choice(['AM', 'PM'])}"
    answer = r.choice([f"It is {now}.", f"It's {now}.", f"The time is {now}."])
    return with_tool(heard, Tool("get_time", {}, {"time": now}), answer)


def date(scene: Scene) -> Dialogue:
    """The date and the day of the week."""
    heard = scene.r.choice(
        [
            *("what day is it", "what day is it today", "what's the date", "what is the date today", "what's today"),
            *("what is today's date", "tell me the date", "what month is it", "what year is it", "which day is it"),
            *("what's today's date please", "tell me the day of the week", "what is the date", "the date please"),
            *("what month are we in", "which month is it", "which year is it", "what year are we in", "today's date"),
            *("what day of the week is it", "tell me what day it is", "which month is this", "what year is this"),
        ]
    )
    return told_date(scene, heard)


def told_date(scene: Scene, heard: str) -> Dialogue:
    """The date, asked for by `heard`."""
    r = scene.r
    day = f"{capitalised(r.choice(DAYS))}, {capitalised(r.choice(MONTHS))} {r.randint(1, 31)}, {r.randint(2024, 2035)}"
    return with_tool(heard, Tool("get_date", {}, {"date": day}), r.choice([f"Today is {day}.", f"It is {day}."]))


def duration(r: Random) -> str:
    """As spoken.duration, and longer ones."""
    if r.random() < 0.72:
        return spoken.duration(r)
    several, few = spoken.number(r.randint(2, 59)), spoken.number(r.randint(2, 9))
    return r.choice(
        [
            f"{few} hours and {several} minutes",
            f"{several} minutes and {spoken.number(r.randint(2, 59))} seconds",
            f"one hour and {several} minutes",
            f"an hour and {several} minutes",
            f"one minute and {several} seconds",
            f"{few} and a half {r.choice(['minutes', 'hours'])}",
            *("three quarters of an hour", "a quarter of an hour", "an hour", "one and a half hours", "half a minute"),
            f"{spoken.number(r.randint(60, 300))} {r.choice(['minutes', 'seconds'])}",
        ]
    )


def timer(scene: Scene) -> Dialogue:
    """A timer, set; now and then only once it was said for how long."""
    r = scene.r
    length = duration(r)
    if r.random() < 0.06:
        start = r.choice(["set a timer", "start a timer", "set timer", "i need a timer", "can you set a timer please"])
        asked = said(start, r.choice(HOW_LONG))
        return asked + set_timer(scene, r.choice(["", "for ", "", "make it "]) + length, length)
    adjective = spoken.as_adjective(length)
    heard = r.choice(
        [
            *(f"set a timer for {length}", f"start a timer for {length}", f"set timer for {length}"),
            *(f"set a {adjective} timer", f"start a {adjective} timer", f"i need a {adjective} timer"),
            *(f"timer for {length}", f"wake me up in {length}", f"remind me in {length}", f"{adjective} timer"),
            *(f"can you set a timer for {length} please", f"please set a timer for {length}"),
            *(f"give me {length}", f"tell me when {length} are over", f"set another timer for {length}"),
        ]
    )
    return set_timer(scene, heard, adjective if f"{adjective} timer" in heard else length)


def set_timer(scene: Scene, heard: str, length: str) -> Dialogue:
    """A timer of `length`, asked for by `heard`."""
    answer = scene.r.choice(
        [
            f"Okay, timer set for {length}.",
            f"Your timer is set for {length}.",
            f"Okay, {length}, starting now.",
        ]
    )
    return with_tool(heard, Tool("set_timer", {"duration": length}, {"ok": True}), answer)


def timer_name(r: Random) -> str:
    """As src/tools/timers.ts calls it."""
    several = spoken.number(r.choice([r.randint(1, 59), 5, 10, 15, 20, 30, 45]))
    hours = f"{spoken.number(r.randint(1, 12))} hour and {several} minute"
    return (
        r.choice([f"{several} minute", f"{several} minute", f"{several} second", f"{several} hour", hours]) + " timer"
    )


def running(r: Random) -> list[dict[str, object]]:
    """What list_timers may give."""
    count = r.choice([0, 1, 1, 1, 1, 2, 2, 3])
    numbers = sorted(r.sample(range(1, 10), count))
    return [
        {
            "timer_id": f"timer-{number}",
            "name": timer_name(r),
            "seconds_left": r.choice([r.randint(1, 60), r.randint(1, 600), r.randint(1, 20_000)]),
        }
        for number in numbers
    ]


def timers(scene: Scene) -> Dialogue:
    """How long timers still run."""
    r = scene.r
    heard = r.choice(
        [
            *("how long is left on my timer", "how long is left on the timer", "how much time is left"),
            *("how much time is left on the timer", "which timers are running", "list my timers", "show my timers"),
            *("what timers do i have", "are there any timers running", "is my timer still running", "check my timer"),
            *("how long does the timer still run", "when is my timer done", "how many timers are running"),
        ]
    )
    found = running(r)
    left = [f"your {each['name']} has {each['seconds_left']} seconds left" for each in found]
    answer = capitalised(" and ".join(left)) + "." if left else "No timer is running."
    return with_tool(heard, Tool("list_timers", {}, {"timers": found}), answer)


def cancel(scene: Scene) -> Dialogue:
    """A timer, cancelled: the only one, or one of several by its name."""
    r = scene.r
    if r.random() < 0.35:
        return cancel_named(scene)
    heard = r.choice(
        [
            *("cancel the timer", "stop the timer", "cancel my timer", "delete the timer", "turn off the timer"),
            *("stop my timer", "end the timer", "cancel timer", "please cancel the timer", "i don't need the timer"),
        ]
    )
    found = running(r)
    if len(found) == 1 or r.random() < 0.7:
        return _cancelled(heard, {}, timer_name(r))
    if not found:
        return with_tool(heard, Tool("cancel_timer", {}, {"error": "No timer is running."}), "")
    names = ", ".join(f"{each['timer_id']} ({each['name']})" for each in found)
    failed = Tool("cancel_timer", {}, {"error": f"Several timers are running; name one of {names}."})
    chosen = r.choice(found)
    which = r.choice(["the {}", "{}", "the {} please", "cancel the {}"]).format(chosen["name"])
    timer_id = {"timer_id": str(chosen["timer_id"])}
    return with_tool(heard, failed, "") + _cancelled(which, timer_id, str(chosen["name"]))


def cancel_named(scene: Scene) -> Dialogue:
    """Looks for a timer by its name, then cancels it if it is there."""
    r = scene.r
    found = running(r)
    there = bool(found) and r.random() < 0.8
    chosen = r.choice(found) if there else {"name": timer_name(r)}
    name = str(chosen["name"])
    heard = r.choice(["cancel the {}", "stop the {}", "delete my {}", "please cancel the {}"]).format(name)
    turns = [Turn("user", heard), *called(Tool("list_timers", {}, {"timers": found}))]
    if not there and name not in {each["name"] for each in found}:
        return [*turns, speech("I can't find such a timer.")]
    match = next(each for each in found if each["name"] == name)
    return turns + _cancelled("", {"timer_id": str(match["timer_id"])}, name)[1:]


def _cancelled(heard: str, arguments: dict[str, str], name: str) -> Dialogue:
    return with_tool(heard, Tool("cancel_timer", arguments, {"ok": True, "name": name}), f"Your {name} is cancelled.")


def expression(r: Random) -> str:
    """Sums as they are done in the head, as spoken.arithmetic, and longer ones."""
    sign, other = (r.choice(["plus", "minus", "times", "divided by"]) for _ in range(2))
    if r.random() < 0.25:
        return f"{spoken.number(r.randint(0, r.choice([12, 99])))} {sign} {spoken.number(r.randint(0, r.choice([12, 99])))}"
    if r.random() < 0.5:
        return spoken.arithmetic(r)
    a, b, c = (spoken.any_number(r) for _ in range(3))
    point = f"{spoken.number(r.randint(0, 60))} point {spoken.digits(r, r.randint(1, 2))}"
    large = spoken.number(r.choice([r.randint(1000, 99_999), r.randint(100_000, 9_999_999)]))
    return r.choice(
        [
            *(
                f"{a} {sign} {b} {other} {c}",
                f"{a} {sign} {b} {other} {c}",
                f"{point} {sign} {b}",
                f"{a} {sign} {point}",
            ),
            *(f"{large} {sign} {b}", f"{a} {sign} {large}", f"minus {a} {sign} {b}", f"{a} cubed", f"a third of {a}"),
            *(f"{a} to the power of {spoken.number(r.randint(2, 9))}", f"{a} over {b}", f"a hundred {sign} {b}"),
            *(f"{a} percent of {large}", f"the square root of {large}", f"{large} squared", f"a quarter of {a}"),
        ]
    )


def calculation(scene: Scene) -> Dialogue:
    """A sum."""
    r = scene.r
    openings = ["what is ", "what's ", "how much is ", "calculate ", "please calculate ", "what is ", "what's "]
    sum_ = expression(r)
    return worked_out(
        scene, r.choice([*openings, "tell me what is ", "can you calculate ", "work out ", ""]) + sum_, sum_
    )


def worked_out(scene: Scene, heard: str, sum_: str) -> Dialogue:
    """A sum, asked for by `heard`. Its result is made up: the model learns to say what the tool says."""
    r = scene.r
    result = str(r.choice([r.randint(0, 100), r.randint(0, 5000), r.randint(-99, 99_999), round(r.uniform(0, 900), 2)]))
    answer = r.choice(
        [f"{capitalised(sum_)} is {result}.", f"That is {result}.", f"It's {result}.", f"That's {result}."]
    )
    return with_tool(heard, Tool("calculate", {"expression": sum_}, {"result": result}), answer)


def store(scene: Scene, anything: list[str]) -> Dialogue:
    """Something to remember: a fact of the user's, or anything."""
    r = scene.r
    text = scene.hear(r.choice(anything) if r.random() < 0.45 else facts.fact(r))
    openings = ["remember that ", "remember ", "please remember that ", "make a note that ", "note that "]
    heard = r.choice([*openings, "can you remember that ", "don't forget that ", "keep in mind that "]) + text
    yours = addressed(text)
    answer = r.choice(
        [f"Okay, I'll remember that {yours}.", f"Got it. {capitalised(yours)}.", "Okay, I will remember that."]
    )
    return with_tool(heard, Tool("memory_store", {"text": text}, {"ok": True}), answer, exact=text)


def recall(scene: Scene, general: list[str]) -> Dialogue:
    """Something remembered, or not: one of four was never said."""
    r = scene.r
    question, query, memory = facts.recollection(r)
    is_copied = query in question and query not in facts.FIXED_QUERIES
    heard_query = scene.hear(query) if is_copied else query
    question = question.replace(query, heard_query, 1) if is_copied else question
    if r.random() < 0.12:  # what is found need not be what was meant
        memory = r.choice(general) if r.random() < 0.5 else facts.fact(r)
    return recalled(scene, (question, heard_query), memory if r.random() < 0.78 else "")


def recalled(scene: Scene, asked: tuple[str, str], memory: str) -> Dialogue:
    """`memory`, or nothing, asked for by a question and looked for by a query."""
    question, query = asked
    answer = capitalised(addressed(memory)) + "."
    if not memory:
        answer = scene.r.choice(["I don't remember that yet. You can tell me.", "You haven't told me that yet."])
    tool = Tool("memory_recall", {"query": query}, {"memories": [memory] if memory else []})
    is_copied = query in question and query not in facts.FIXED_QUERIES
    return with_tool(question, tool, answer, exact=query if is_copied else "")


def name(scene: Scene) -> Dialogue:
    """The user's name, remembered without being asked to."""
    called_so = scene.hear(scene.r.choice(ALL_NAMES))
    openings = ["my name is ", "call me ", "my name's ", "please call me ", "i am ", "i'm ", "this is "]
    heard = scene.r.choice(openings) + called_so
    tool = Tool("memory_store", {"text": f"my name is {called_so}"}, {"ok": True})
    return with_tool(heard, tool, f"Nice to meet you, {capitalised(called_so)}.", exact=called_so)


def system(scene: Scene) -> Dialogue:
    """How the server is doing."""
    r = scene.r
    heard = r.choice(
        [
            *("how much memory are you using", "show me the system information", "how long have you been running"),
            *("what version are you", "which version are you", "give me the system information", "are you online"),
            *("which model are you", "what is your version", "how much memory do you need", "system information"),
            *("tell me the system information", "show the system information", "what is the system information"),
            *("how long are you running", "how long have you been on", "how long have you been up", "your uptime please"),
        ]
    )
    version = f"0.{r.randint(1, 9)}.{r.randint(0, 9)}"
    uptime = f"{r.randint(1, 59)} {r.choice(['minutes', 'hours', 'seconds', 'days'])}"
    memory = f"{r.randint(90, 1900)} MB"
    result = {"version": version, "uptime": uptime, "memory": memory}
    answer = f"Version {version}, running for {uptime}, using {memory}."
    return with_tool(heard, Tool("get_system_info", {}, result), answer)
