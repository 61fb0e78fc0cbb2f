"""Trains starter-stt with CTC on features that make_features.py wrote. Continues where OUT.pt is there already."""

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
from log_mel import MELS
from make_features import FEATURES
from stt_model import SUBSAMPLING, Encoder
from word_pieces import BLANK, FILE, WordPieces, word_errors

# Mel frames in a batch, padding included: fits into 4 GiB.
BATCH_FRAMES = 14_000
LONGEST_FRAMES = 1400
WARM_UP_STEPS = 200
# The share of the time that runs at the peak rate.
STEADY = 0.15
TEST_SETS = ["test_dom_espeak", "test_dom_rms", "test_gen_rms"]


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
    """Those that CTC can align: a frame for every token and one between equal ones."""
    chosen = []
    for text, mel in utterances:
        tokens = pieces.encode(text)
        needed = len(tokens) + sum(a == b for a, b in itertools.pairwise(tokens))
        if tokens and needed < frames_out(mel.shape[1]) and mel.shape[1] < LONGEST_FRAMES:
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
    mel = mel + 0.15 * torch.randn(1) + 0.03 * torch.randn(MELS, 1).cumsum(0)
    for _ in range(2):
        width = random.randint(0, 12)
        start = random.randint(0, MELS - width)
        mel[start : start + width] = 0
    for _ in range(max(1, frames // 150)):
        width = random.randint(0, 22)
        start = random.randint(0, max(0, frames - width))
        mel[:, start : start + width] = 0
    return mel


def loss_of(net: nn.Module, batch: Sequence[Example]) -> Tensor:
    """CTC's loss over a batch, a number."""
    mels = torch.zeros(len(batch), MELS, max(example.frames for example in batch))
    for row, example in zip(mels, batch, strict=True):
        row[:, : example.frames] = disturbed(torch.from_numpy(example.mel.astype(np.float32)))
    tokens = torch.tensor([token for example in batch for token in example.tokens])
    lengths = torch.tensor([len(example.tokens) for example in batch])
    log_probabilities = net(mels).log_softmax(-1).transpose(0, 1)
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

    def __init__(self, minutes: float, peak: float) -> None:
        self._minutes = minutes
        self._peak = peak
        self._start = time.monotonic()

    @property
    def progress(self) -> float:
        """0 at the start, 1 at the end."""
        return (time.monotonic() - self._start) / 60 / self._minutes

    def rate(self, step: int) -> float:
        """For the step with this number, from 0."""
        progress = self.progress
        falling = 1 - progress if progress > STEADY else 1
        return self._peak * min(1, (step + 1) / WARM_UP_STEPS) * falling + 1e-6


def steps(data: Sequence[Example], schedule: Schedule) -> Iterator[tuple[int, list[Example]]]:
    """Numbered epochs' batches until time is up."""
    epoch = 0
    while True:
        epoch += 1
        for batch in batches(data):
            if schedule.progress > 1:
                return
            yield epoch, batch


def train(net: Encoder, data: Sequence[Example], schedule: Schedule, out: Path) -> None:
    """Trains until time is up; the weights are written every 500 steps and at the end."""
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=1e-2)
    losses: list[float] = []
    for step, (epoch, batch) in enumerate(steps(data, schedule)):
        for group in optimizer.param_groups:
            group["lr"] = schedule.rate(step)
        loss = loss_of(net, batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
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
    parser.add_argument("sets", nargs="+", help="features to train on, as train11")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--peak", type=float, default=1.5e-3, help="highest learning rate")
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
    train(net, data, Schedule(options.minutes, options.peak), options.out)
    for name in TEST_SETS:
        print(name, f"{words_wrong(net, read_features(FEATURES, name), pieces):.1f} % of the words wrong")


if __name__ == "__main__":
    main()
