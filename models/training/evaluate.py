"""How good the exported recogniser is, by onnxruntime on one core.

evaluate.py requests                           requests never trained on, in espeak-ng voices never trained on
evaluate.py requests --flite                   the same in flite's rms
evaluate.py general --text metadata.csv        clauses of general English in flite's rms
evaluate.py recordings FOLDER [--only PREFIX]  recordings of people: a folder with a transcripts.tsv (file, text)

evaluate_llm.py has the language model's.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path
from random import Random

import numpy as np
import onnxruntime

from augmentation import in_silence
from beam_search import BeamSearch
from features import Source
from make_features import held_out_espeak, held_out_flite, recorded, split_general, test_requests, transcripts
from synthesis import Samples
from word_model import WordModel
from word_pieces import WordPieces, word_errors

STARTER = Path(__file__).parent.parent / "starter"
# Other seeds than in training.
VOICE_SEED, REQUEST_SEED = 100, 777


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
    options = parser.parse_args()
    if options.command == "recordings":
        rows = [row for row in transcripts(options.folder) if row["file"].startswith(options.only)]
        report_words_wrong([recorded(options.folder, [row]) for row in rows], options.show, options.greedy)
    elif options.command == "general":
        report_words_wrong(held_out_flite(split_general(options.text)[0]), options.show, options.greedy)
    else:
        requests = held_out_flite(test_requests()[0]) if options.flite else held_out_espeak()
        report_words_wrong(requests, options.show, options.greedy)


if __name__ == "__main__":
    main()
