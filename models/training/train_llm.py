"""Trains starter-llm on dialogues that it makes up as it goes. Continues where OUT.pt is there already.

train_llm.py llm.pt --text metadata.csv --minutes 28
train_llm.py --vocabulary --text metadata.csv       learns llm_vocab.json instead, for new weights
"""

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import torch
from torch import Tensor, nn
from torch.nn import functional

from byte_tokens import ByteTokens
from confusions import FILE as CONFUSIONS
from confusions import Confusions
from dialogues import DialogueWriter
from llm_model import Llama
from make_features import split_general
from sentences import clean

BATCH_TOKENS = 4000
# Muon's for the layers' matrices, AdamW's for the rest.
PEAK_MATRICES, PEAK_OTHERS = 0.02, 4e-3
WARM_UP_STEPS = 60
# The last part of the training, in which the learning rate falls to nothing.
COOL_DOWN = 0.6
VOCABULARY_DIALOGUES = 8000
REQUESTS = Path(__file__).parent.parent / "eval" / "requests.jsonl"
# Token ids, and how much the model is to learn to say each.
Encoded = tuple[list[int], list[float]]


def left_out() -> set[str]:
    """What users say in the test's requests."""
    if not REQUESTS.exists():
        return set()
    return {
        clean(json.loads(line)["text"]) for line in REQUESTS.read_text(encoding="utf-8").splitlines() if line.strip()
    }


def batches(writer: DialogueWriter, tokens: ByteTokens, r: Random) -> Iterator[list[Encoded]]:
    """Dialogues of like length together, without end."""
    while True:
        pool = sorted((tokens.encode_chat(writer.dialogue()) for _ in range(600)), key=lambda pair: len(pair[0]))
        batch: list[Encoded] = []
        of_pool = []
        for pair in pool:
            if batch and len(pair[0]) * (len(batch) + 1) > BATCH_TOKENS:
                of_pool.append(batch)
                batch = []
            batch.append(pair)
        of_pool.append(batch)
        r.shuffle(of_pool)
        yield from of_pool


def loss_of(net: Llama, batch: Sequence[Encoded]) -> Tensor:
    """Mean cross entropy of the tokens to be said, weighted, a number."""
    length = max(len(ids) for ids, _ in batch)
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    weights = torch.zeros(len(batch), length)
    for row, (row_ids, row_weights) in enumerate(batch):
        ids[row, : len(row_ids)] = torch.tensor(row_ids)
        weights[row, : len(row_ids)] = torch.tensor(row_weights)
    weights = weights[:, 1:]
    with torch.autocast("cpu", torch.bfloat16):
        states = net.learn(ids[:, :-1])
        # Of what others say no logits are needed.
        logits = net.logits(states[weights > 0])
    losses = functional.cross_entropy(logits.float(), ids[:, 1:][weights > 0], reduction="none")
    weights = weights[weights > 0]
    return (losses * weights).sum() / weights.sum()


def optimizers(net: Llama, share: float) -> list[tuple[float, torch.optim.Optimizer]]:
    """Peak learning rates, of which only a share is wanted, and what they are for."""
    matrices = [parameter for parameter in net.layers.parameters() if parameter.ndim == 2]
    others = [parameter for parameter in net.parameters() if not any(parameter is matrix for matrix in matrices)]
    return [
        (share * PEAK_MATRICES, torch.optim.Muon(matrices, lr=PEAK_MATRICES, weight_decay=0.01, momentum=0.95)),
        (share * PEAK_OTHERS, torch.optim.AdamW(others, lr=PEAK_OTHERS, betas=(0.9, 0.98), weight_decay=0.01)),
    ]


def rate(step: int, progress: float) -> float:
    """Of the peak learning rate."""
    return min(1, (step + 1) / WARM_UP_STEPS, max(0.01, (1 - progress) / COOL_DOWN))


def train(net: Llama, data: Iterator[list[Encoded]], options: argparse.Namespace) -> None:
    """Trains until time is up; the weights are written every 500 steps and at the end."""
    ways = optimizers(net, options.rate)
    start = time.monotonic()
    losses: list[float] = []
    said = 0
    net.train()
    for step, batch in enumerate(data):
        elapsed = time.monotonic() - start
        progress = elapsed / 60 / options.minutes
        if progress >= 1:
            break
        loss = loss_of(net, batch)
        net.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        for peak, optimizer in ways:
            for group in optimizer.param_groups:
                group["lr"] = peak * rate(step, progress)
            optimizer.step()
        losses.append(loss.item())
        said += sum(len(ids) for ids, _ in batch)
        if len(losses) == 50:
            mean = sum(losses) / len(losses)
            print(f"{progress:.0%} step {step + 1} loss {mean:.4f}, {said / elapsed:.0f} tokens/s", flush=True)
            losses.clear()
        if step % 500 == 499:
            torch.save(net.state_dict(), options.out)
    torch.save(net.state_dict(), options.out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, nargs="?", default=Path("llm.pt"), help="the weights, OUT.pt")
    parser.add_argument("--text", type=Path, required=True, help="LJ Speech's metadata.csv")
    parser.add_argument("--minutes", type=float, default=28)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1.0, help="of the peak learning rates: less to go on with")
    parser.add_argument("--vocabulary", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    r = Random(options.seed)
    confusions = Confusions.load() if CONFUSIONS.exists() else None
    _, general = split_general(options.text)
    writer = DialogueWriter(r, general, confusions, left_out())
    if options.vocabulary:
        ByteTokens.learn(turn.text for _ in range(VOCABULARY_DIALOGUES) for turn in writer.dialogue())
        return
    tokens = ByteTokens.load()
    net = Llama(len(tokens.tokens))
    if options.out.exists():
        net.load_state_dict(torch.load(options.out))
    train(net, batches(writer, tokens, r), options)


if __name__ == "__main__":
    main()
