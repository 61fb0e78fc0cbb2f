"""Learns from the words so far whether somebody who pauses has finished: a logistic regression on the words at the
end, the words at the beginning, and how many there are.

train_turn.py ../starter/turn/words.json --text metadata.csv            trains, and prints its figures
train_turn.py ../starter/turn/words.json --text metadata.csv --check    prints those of the file, and of held-out templates
"""

import argparse
import json
import time
from pathlib import Path
from random import Random

from turn_examples import Example, held_out_templates, lj_examples, misheard, request_examples, split_lj
from turn_model import TurnModel, fitted

SEED, TEST_SEED = 21, 777
REQUESTS, TEST_REQUESTS = 40_000, 4000


def trained(text: Path, held_out: bool) -> TurnModel:
    """On requests, half of them once more as a recogniser might mishear them, and on English from books."""
    r = Random(SEED)
    requests = request_examples(REQUESTS, r, held_out_templates(held_out=False) if held_out else None)
    errors = [misheard(example, r) for example in requests if r.random() < 0.5]
    return fitted(requests + lj_examples(split_lj(text)[1], r), errors)


def tests(text: Path, held_out: bool) -> dict[str, list[Example]]:
    """Other requests than those of the training (or only of templates it had not), and other English."""
    r = Random(TEST_SEED)
    requests = request_examples(TEST_REQUESTS, r, held_out_templates(held_out=True) if held_out else None)
    return {
        "requests": requests,
        "requests, misheard": [misheard(example, r) for example in requests],
        "books": lj_examples(split_lj(text)[0], r),
    }


def report(model: TurnModel, sets: dict[str, list[Example]]) -> None:
    """Of each set: what would be cut off, what is waited for in vain, and how often there is no opinion."""
    for name, examples in sets.items():
        judged = [(example, model.opinion(example.text)) for example in examples]
        for finished, wrong in [(False, "complete"), (True, "incomplete")]:
            opinions = [opinion for example, opinion in judged if example.finished == finished]
            shares = {opinion: 100 * opinions.count(opinion) / len(opinions) for opinion in set(opinions)}
            label = "finished  " if finished else "unfinished"
            print(
                f"{name:20} {label} {len(opinions):6}: {shares.get(wrong, 0):4.1f} % taken for {wrong}, "
                f"{shares.get('unsure', 0):4.1f} % no opinion"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--text", type=Path, required=True, help="LJ Speech's metadata.csv")
    parser.add_argument("--check", action="store_true", help="do not write the file")
    options = parser.parse_args()
    if options.check:
        print("Trained without a fifth of the templates, tested on these:")
        report(trained(options.text, held_out=True), tests(options.text, held_out=True))
        print(f"{options.file.name}, tested on other requests of all templates:")
        report(TurnModel(**json.loads(options.file.read_text())), tests(options.text, held_out=False))
        return
    started = time.monotonic()
    model = trained(options.text, held_out=False)
    options.file.write_text(model.to_json())
    print(f"{len(model.weights)} weights, {options.file.stat().st_size / 1000:.0f} kB, {time.monotonic() - started:.0f} s")
    report(model, tests(options.text, held_out=False))


if __name__ == "__main__":
    main()
