"""Dialogues for starter-llm: what the voice assistant hears, the tools it calls and what it says.

They are in the very form in which the server gives them: a system prompt, no list of tools, and turns in which the
assistant's text may be one <tool_call> that a "tool" turn answers. The user's words look like a recogniser's: lower
case, no punctuation, half of them as it mishears them. What is called for stays what was said where that can be
known; what is repeated word by word is what was heard.
"""

from collections.abc import Collection, Sequence
from difflib import SequenceMatcher
from random import Random

import facts
import talk_requests
import tool_requests
from confusions import Confusions, words_wrong
from follow_ups import follow_up, repeated
from replies import UNSURE
from talk_requests import SMALL_TALK, small_talk
from tool_requests import Scene, Writer
from turns import Dialogue, Turn, overheard, said

SYSTEM_PROMPTS = [
    "You are Parley, a helpful voice assistant. Answer in one or two short spoken sentences.",
    "You are a helpful voice assistant.",
    "You are Parley. Be brief and friendly.",
    "You are a voice assistant that runs on this computer. Keep answers short.",
]
# The first is the server's own.
SYSTEM_PROMPT_WEIGHTS = [6, 1, 1, 1]
# Small talk weighs a little less than its own file says, so that tools get their share.
SMALL_TALK_SHARE = 0.8
REQUESTS = [1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6]
OPENINGS = ["hey ", "okay ", "so ", "now ", "and ", "um ", "uh ", "well ", "hey parley ", "parley ", "please "]
CLOSINGS = [" please", " thanks", " thank you", " now", " for me"]
# Of a misheard turn, whichever the recogniser's own share is: what is learned shall serve better and worse rooms.
SHARES_WRONG = [0.08, 0.15, 0.15, 0.3]
# Of what is said, beyond which nobody can know what it was.
MOST_WRONG = 0.6
# Of one word to what was heard of it, in letters.
LEAST_LIKENESS = 0.6
# Texts so short are words, not examples: leaving them out would leave a hole.
SHORTEST_LEFT_OUT = 4


class DialogueWriter:
    """Writes dialogues with one source of randomness and a text that the assistant is not to understand."""

    def __init__(
        self,
        r: Random,
        general_english: Sequence[str],
        confusions: Confusions | None = None,
        left_out: Collection[str] = (),
    ) -> None:
        """`left_out`: what no user says. Without `confusions` nothing is misheard but for slips."""
        self._r = r
        self._general = list(general_english)
        self._confusions = confusions
        self._left_out = {text for text in left_out if len(text.split()) >= SHORTEST_LEFT_OUT}
        self.share_misheard = 0.5
        # Of what is to be remembered and no fact of the user's.
        self.share_dictated = 0.55
        tools, talk = tool_requests, talk_requests
        kinds: list[tuple[float, Writer]] = [
            *((6, tools.time), (7, tools.date), (10, tools.timer), (4, tools.timers), (5, tools.cancel)),
            *((28, tools.calculation), (18, self._store), (14, self._recall), (6, tools.name), (5, tools.system)),
            *((5, talk.joke), (4, talk.fun_fact), (8, talk.about), (5, talk.capital), (10, talk.unsupported)),
            (9, self._not_understood),
            *((kind["weight"] * SMALL_TALK_SHARE, small_talk(kind["heard"], kind["said"])) for kind in SMALL_TALK),
        ]
        self._weights, self._writers = zip(*kinds, strict=True)

    def request(self) -> Dialogue:
        """One request and what comes of it."""
        return self._heard(self._draw(None), [])

    def dialogue(self) -> Dialogue:
        """One to six requests, some of one kind in a row, mostly with a system prompt."""
        r = self._r
        turns: Dialogue = []
        in_a_row = self._kind() if r.random() < 0.4 else None
        if r.random() < 0.02:
            turns = self._heard(repeated(self.scene(), []), [])
        for _ in range(r.choice(REQUESTS)):
            if r.random() < 0.03:
                turns.append(overheard(f"Your {tool_requests.timer_name(r)} is done."))
            following = follow_up(self.scene(), turns) if turns and r.random() < 0.35 else None
            drawn = following or self._draw(in_a_row if r.random() < 0.8 else None)
            turns += self._heard(drawn, turns)
        prompt = [Turn("system", r.choices(SYSTEM_PROMPTS, SYSTEM_PROMPT_WEIGHTS)[0])] if r.random() < 0.9 else []
        return prompt + turns

    def of_kind(self, writer: Writer) -> Dialogue:
        """A request of one kind."""
        return self._heard(self._draw(writer), [])

    def _kind(self) -> Writer:
        return self._r.choices(self._writers, self._weights)[0]

    def _draw(self, kind: Writer | None) -> Dialogue:
        """A request that is not left out: of another kind where this one's was, for all of a small kind may be."""
        while True:
            turns = (kind or self._kind())(self.scene())
            if not any(turn.role == "user" and turn.text in self._left_out for turn in turns):
                return turns
            kind = None

    def scene(self) -> Scene:
        """Where a request may be made."""
        return Scene(self._r, self._mishear if self._confusions else lambda text: text)

    def _mishear(self, text: str) -> str:
        """Free words, which the assistant repeats as it heard them."""
        if self._confusions is None or self._r.random() >= self.share_misheard:
            return text
        return self._confusions.apply(text, self._r, self._strength(self._confusions)) or text

    def _strength(self, confusions: Confusions) -> float:
        return self._r.choice(SHARES_WRONG) / confusions.rate

    def _heard(self, turns: Dialogue, before: Dialogue) -> Dialogue:
        """With what is heard as a recogniser would; what cannot be understood ends in a sentence that says so."""
        heard: Dialogue = []
        for turn in turns:
            if turn.role != "user":
                heard.append(turn)
                continue
            text, is_garbled = self._worded(turn)
            if is_garbled:
                return [*heard, *said(text, self._r.choice(UNSURE))]
            heard.append(turn._replace(text=self._not_left_out(text, turn.text)))
        return heard

    def _worded(self, turn: Turn) -> tuple[str, bool]:
        """A user's turn with openings and closings, misheard or with slips but for what is repeated; whether too much."""
        r, text = self._r, turn.text
        head, exact, tail = text.partition(turn.exact) if turn.exact else (text, "", "")
        if not exact:
            head = (r.choice(OPENINGS) if r.random() < 0.1 else "") + head
            head += r.choice(CLOSINGS) if r.random() < 0.08 else ""
        said = f"{head} {exact} {tail}".split()
        if r.random() < self.share_misheard:
            head, tail = (self._changed(part) for part in (head, tail))
        heard = f"{head} {exact} {tail}".split() or said
        return " ".join(heard), is_garbled(said, heard)

    def _changed(self, text: str) -> str:
        if self._confusions is None or self._r.random() < 0.2:
            return slip(text, self._r)
        return self._confusions.apply(text, self._r, self._strength(self._confusions), keeps_values=True)

    def _not_left_out(self, text: str, otherwise: str) -> str:
        return otherwise if text in self._left_out else text

    def _store(self, scene: Scene) -> Dialogue:
        is_dictated = scene.r.random() < self.share_dictated
        return tool_requests.store(scene, [facts.dictation(scene.r)] if is_dictated else self._general)

    def _recall(self, scene: Scene) -> Dialogue:
        return tool_requests.recall(scene, self._general)

    def _not_understood(self, scene: Scene) -> Dialogue:
        """General English, and sentences of which too much was lost."""
        r = scene.r
        text = scene.hear(r.choice(self._general))
        if r.random() < 0.3:
            words = text.split()
            text = " ".join(r.sample(words, r.randint(1, len(words))))
        return said(text, r.choice(UNSURE))


def is_garbled(said: Sequence[str], heard: Sequence[str]) -> bool:
    """Whether nobody could tell any more what was said."""
    if len(said) == 1:
        return SequenceMatcher(None, said[0], " ".join(heard)).ratio() < LEAST_LIKENESS
    return words_wrong(said, heard) > MOST_WRONG * len(said)


def slip(text: str, r: Random) -> str:
    """A recogniser's slips: a letter wrong, dropped or doubled, a small word lost, a filler added."""
    words = text.split()
    if r.random() < 0.5 and words:
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
