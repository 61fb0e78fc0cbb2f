"""Trains the slow half of starter-stt further, from OUT.pt: the fast half stays as it is and hears each utterance once.

Without the fast half's share of the work, which is the larger one, an hour of speech takes a third of the time. Several
processes train alone, each in an order of its own, and their weights are averaged (Wortsman et al. 2022, "Model soups"):
that reads better than one process with as many threads, which get in each other's way.
"""

import argparse
import random
from collections.abc import Sequence
from multiprocessing import Process
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from features import read_features
from make_features import FEATURES
from processes import run_together
from stt_model import WIDTH, Encoder
from train_stt import LARGEST_GRADIENT, TEST_SETS, Schedule, examples, frames_out, sounds, words_wrong
from train_stt import batches as alike
from word_pieces import BLANK, WordPieces

# Frames of 40 ms in a batch, padding included.
BATCH_FRAMES = 3_000
# Of each utterance stretches are left out, one in so many frames, each of up to so many.
HOLE_EVERY, LONGEST_HOLE = 30, 6
# An utterance is heard up to so much faster or slower, or what is learned is its rhythm.
OTHER_PACE = 0.12
# Of the time, until the learning rate falls.
STEADY = 0.3
# Of the first process; those of the others follow.
FIRST_SEED = 2
# Listened to, as bfloat16: [frames, WIDTH], and what is said in it.
Heard = tuple[Tensor, list[int]]


def listen(net: Encoder, data: Sequence) -> list[Heard]:
    """The fast half's work, once for each utterance."""
    heard: list[Heard] = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for number, batch in enumerate(alike(data)):
            for row, example in zip(net.listen(sounds(batch)), batch, strict=True):
                heard.append((row[: frames_out(example.frames)].bfloat16(), example.tokens))
            if number % 500 == 0:
                print(f"listened to {len(heard)} of {len(data)}", flush=True)
    return heard


def batches(heard: Sequence[Heard]) -> list[list[Heard]]:
    """All once, those of like length together."""
    batch: list[Heard] = []
    longest, all_batches = 0, []
    for one in sorted(heard, key=lambda one: len(one[0]) + random.random() * 15):
        if batch and max(longest, len(one[0])) * (len(batch) + 1) > BATCH_FRAMES:
            all_batches.append(batch)
            batch, longest = [], 0
        batch.append(one)
        longest = max(longest, len(one[0]))
    all_batches.append(batch)
    random.shuffle(all_batches)
    return all_batches


def at_other_pace(sound: Tensor) -> Tensor:
    """The same, somewhat faster or slower: [frames, WIDTH] -> [other frames, WIDTH]."""
    frames = max(1, round(len(sound) * random.uniform(1 - OTHER_PACE, 1 + OTHER_PACE)))
    return functional.interpolate(sound.float().T[None], size=frames, mode="linear", align_corners=False)[0].T


def loss_of(net: Encoder, batch: Sequence[Heard]) -> Tensor:
    """CTC's loss over a batch, a number; what comes after a shorter utterance repeats its end, which is quiet."""
    batch = [(at_other_pace(sound), said) for sound, said in batch]
    frames = torch.tensor([len(sound) for sound, _ in batch])
    x = torch.zeros(len(batch), int(frames.max()), WIDTH)
    for row, (sound, _) in zip(x, batch, strict=True):
        row[: len(sound)] = sound
        row[len(sound) :] = sound[-1]
        for _ in range(1 + len(sound) // HOLE_EVERY):
            start = random.randrange(len(sound))
            row[start : start + random.randint(0, LONGEST_HOLE)] = sound.mean(0)
    with torch.autocast("cpu", torch.bfloat16):
        logits = net.out(net.understand(x))
    tokens = torch.tensor([token for _, said in batch for token in said])
    lengths = torch.tensor([len(said) for _, said in batch])
    log_probabilities = logits.float().log_softmax(-1).transpose(0, 1)
    return functional.ctc_loss(log_probabilities, tokens, frames, lengths, blank=BLANK, zero_infinity=True)


def train(net: Encoder, heard: Sequence[Heard], schedule: Schedule, out: Path) -> None:
    """Trains until time is up; the weights are written after every epoch and at the end."""
    torch.set_num_threads(1)
    for name, weights in net.named_parameters():
        weights.requires_grad = name.startswith(("layers.2.", "layers.3.", "layer_norm.", "out."))
    trained = [weights for weights in net.parameters() if weights.requires_grad]
    optimizer = torch.optim.AdamW(trained, weight_decay=1e-2)
    step, epoch = 0, 0
    while schedule.progress < 1:
        epoch += 1
        losses = []
        for batch in batches(heard):
            if schedule.progress >= 1:
                break
            for group in optimizer.param_groups:
                group["lr"] = schedule.rate(step)
            loss = loss_of(net, batch)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(trained, LARGEST_GRADIENT)
            optimizer.step()
            losses.append(loss.item())
            step += 1
            if step % 200 == 0:
                print(f"{schedule.progress:.0%} epoch {epoch} step {step} loss {np.mean(losses[-200:]):.3f}", flush=True)
        torch.save(net.state_dict(), out)
    torch.save(net.state_dict(), out)


def train_several(net: Encoder, heard: Sequence[Heard], options: argparse.Namespace) -> None:
    """Trains in `options.processes` processes, and gives `net` the average of what they learned."""
    files = [options.out.with_suffix(f".{index}.pt") for index in range(options.processes)]

    def work(seed: int, file: Path) -> None:
        torch.manual_seed(seed)
        random.seed(seed)
        train(net, heard, Schedule(options.minutes, options.peak, STEADY), file)

    processes = [Process(target=work, args=(FIRST_SEED + index, file)) for index, file in enumerate(files)]
    run_together(processes, "Training")
    learned = [torch.load(file) for file in files]
    net.load_state_dict({name: torch.stack([one[name] for one in learned]).mean(0) for name in learned[0]})
    for file in files:
        file.unlink()


def blend(net: Encoder, before: dict[str, Tensor], share_new: float) -> None:
    """Goes back a part of the way to the weights `before` (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models")."""
    net.load_state_dict({name: before[name].lerp(now, share_new) for name, now in net.state_dict().items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, help="the weights, OUT.pt")
    parser.add_argument("sets", nargs="+", help="features to train on, as people21")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--peak", type=float, default=4e-4, help="highest learning rate")
    parser.add_argument(
        "--share-new",
        type=float,
        default=1.0,
        help="of the weights it ends with, the rest of those it began with: where these were good, what lies between is better",
    )
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.processes)
    torch.manual_seed(FIRST_SEED)
    random.seed(FIRST_SEED)
    pieces = WordPieces.load()
    net = Encoder(len(pieces.pieces) + 1)
    before = torch.load(options.out)
    net.load_state_dict(before)
    utterances = [utterance for name in options.sets for utterance in read_features(FEATURES, name)]
    heard = listen(net, examples(utterances, pieces))
    del utterances
    train_several(net, heard, options)
    blend(net, before, options.share_new)
    torch.save(net.state_dict(), options.out)
    for name in TEST_SETS:
        print(name, f"{words_wrong(net, read_features(FEATURES, name), pieces):.1f} % of the words wrong")


if __name__ == "__main__":
    main()
