"""Features to train and test the recogniser with.

make_features.py test --text metadata.csv                      sentences never trained on, in voices never trained on
make_features.py train --text metadata.csv --seed 11           synthetic speech
make_features.py words --recordings FOLDER                     single words of people, one or several
make_features.py read --recordings FOLDER                      sentences read by people
"""

import argparse
import csv
from functools import partial
from pathlib import Path
from random import Random

import numpy as np

import synthesis
from features import Source, write_features
from sentences import clean, general_english, request
from synthesis import read_recording

FEATURES = Path(__file__).parent / "feat"


def test_requests() -> tuple[list[str], Random]:
    """200 requests that training leaves out, and the randomness that chooses their voices."""
    r = Random(999)
    return sorted({request(r) for _ in range(260)})[:200], r


def split_general(text: Path) -> tuple[list[str], list[str]]:
    """Clauses for testing (150) and for training."""
    clauses = general_english(text)
    Random(7).shuffle(clauses)
    return clauses[:150], clauses[150:]


def held_out_espeak() -> list[Source]:
    """The test requests in espeak-ng's held-out voices."""
    texts, r = test_requests()
    voices = [(r.choice(["en-us", "en-gb"]), r.choice(synthesis.HELD_OUT_VARIANTS)) for _ in texts]
    return [Source(text, partial(synthesis.espeak, text, *voice)) for text, voice in zip(texts, voices, strict=True)]


def held_out_flite(texts: list[str]) -> list[Source]:
    """`texts` in flite's held-out voice."""
    return [Source(text, partial(synthesis.flite, text, synthesis.HELD_OUT_FLITE)) for text in texts]


def make_test(options: argparse.Namespace) -> None:
    """Three test sets."""
    general, _ = split_general(options.text)
    write_features(held_out_espeak(), FEATURES / "test_dom_espeak", augmented=False)
    write_features(held_out_flite(test_requests()[0]), FEATURES / "test_dom_rms", augmented=False)
    write_features(held_out_flite(general), FEATURES / "test_gen_rms", augmented=False)


def make_train(options: argparse.Namespace) -> None:
    """Requests and general English in all voices for training."""
    r = Random(options.seed)
    left_out = set(test_requests()[0])
    texts: list[str] = []
    while len(texts) < options.requests:
        text = request(r)
        if text not in left_out:
            texts.append(text)
    _, general = split_general(options.text)
    texts += r.sample(general, options.general)
    r.shuffle(texts)
    variants = synthesis.training_variants()
    sources = [Source(text, partial(synthesis.training_voice, text, variants)) for text in texts]
    write_features(sources, FEATURES / f"train{options.seed}", augmented=True)


def transcripts(folder: Path) -> list[dict[str, str]]:
    """The rows of the folder's transcripts.tsv: file, text, speaker."""
    with (folder / "transcripts.tsv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def recorded(folder: Path, rows: list[dict[str, str]]) -> Source:
    """What these recordings say, one after the other."""
    paths = [folder / row["file"] for row in rows]
    text = clean(" ".join(row["text"] for row in rows))
    return Source(text, lambda _: np.concatenate([read_recording(path) for path in paths]))


def make_words(options: argparse.Namespace) -> None:
    """Single words, 2,500 times several by one speaker, and read sentences twice."""
    r = Random(8)
    rows = transcripts(options.recordings)
    read = [row for row in rows if row["file"].startswith("lj/")]
    by_speaker: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        if row["file"].startswith("speech-commands"):
            by_speaker.setdefault(row["speaker"], []).append(row)
    spoken = [[row] for row in rows if row not in read]
    for _ in range(2500):
        words = by_speaker[r.choice(list(by_speaker))]
        spoken.append([r.choice(words) for _ in range(r.randint(2, 4))])
    spoken += [[row] for row in read] * 2
    r.shuffle(spoken)
    sources = [recorded(options.recordings, words) for words in spoken]
    write_features(sources, FEATURES / "train98", augmented=True)


def make_read(options: argparse.Namespace) -> None:
    """Every sentence twice, each time augmented otherwise."""
    sources = [recorded(options.recordings, [row]) for row in transcripts(options.recordings)] * 2
    Random(9).shuffle(sources)
    write_features(sources, FEATURES / "train97", augmented=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, make in [("test", make_test), ("train", make_train), ("words", make_words), ("read", make_read)]:
        command = commands.add_parser(name, help=make.__doc__)
        command.set_defaults(make=make)
        if name in ("test", "train"):
            command.add_argument("--text", type=Path, required=True, help="LJ Speech's metadata.csv")
        else:
            command.add_argument("--recordings", type=Path, required=True, help="a folder with a transcripts.tsv")
        if name == "train":
            command.add_argument("--seed", type=int, default=11)
            command.add_argument("--requests", type=int, default=16_000)
            command.add_argument("--general", type=int, default=10_000)
    options = parser.parse_args()
    options.make(options)


if __name__ == "__main__":
    main()
