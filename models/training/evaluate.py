"""How good the exported starter models are, by onnxruntime on one core.

evaluate.py requests                           requests never trained on, in espeak-ng voices never trained on
evaluate.py requests --flite                   the same in flite's rms
evaluate.py general --text metadata.csv        clauses of general English in flite's rms
evaluate.py recordings FOLDER [--only PREFIX]  recordings of people: a folder with a transcripts.tsv (file, text)
evaluate.py dialogues --text metadata.csv      the language model: right kinds of reply
"""

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from random import Random

import numpy as np
import onnxruntime

from augmentation import in_silence
from beam_search import BeamSearch
from byte_tokens import END, ByteTokens
from dialogues import SYSTEM_PROMPTS, Dialogue, DialogueWriter, Turn
from features import Source
from llm_model import HEAD_WIDTH, HEADS, LAYERS
from make_features import held_out_espeak, held_out_flite, recorded, split_general, test_requests, transcripts
from sentences import general_english
from synthesis import Samples
from word_model import WordModel
from word_pieces import WordPieces, word_errors

STARTER = Path(__file__).parent.parent / "starter"
# Other seeds than in training.
VOICE_SEED, REQUEST_SEED = 100, 777
TOOL_CALL = "<tool_call>"


def load(model: str) -> onnxruntime.InferenceSession:
    """`stt` or `llm`."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(STARTER / model / "onnx" / "model.onnx"), options)


class Recogniser:
    """The exported recogniser with the word model, or greedy: every frame's likeliest token."""

    def __init__(self, greedy: bool) -> None:
        self._session = load("stt")
        self._pieces = WordPieces.load()
        words = WordModel(STARTER / "stt" / "words.arpa")
        self._search = None if greedy else BeamSearch(list(self._pieces.pieces), words)

    def __call__(self, samples: Samples) -> str:
        logits = self._session.run(None, {"input_values": samples[None]})[0][0]
        return self._search(logits) if self._search else self._pieces.decode(logits.argmax(-1).tolist())


def report_words_wrong(sources: Iterable[Source], show: bool, greedy: bool) -> None:
    """Reads every source and prints how much was read wrong, and with `show` every one that was."""
    recognise = Recogniser(greedy)
    r, noise = Random(VOICE_SEED), np.random.default_rng(0)
    wrong = words = right = count = 0
    for text, hear in sources:
        heard = recognise(in_silence(hear(r), noise))
        errors = word_errors(text.split(), heard.split())
        if show and errors:
            print(f"{text} -> {heard}")
        wrong += errors
        words += len(text.split())
        right += errors == 0
        count += 1
    print(f"{100 * wrong / words:.1f} % of {words} words wrong; {right} of {count} utterances exactly right")


class LanguageModel:
    """The exported language model, greedy."""

    def __init__(self) -> None:
        self._session = load("llm")
        self._tokens = ByteTokens.load()

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


def kind(reply: str) -> str:
    """The tool that is called, or that it is speech."""
    if not reply.startswith(TOOL_CALL):
        return "speech"
    try:
        return json.loads(reply.removeprefix(TOOL_CALL).removesuffix("</tool_call>"))["name"]
    except (ValueError, KeyError):
        return "broken call"


def report_replies(general: list[str], count: int, show: bool) -> None:
    """Makes up `count` requests and prints how many first replies are right."""
    model = LanguageModel()
    writer = DialogueWriter(Random(REQUEST_SEED), general)
    right_kind = right_calls = calls = right = 0
    for _ in range(count):
        dialogue = writer.request()
        first = next(index for index, turn in enumerate(dialogue) if turn.role == "assistant")
        expected = dialogue[first].text
        reply = model.reply([Turn("system", SYSTEM_PROMPTS[0]), *dialogue[:first]])
        is_call = expected.startswith(TOOL_CALL)
        is_right = reply == expected if is_call else kind(reply) == "speech"
        right += is_right
        right_kind += kind(reply) == kind(expected)
        calls += is_call
        right_calls += is_call and is_right
        if show and not is_right:
            print(f"{expected} -> {reply}")
    print(f"{100 * right / count:.1f} % of {count} right: the same call, or speech where there is none")
    print(f"{100 * right_kind / count:.1f} % call the right tool, or none")
    print(f"{100 * right_calls / calls:.1f} % of {calls} calls right to the letter")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print what was wrong")
    parser.add_argument("--greedy", action="store_true", help="without the word model")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("requests").add_argument("--flite", action="store_true")
    commands.add_parser("general").add_argument("--text", type=Path, required=True)
    people = commands.add_parser("recordings")
    people.add_argument("folder", type=Path)
    people.add_argument("--only", default="")
    dialogues = commands.add_parser("dialogues")
    dialogues.add_argument("--text", type=Path, required=True)
    dialogues.add_argument("--count", type=int, default=1000)
    options = parser.parse_args()
    if options.command == "dialogues":
        report_replies(general_english(options.text), options.count, options.show)
    elif options.command == "recordings":
        rows = [row for row in transcripts(options.folder) if row["file"].startswith(options.only)]
        report_words_wrong([recorded(options.folder, [row]) for row in rows], options.show, options.greedy)
    elif options.command == "general":
        report_words_wrong(held_out_flite(split_general(options.text)[0]), options.show, options.greedy)
    else:
        requests = held_out_flite(test_requests()[0]) if options.flite else held_out_espeak()
        report_words_wrong(requests, options.show, options.greedy)


if __name__ == "__main__":
    main()
