"""What a dialogue is made of: turns, and the tools that are called in them."""

import json
from collections.abc import Mapping
from typing import NamedTuple

# How much the model is to learn of a call, whose every word must be right, of other speech, and of the rest.
CALL_WEIGHT, SPEECH_WEIGHT = 2.0, 1.0


class Turn(NamedTuple):
    """`role` is system, user, assistant or tool."""

    role: str
    text: str
    # How much of it the model is to learn to say: nothing of what others say.
    weight: float = 0.0
    # Of what the user says, the part that is a call's argument word by word: no slip may change it any more.
    exact: str = ""


Dialogue = list[Turn]


class Tool(NamedTuple):
    """A tool's name, its arguments and what it answers."""

    name: str
    arguments: Mapping[str, str]
    result: Mapping[str, object]

    @property
    def failure(self) -> str:
        """The sentence of a tool that failed, or nothing. The server says it itself."""
        return str(self.result.get("error", ""))


def speech(text: str) -> Turn:
    """What the assistant is to learn to say."""
    return Turn("assistant", text, SPEECH_WEIGHT)


def overheard(text: str) -> Turn:
    """What the assistant has said but is not to learn: announcements, failures that the server tells."""
    return Turn("assistant", text)


def called(tool: Tool) -> Dialogue:
    """A call and what came of it."""
    call = json.dumps({"name": tool.name, "arguments": tool.arguments})
    return [
        Turn("assistant", f"<tool_call>{call}</tool_call>", CALL_WEIGHT),
        Turn("tool", json.dumps(tool.result)),
    ]


def said(heard: str, answer: str) -> Dialogue:
    """An answer without a tool."""
    return [Turn("user", heard), speech(answer)]


def with_tool(heard: str, tool: Tool, answer: str, exact: str = "") -> Dialogue:
    """An answer by way of a tool. `exact`: the part of what is heard that the call repeats word by word."""
    end = overheard(tool.failure) if tool.failure else speech(answer)
    return [Turn("user", heard, exact=exact), *called(tool), end]
