"""Features to train and test the recogniser with.

make_features.py test --text metadata.csv                      sentences never trained on, in voices never trained on
make_features.py synthetic --text metadata.csv --seed 11       requests and general English in the engines' voices
make_features.py neural --text metadata.csv --voice A.onnx --seed 14   the same in neural voices
make_features.py people --recordings FOLDER --seed 21          people, all that are not for tests, each augmented once
make_features.py words --recordings FOLDER --seed 27           their single words again, in much noise
make_features.py people-test --recordings FOLDER               people that are for tests
make_features.py noise --seed 31                               nobody
"""

import argparse
from functools import partial
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np

import synthesis
from asked import asked, test_requests
from augmentation import Augmenter
from features import Source, write_features
from log_mel import SAMPLE_RATE_HZ
from recordings import Recording, recordings
from sentences import general_english, usage_examples

FEATURES = Path(__file__).parent / "feat"
# Collections of single words, and of sentences: several by one speaker are also put together.
WORDS = ["speech-commands", "wake-words"]
READ = ["speechocean762", "lj"]
SEVERAL_WORDS = 1000
# People also talk for longer than most of the sentences last: several sentences of one speaker, and of general English.
SEVERAL_SENTENCES = 600
SHARE_JOINED, MOST_JOINED = 0.3, 3
TIMES_NOISY = 2
NOISES = 600


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


def write(sources: list[Source], name: str, options: argparse.Namespace, *, augmented: bool, is_noisy: bool = False) -> None:
    """The features of these, or of one in so many as `options.every` says."""
    write_features(sources[:: options.every], FEATURES / name, augmented=augmented, is_noisy=is_noisy)


def make_test(options: argparse.Namespace) -> None:
    """Three test sets."""
    general, _ = split_general(options.text)
    write(held_out_espeak(), "test_dom_espeak", options, augmented=False)
    write(held_out_flite(test_requests()[0]), "test_dom_rms", options, augmented=False)
    write(held_out_flite(general), "test_gen_rms", options, augmented=False)


def texts_for_training(options: argparse.Namespace, r: Random) -> list[str]:
    """As many requests and clauses of general English as asked for, some of these in a row; none that is for tests."""
    _, general = split_general(options.text)
    texts = list(islice(asked(r, general), options.requests))
    if options.examples:
        general += usage_examples(options.examples)
    for text in r.sample(general, options.general):
        more = r.sample(general, r.randint(1, MOST_JOINED - 1)) if r.random() < SHARE_JOINED else []
        texts.append(" ".join([text, *more]))
    r.shuffle(texts)
    return texts


def make_synthetic(options: argparse.Namespace) -> None:
    """Requests and general English in the voices of Debian's engines for training."""
    variants = synthesis.training_variants()
    texts = texts_for_training(options, Random(options.seed))
    sources = [Source(text, partial(synthesis.training_voice, text, variants)) for text in texts]
    write(sources, f"synthetic{options.seed}", options, augmented=True)


def make_neural(options: argparse.Namespace) -> None:
    """Requests and general English in voices in Piper's format, in turn."""
    texts = texts_for_training(options, Random(options.seed))
    voices = [options.voice[index % len(options.voice)] for index in range(len(texts))]
    sources = [Source(text, partial(synthesis.piper, text, voice)) for text, voice in zip(texts, voices, strict=True)]
    write(sources, f"neural{options.seed}", options, augmented=True)


def heard(parts: list[Recording]) -> Source:
    """These recordings, one after the other."""
    text = " ".join(part.text for part in parts)
    return Source(text, lambda _: np.concatenate([part.samples() for part in parts]))


def make_people(options: argparse.Namespace) -> None:
    """Every recording once, and single words and sentences of one speaker in a row."""
    r = Random(options.seed)
    spoken = [[one] for name in READ + WORDS for one in recordings(options.recordings, name, test=False)]
    for collection, count, most in [(WORDS[0], SEVERAL_WORDS, 4), (READ[0], SEVERAL_SENTENCES, 3)]:
        by_speaker: dict[str, list[Recording]] = {}
        for one in recordings(options.recordings, collection, test=False):
            by_speaker.setdefault(one.speaker, []).append(one)
        for _ in range(count):
            of_speaker = by_speaker[r.choice(list(by_speaker))]
            spoken.append([r.choice(of_speaker) for _ in range(r.randint(2, most))])
    r.shuffle(spoken)
    write([heard(parts) for parts in spoken], f"people{options.seed}", options, augmented=True)


def make_words(options: argparse.Namespace) -> None:
    """Every recording of a single word, in a room and in much noise, each otherwise several times."""
    spoken = [one for name in WORDS for one in recordings(options.recordings, name, test=False)] * TIMES_NOISY
    Random(options.seed).shuffle(spoken)
    sources = [heard([one]) for one in spoken]
    write(sources, f"words{options.seed}", options, augmented=True, is_noisy=True)


def make_people_test(options: argparse.Namespace) -> None:
    """The test speakers, as they were recorded."""
    for name in ["speechocean762", *WORDS]:
        sources = [heard([one]) for one in recordings(options.recordings, name, test=True)]
        write(sources, f"test_{name}", options, augmented=False)


def make_noise(options: argparse.Namespace) -> None:
    """Noise in which nothing is said: knocks, tones, hum, clatter."""
    augment = Augmenter(options.seed)
    seconds = [Random(f"{options.seed} {index}").uniform(0.5, 4) for index in range(NOISES)]
    sources = [Source("", lambda _, length=int(s * SAMPLE_RATE_HZ): augment.noise(length)) for s in seconds]
    write(sources, f"noise{options.seed}", options, augmented=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    for name, make in [("test", make_test), ("synthetic", make_synthetic), ("neural", make_neural)]:
        command = commands.add_parser(name, help=make.__doc__)
        command.set_defaults(make=make)
        command.add_argument("--text", type=Path, required=True, help="LJ Speech's metadata.csv")
        if name == "neural":
            command.add_argument("--voice", type=Path, action="append", required=True, help="an ONNX file beside its .json")
        if name != "test":
            command.add_argument("--seed", type=int, default=11)
            command.add_argument("--requests", type=int, default=8_000)
            command.add_argument("--general", type=int, default=9_000)
            command.add_argument("--examples", type=Path, help="a folder of WordNet's data files: more general English")
    for name, make in [("people", make_people), ("words", make_words), ("people-test", make_people_test)]:
        command = commands.add_parser(name, help=make.__doc__)
        command.set_defaults(make=make)
        command.add_argument("--recordings", type=Path, required=True, help="a folder with a transcripts.tsv")
        command.add_argument("--seed", type=int, default=21)
    noise = commands.add_parser("noise", help=make_noise.__doc__)
    noise.set_defaults(make=make_noise)
    noise.add_argument("--seed", type=int, default=31)
    for command in commands.choices.values():
        command.add_argument("--every", type=int, default=1, help="for a trial, only one of so many utterances")
    options = parser.parse_args()
    options.make(options)


if __name__ == "__main__":
    main()
