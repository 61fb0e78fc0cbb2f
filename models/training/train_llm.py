"""Trains starter-llm on dialogues that it makes up as it goes. Continues where OUT.pt is there already."""

import argparse
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

import torch
from torch import Tensor, nn
from torch.nn import functional

from byte_tokens import FILE, ByteTokens
from dialogues import DialogueWriter
from llm_model import Llama
from sentences import general_english

BATCH_TOKENS = 5000
PEAK = 2e-3
WARM_UP_STEPS = 100
# Token ids, and which of them the model is to learn to say.
Encoded = tuple[list[int], list[bool]]


def batches(writer: DialogueWriter, tokens: ByteTokens, r: Random) -> Iterator[list[Encoded]]:
    """Dialogues of like length together, without end."""
    while True:
        pool = sorted((tokens.encode_chat(writer.dialogue()) for _ in range(400)), key=lambda pair: len(pair[0]))
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


def loss_of(net: nn.Module, batch: Sequence[Encoded]) -> Tensor:
    """Mean cross entropy of the tokens to be said, a number."""
    length = max(len(ids) for ids, _ in batch)
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    learned = torch.zeros(len(batch), length)
    attention = torch.zeros(len(batch), length, dtype=torch.long)
    for row, (row_ids, row_learned) in enumerate(batch):
        ids[row, : len(row_ids)] = torch.tensor(row_ids)
        learned[row, : len(row_ids)] = torch.tensor(row_learned).float()
        attention[row, : len(row_ids)] = 1
    positions = torch.arange(length - 1)[None].expand(len(batch), -1)
    logits, _ = net(ids[:, :-1], attention[:, :-1], positions)
    losses = functional.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten(), reduction="none")
    learned = learned[:, 1:].flatten()
    return (losses * learned).sum() / learned.sum()


def train(net: Llama, data: Iterator[list[Encoded]], minutes: float, out: Path) -> None:
    """Trains until time is up; the weights are written every 1,000 steps and at the end."""
    optimizer = torch.optim.AdamW(net.parameters(), betas=(0.9, 0.98), weight_decay=0.05)
    start = time.monotonic()
    losses: list[float] = []
    for step, batch in enumerate(data):
        progress = (time.monotonic() - start) / 60 / minutes
        if progress >= 1:
            break
        for group in optimizer.param_groups:
            group["lr"] = PEAK * min(1, (step + 1) / WARM_UP_STEPS) * max(0.02, 1 - progress)
        loss = loss_of(net, batch)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
        if len(losses) == 100:
            print(f"{progress:.0%} step {step + 1} loss {sum(losses) / 100:.3f}", flush=True)
            losses.clear()
        if step % 1000 == 999:
            torch.save(net.state_dict(), out)
    torch.save(net.state_dict(), out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="the weights, OUT.pt")
    parser.add_argument("--text", type=Path, required=True, help="LJ Speech's metadata.csv")
    parser.add_argument("--minutes", type=float, required=True)
    options = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(1)
    r = Random(1)
    writer = DialogueWriter(r, general_english(options.text))
    if FILE.exists():
        tokens = ByteTokens.load()
    else:
        tokens = ByteTokens.learn(turn.text for _ in range(6000) for turn in writer.dialogue())
    net = Llama(len(tokens.tokens))
    if options.out.exists():
        net.load_state_dict(torch.load(options.out))
    train(net, batches(writer, tokens, r), options.minutes, options.out)


if __name__ == "__main__":
    main()
