"""How good the exported language model is, by onnxruntime on one core.

evaluate_llm.py dialogues --text metadata.csv        single requests made up, the first reply
evaluate_llm.py turns --text metadata.csv            the last of several requests: of one kind in a row, and follow-ups
evaluate_llm.py heard --text metadata.csv            single requests as the recogniser mishears them
evaluate_llm.py requests                             models/eval/requests.jsonl, which training leaves out
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import numpy as np
import onnxruntime

import tool_requests
from byte_tokens import END, ByteTokens
from confusions import Confusions
from dialogues import SYSTEM_PROMPTS, DialogueWriter
from follow_ups import FOLLOW_UPS
from llm_model import HEAD_WIDTH, HEADS, LAYERS
from make_features import split_general
from sentences import clean
from turns import Dialogue, Turn

FOLDER = Path(__file__).parent.parent
# Another than in training.
SEED = 777
TOOL_CALL, TOOL_CALL_END = "<tool_call>", "</tool_call>"
# Requests that stand before the last.
IN_A_ROW = [tool_requests.calculation, tool_requests.timer, tool_requests.time]
Example = tuple[str, Dialogue, str]


class LanguageModel:
    """The exported language model, greedy."""

    def __init__(self, folder: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(folder / "onnx" / "model.onnx"), options)
        self._tokens = ByteTokens.load()
        self.tokens_said = 0

    def reply(self, turns: Dialogue, limit: int = 80) -> str:
        """What the assistant says next, in at most `limit` tokens."""
        ids = self._tokens.encode_chat(turns)[0] + self._tokens.turn_start("assistant")
        empty = np.zeros((1, HEADS, 0, HEAD_WIDTH), np.float32)
        cache = [empty] * (2 * LAYERS)
        said: list[int] = []
        position = 0
        while len(said) < limit:
            logits, *cache = self._session.run(None, self._inputs(ids, position, cache))
            position += len(ids)
            ids = [int(logits[0, -1].argmax())]
            if ids == [END]:
                break
            said += ids
        self.tokens_said += len(said)
        return self._tokens.decode(said)

    @staticmethod
    def _inputs(ids: list[int], position: int, cache: list[np.ndarray]) -> dict[str, np.ndarray]:
        end = position + len(ids)
        names = [f"past_key_values.{layer}.{part}" for layer in range(LAYERS) for part in ("key", "value")]
        return {
            "input_ids": np.array([ids]),
            "attention_mask": np.ones((1, end), np.int64),
            "position_ids": np.arange(position, end)[None],
            **dict(zip(names, cache, strict=True)),
        }


def call_of(reply: str) -> tuple[str, object]:
    """The tool that is called with its arguments, or that it is speech."""
    if not reply.startswith(TOOL_CALL):
        return "speech", None
    try:
        call = json.loads(reply.removeprefix(TOOL_CALL).removesuffix(TOOL_CALL_END))
        return call["name"], call["arguments"]
    except (ValueError, KeyError):
        return "broken call", None


def single(writer: DialogueWriter, count: int) -> Iterator[Example]:
    """The first reply to requests."""
    for _ in range(count):
        dialogue = writer.request()
        first = next(index for index, turn in enumerate(dialogue) if turn.role == "assistant")
        expected = dialogue[first].text
        yield call_of(expected)[0], dialogue[:first], expected


def several(writer: DialogueWriter, count: int) -> Iterator[Example]:
    """The first reply to the last of two to five requests of one kind, and to follow-ups of every kind."""
    r = Random(SEED)
    for _ in range(count):
        kind = r.choice(IN_A_ROW)
        before: Dialogue = []
        for _ in range(r.randint(1, 4)):
            before += writer.of_kind(kind)
        last = writer.of_kind(kind)
        yield f"{kind.__name__} after {kind.__name__}", [*before, last[0]], last[1].text
        way = r.choice([way for _, way in FOLLOW_UPS])
        start = writer.request()
        following = way(writer.scene(), start)
        if following and not any(turn.weight == 0 for turn in start if turn.role == "assistant"):
            yield way.__name__, [*start, following[0]], following[1].text


def fixed(path: Path) -> Iterator[Example]:
    """The requests of a file: text, tool and arguments; without a tool, speech."""
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        tool, arguments = row.get("tool"), row.get("arguments") or {}
        call = f"{TOOL_CALL}{json.dumps({'name': tool, 'arguments': arguments})}{TOOL_CALL_END}" if tool else ""
        yield tool or "speech", [Turn("user", clean(row["text"]))], call


def report(model: LanguageModel, examples: Iterable[Example], show: bool) -> None:
    """Prints by kind how many replies are right: the same call, or speech where there is none."""
    all_, right_kind, right = Counter[str](), Counter[str](), Counter[str]()
    start = time.monotonic()
    for name, turns, expected in examples:
        reply = model.reply([Turn("system", SYSTEM_PROMPTS[0]), *turns])
        is_right = call_of(reply) == call_of(expected)
        all_[name] += 1
        right_kind[name] += call_of(reply)[0] == call_of(expected)[0]
        right[name] += is_right
        if show and not is_right:
            print(f"{name}: {turns[-1].text} | {expected} -> {reply}")
    for name in sorted(all_):
        print(
            f"{name:28} {100 * right[name] / all_[name]:5.1f} % right, {100 * right_kind[name] / all_[name]:5.1f} % the",
            end=" ",
        )
        print(f"right tool or none, of {all_[name]}")
    count = all_.total()
    print(f"{100 * right.total() / count:.1f} % of {count} right: the same call, or speech where there is none")
    print(f"{100 * right_kind.total() / count:.1f} % call the right tool, or none")
    print(f"{model.tokens_said / (time.monotonic() - start):.0f} tokens/s, prompts included")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["dialogues", "turns", "heard", "requests"])
    parser.add_argument("--text", type=Path, help="LJ Speech's metadata.csv")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--model", type=Path, default=FOLDER / "starter" / "llm")
    parser.add_argument("--show", action="store_true", help="print what was wrong")
    options = parser.parse_args()
    model = LanguageModel(options.model)
    if options.what == "requests":
        report(model, fixed(FOLDER / "eval" / "requests.jsonl"), options.show)
        return
    if options.text is None:
        parser.error("--text is needed")
    general, _ = split_general(options.text)
    writer = DialogueWriter(Random(SEED), general, Confusions.load() if options.what == "heard" else None)
    writer.share_misheard = 1.0 if options.what == "heard" else 0.0
    make = several if options.what == "turns" else single
    report(model, make(writer, options.count), options.show)


if __name__ == "__main__":
    main()
