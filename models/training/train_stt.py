"""Trains starter-stt with CTC on features that make_features.py wrote, from Whisper's encoder or from where OUT.pt is."""

import argparse
import itertools
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from features import Utterance, read_features
from log_mel import LOUDEST, MELS, RANGE
from make_features import FEATURES
from stt_model import SUBSAMPLING, Encoder
from word_pieces import BLANK, FILE, WordPieces, word_errors

# Mel frames in a batch, padding included: fits into 4 GiB.
BATCH_FRAMES = 8_000
LONGEST_FRAMES = 1400
WARM_UP_STEPS = 200
LARGEST_GRADIENT = 2.0
# The new layer on top of Whisper's learns alone first, so many times from so many utterances, standardised on a few.
HEAD_UTTERANCES, HEAD_EPOCHS, HEAD_FIT, HEAD_PEAK = 5000, 8, 24, 8e-3
SILENCE = (LOUDEST - RANGE + 4) / 4
TEST_SETS = [
    *("test_dom_espeak", "test_dom_rms", "test_gen_rms"),
    *("test_speechocean762", "test_speech-commands", "test_wake-words"),
]


class Example(NamedTuple):
    """Features [MELS, frames] and what they say, in tokens."""

    mel: NDArray[np.float16]
    tokens: list[int]

    @property
    def frames(self) -> int:
        return self.mel.shape[1]


def frames_out(frames: int) -> int:
    """Frames of logits for frames of features."""
    return -(-frames // SUBSAMPLING)


def examples(utterances: Sequence[Utterance], pieces: WordPieces) -> list[Example]:
    """Those that CTC can align: a frame for every token and one between equal ones. Of noise, there is no token."""
    chosen = []
    for text, mel in utterances:
        tokens = pieces.encode(text)
        needed = len(tokens) + sum(a == b for a, b in itertools.pairwise(tokens))
        if needed < frames_out(mel.shape[1]) and mel.shape[1] < LONGEST_FRAMES:
            chosen.append(Example(mel, tokens))
    return chosen


def batches(data: Sequence[Example]) -> list[list[Example]]:
    """All examples once, those of like length together."""
    batch: list[Example] = []
    longest, all_batches = 0, []
    for example in sorted(data, key=lambda example: example.frames + random.random() * 60):
        if batch and max(longest, example.frames) * (len(batch) + 1) > BATCH_FRAMES:
            all_batches.append(batch)
            batch, longest = [], 0
        batch.append(example)
        longest = max(longest, example.frames)
    all_batches.append(batch)
    random.shuffle(all_batches)
    return all_batches


def disturbed(mel: Tensor) -> Tensor:
    """Another level, another tilt, and bands of frequency and time left out (SpecAugment, Park et al. 2019)."""
    frames = mel.shape[1]
    mel = mel + 0.03 * torch.randn(1) + 0.004 * torch.randn(MELS, 1).cumsum(0)
    hole = mel.mean()
    for _ in range(2):
        width = random.randint(0, 14)
        start = random.randint(0, MELS - width)
        mel[start : start + width] = hole
    for _ in range(max(1, frames // 120)):
        width = random.randint(0, 20)
        start = random.randint(0, max(0, frames - width))
        mel[:, start : start + width] = hole
    return mel


def sounds(batch: Sequence[Example]) -> Tensor:
    """[batch, MELS, frames], each disturbed, with silence after the shorter ones."""
    mels = torch.full((len(batch), MELS, max(example.frames for example in batch)), SILENCE)
    for row, example in zip(mels, batch, strict=True):
        row[:, : example.frames] = disturbed(torch.from_numpy(example.mel.astype(np.float32)))
    return mels


def ctc(logits: Tensor, batch: Sequence[Example]) -> Tensor:
    """CTC's loss over a batch, a number."""
    tokens = torch.tensor([token for example in batch for token in example.tokens])
    lengths = torch.tensor([len(example.tokens) for example in batch])
    log_probabilities = logits.float().log_softmax(-1).transpose(0, 1)
    frames = torch.tensor([frames_out(example.frames) for example in batch]).clamp(max=len(log_probabilities))
    return functional.ctc_loss(log_probabilities, tokens, frames, lengths, blank=BLANK, zero_infinity=True)


def words_wrong(net: nn.Module, utterances: Sequence[Utterance], pieces: WordPieces) -> float:
    """Percent."""
    net.eval()
    wrong = total = 0
    with torch.no_grad():
        for text, mel in utterances:
            best = net(torch.from_numpy(mel.astype(np.float32))[None])[0].argmax(-1)
            wrong += word_errors(text.split(), pieces.decode(best.tolist()).split())
            total += len(text.split())
    net.train()
    return 100 * wrong / max(1, total)


class Schedule:
    """The learning rate over time: a short rise, the peak, then down to nothing as the minutes run out."""

    def __init__(self, minutes: float, peak: float, steady: float) -> None:
        self._minutes = minutes
        self._peak = peak
        self._steady = steady
        self._start = time.monotonic()

    @property
    def progress(self) -> float:
        """0 at the start, 1 at the end."""
        return (time.monotonic() - self._start) / 60 / self._minutes

    def rate(self, step: int) -> float:
        """For the step with this number, from 0."""
        falling = min(1, (1 - self.progress) / max(1e-6, 1 - self._steady))
        return self._peak * min(1, (step + 1) / WARM_UP_STEPS) * max(0, falling) + 1e-6


def steps(data: Sequence[Example], schedule: Schedule) -> Iterator[tuple[int, list[Example]]]:
    """Numbered epochs' batches until time is up."""
    epoch = 0
    while True:
        epoch += 1
        for batch in batches(data):
            if schedule.progress > 1:
                return
            yield epoch, batch


def train_head(net: Encoder, data: Sequence[Example]) -> None:
    """Only the new layer, on what Whisper hears: otherwise its first guesses spoil what was learned before."""
    chosen = random.sample(data, min(HEAD_UTTERANCES, len(data)))
    net.standardise(sounds(chosen[:HEAD_FIT]))
    heard = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for batch in batches(chosen):
            heard.append((batch, net.hear(sounds(batch)).float()))
    optimizer = torch.optim.AdamW(net.out.parameters(), lr=HEAD_PEAK)
    for epoch in range(HEAD_EPOCHS):
        random.shuffle(heard)
        losses = []
        for batch, features in heard:
            loss = ctc(net.out(features), batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        print(f"the head alone: epoch {epoch + 1} loss {np.mean(losses):.3f}", flush=True)


def train(net: Encoder, data: Sequence[Example], schedule: Schedule, out: Path) -> None:
    """Trains until time is up; the weights are written every 500 steps and at the end."""
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=1e-2)
    losses: list[float] = []
    for step, (epoch, batch) in enumerate(steps(data, schedule)):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(step)
        with torch.autocast("cpu", torch.bfloat16):
            logits = net(sounds(batch))
        loss = ctc(logits, batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), LARGEST_GRADIENT)
        optimizer.step()
        losses.append(loss.item())
        if len(losses) == 50:
            print(f"{schedule.progress:.0%} epoch {epoch} step {step + 1} loss {np.mean(losses):.3f}", flush=True)
            losses.clear()
        if step % 500 == 499:
            torch.save(net.state_dict(), out)
    torch.save(net.state_dict(), out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="the weights, OUT.pt")
    parser.add_argument("sets", nargs="+", help="features to train on, as people21")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--peak", type=float, default=3e-4, help="highest learning rate")
    parser.add_argument("--steady", type=float, default=0.15, help="share of the time before the rate falls")
    parser.add_argument("--start", type=Path, help="Whisper tiny.en's encoder_model.onnx, to start from")
    options = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(1)
    random.seed(1)
    utterances = [utterance for name in options.sets for utterance in read_features(FEATURES, name)]
    pieces = WordPieces.load() if FILE.exists() else WordPieces.learn(text for text, _ in utterances)
    data = examples(utterances, pieces)
    hours = sum(example.frames for example in data) / 360_000
    print(f"{len(data)} utterances, {hours:.1f} hours", flush=True)
    net = Encoder(len(pieces.pieces) + 1)
    if options.out.exists():
        net.load_state_dict(torch.load(options.out))
    elif options.start:
        net.start_from(options.start)
        train_head(net, data)
    train(net, data, Schedule(options.minutes, options.peak, options.steady), options.out)
    for name in TEST_SETS:
        print(name, f"{words_wrong(net, read_features(FEATURES, name), pieces):.1f} % of the words wrong")


if __name__ == "__main__":
    main()
