"""What is said with an eye to what was said before, where what to do follows from it for certain."""

import json
from collections.abc import Callable

import facts
import spoken
import tool_requests
from talk_requests import another
from tool_requests import Scene, duration, expression, recalled, set_timer, told_date, told_time, worked_out
from turns import Dialogue, said

FollowUp = Callable[[Scene, Dialogue], Dialogue | None]

REPEAT = [
    *("repeat that", "say that again", "what did you say", "pardon", "can you repeat that", "sorry what"),
    *("repeat that please", "come again", "please repeat that", "can you say that again"),
]
ASKED = [
    *("what did i just ask you", "what did i just say", "what was my question", "what did i ask", "what did i say"),
    *("repeat what i said", "what did you hear"),
]


def last_of(before: Dialogue, role: str) -> str:
    """What `role` said last, or nothing."""
    return next((turn.text for turn in reversed(before) if turn.role == role), "")


def tool_of(before: Dialogue) -> str:
    """The tool that was called last since the user spoke."""
    for turn in reversed(before):
        if turn.role == "user":
            break
        if turn.text.startswith("<tool_call>"):
            return json.loads(turn.text.removeprefix("<tool_call>").removesuffix("</tool_call>"))["name"]
    return ""


def repeated(scene: Scene, before: Dialogue) -> Dialogue:
    """The assistant's last words again."""
    return said(scene.r.choice(REPEAT), last_of(before, "assistant") or "I haven't said anything yet.")


def asked_what(scene: Scene, before: Dialogue) -> Dialogue:
    """The user's last words."""
    words = last_of(before, "user")
    return said(scene.r.choice(ASKED), f"You said: {words}." if words else "You haven't said anything yet.")


def thanks(scene: Scene, before: Dialogue) -> Dialogue:
    """Thanks for an answer."""
    heard = scene.r.choice(["thanks", "thank you", "thank you very much", "great thanks", "perfect", "okay thanks"])
    return said(heard, scene.r.choice(["You're welcome.", "Any time.", "Happy to help."]))


def one_more(scene: Scene, before: Dialogue) -> Dialogue | None:
    """Another joke or fact."""
    return another(last_of(before, "assistant"), scene)


def other_timer(scene: Scene, before: Dialogue) -> Dialogue | None:
    """Another timer, or the right one."""
    if tool_of(before) != "set_timer":
        return None
    length = duration(scene.r)
    openings = ["and ", "make it ", "and another one for ", "another one for ", "no ", "i said ", "no i said ", "also "]
    return set_timer(scene, scene.r.choice([*openings, "and one for ", "i meant ", "no make it "]) + length, length)


def other_sum(scene: Scene, before: Dialogue) -> Dialogue | None:
    """Another sum, or the right one."""
    if tool_of(before) != "calculate":
        return None
    sum_ = expression(scene.r)
    openings = ["and ", "what about ", "how about ", "and what is ", "and what about ", "no ", "i said ", "no i said "]
    return worked_out(scene, scene.r.choice([*openings, "i meant ", "now ", "", "okay and "]) + sum_, sum_)


def further_sum(scene: Scene, before: Dialogue) -> Dialogue | None:
    """A sum that goes on with the last result."""
    result = json.loads(last_of(before, "tool")).get("result") if tool_of(before) == "calculate" else None
    if result is None:
        return None
    r = scene.r
    number = r.choice([spoken.small_number(r), spoken.any_number(r)])
    sign, verb = r.choice(
        [
            *(("plus", "add {}"), ("minus", "subtract {}"), ("times", "multiply that by {}")),
            *(("divided by", "divide that by {}"), ("times", "times {}"), ("plus", "plus {}"), ("minus", "minus {}")),
        ]
    )
    heard = r.choice(["and {} {}", "{} {}", "and then {} {}", "that {} {}", "the result {} {}"]).format(sign, number)
    spoken_so = r.choice([heard, r.choice(["", "and ", "now "]) + verb.format(number)])
    return worked_out(scene, spoken_so, f"{result} {sign} {number}")


def the_other(scene: Scene, before: Dialogue) -> Dialogue | None:
    """The date after the time, the time after the date."""
    r, tool = scene.r, tool_of(before)
    if tool == "get_time":
        return told_date(
            scene, r.choice(["and the date", "and what day is it", "what about the date", "and today's date"])
        )
    if tool == "get_date":
        return told_time(
            scene, r.choice(["and the time", "and what time is it", "what about the time", "and the time now"])
        )
    return None


def asked_back(scene: Scene, before: Dialogue) -> Dialogue | None:
    """What has just been remembered, asked for: from the memory all the same."""
    if tool_of(before) != "memory_store":
        return None
    question, query, memory = facts.recollection(scene.r)
    store = tool_requests.with_tool(
        f"remember that {memory}",
        tool_requests.Tool("memory_store", {"text": memory}, {"ok": True}),
        f"Okay, I'll remember that {tool_requests.addressed(memory)}.",
        exact=memory,
    )
    return store + recalled(scene, (question, query), memory)


# How often each is tried.
FOLLOW_UPS: list[tuple[float, FollowUp]] = [
    *((2, repeated), (2, asked_what), (2, thanks), (4, one_more), (6, other_timer), (6, other_sum)),
    *((6, further_sum), (4, the_other), (5, asked_back)),
]


def follow_up(scene: Scene, before: Dialogue) -> Dialogue | None:
    """One that fits, if any."""
    weights, ways = zip(*FOLLOW_UPS, strict=True)
    for _ in range(4):
        found = scene.r.choices(ways, weights)[0](scene, before)
        if found is not None:
            return found
    return None
