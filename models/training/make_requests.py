"""What `deno task models eval` reads aloud, written to models/eval/ once: figures compare only where it stays the same.

make_requests.py --text metadata.csv        sentences.txt, general.txt and requests.jsonl
make_requests.py --fresh 5 > fresh.jsonl    other requests: for `deno task models eval --requests fresh.jsonl`
"""

import argparse
import json
from pathlib import Path
from random import Random

import synthesis
from asked import test_requests
from dialogues import DialogueWriter
from make_features import split_general

FOLDER = Path(__file__).parent.parent / "eval"
# Other seeds than in training and in evaluate.py.
SEED, VOICE_SEED = 4711, 4712
COUNT = 500
TOOL_CALL = ("<tool_call>", "</tool_call>")
# In the place of what the assistant is not to understand: such requests are left out.
NOT_UNDERSTOOD = "-"

Call = dict[str, object]
Voice = dict[str, str | float]


def distinct_requests(r: Random) -> dict[str, Call | None]:
    """COUNT different requests and the call that answers each, None where speech does."""
    writer = DialogueWriter(r, [NOT_UNDERSTOOD])
    writer.share_misheard = 0  # Mishearing is the recogniser's part,
    writer.share_dictated = 0  # and drill is for training.
    calls: dict[str, Call | None] = {}
    unclear = {NOT_UNDERSTOOD}
    while len(calls) < COUNT:
        heard, reply = writer.request()[:2]
        is_call = reply.text.startswith(TOOL_CALL[0])
        call = json.loads(reply.text.removeprefix(TOOL_CALL[0]).removesuffix(TOOL_CALL[1])) if is_call else None
        if NOT_UNDERSTOOD in heard.text or (heard.text in calls and calls[heard.text] != call):
            unclear.add(heard.text)
        calls[heard.text] = call
        for text in unclear:
            calls.pop(text, None)
    return calls


def held_out_voice(index: int, r: Random) -> Voice:
    """One that nothing is trained on: espeak-ng's and flite's in turn, each time at another speed and pitch."""
    if index % 2:
        stretch, pitch_hz = round(r.uniform(0.8, 1.25), 2), r.randint(85, 220)
        return {"engine": "flite", "name": synthesis.HELD_OUT_FLITE, "stretch": stretch, "pitch": pitch_hz}
    name = f"{r.choice(['en-us', 'en-gb'])}+{r.choice(synthesis.HELD_OUT_VARIANTS)}"
    speed, pitch, gap = r.randint(125, 205), r.randint(25, 75), r.choice([0, 0, 0, 1, 2])
    return {"engine": "espeak-ng", "name": name, "speed": speed, "pitch": pitch, "gap": gap}


def requests(text_seed: int, voice_seed: int) -> list[str]:
    """COUNT requests as JSON, each with the voice that says it."""
    r = Random(voice_seed)
    return [
        json.dumps(
            {
                "text": text,
                "tool": call and call["name"],
                "arguments": call and call["arguments"],
                "voice": held_out_voice(index, r),
            }
        )
        for index, (text, call) in enumerate(distinct_requests(Random(text_seed)).items())
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    wish = parser.add_mutually_exclusive_group(required=True)
    wish.add_argument("--text", type=Path, help="LJ Speech's metadata.csv")
    wish.add_argument("--fresh", type=int, metavar="SEED")
    options = parser.parse_args()
    if options.fresh is not None:
        print(*requests(options.fresh, options.fresh), sep="\n")
        return
    if (FOLDER / "requests.jsonl").exists():
        parser.error("models/eval/requests.jsonl is there: other questions would give figures that compare with nothing")
    for name, texts in [
        ("requests.jsonl", requests(SEED, VOICE_SEED)),
        ("sentences.txt", test_requests()[0]),
        ("general.txt", split_general(options.text)[0]),
    ]:
        (FOLDER / name).write_text("\n".join(texts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
