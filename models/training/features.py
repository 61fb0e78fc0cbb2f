"""Log-mel features of many utterances, made by several processes and kept in half precision."""

from collections.abc import Callable, Sequence
from multiprocessing import Process
from pathlib import Path
from random import Random
from typing import NamedTuple
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray

from augmentation import Augmenter, in_silence
from log_mel import LogMel
from processes import run_together
from synthesis import Samples

SHARD_UTTERANCES = 500
PROCESSES = 2


class Source(NamedTuple):
    """What is said, and how to hear it."""

    text: str
    hear: Callable[[Random], Samples]


class Utterance(NamedTuple):
    """What is said, and its features, [MELS, frames]."""

    text: str
    mel: NDArray[np.float16]


def write_features(sources: Sequence[Source], path: Path, augmented: bool, is_noisy: bool = False) -> None:
    """Writes `<path>.<process>.<shard>.npz`. What is augmented may be so in much noise."""
    path.parent.mkdir(parents=True, exist_ok=True)
    processes = [Process(target=_work, args=(index, sources, path, augmented, is_noisy)) for index in range(PROCESSES)]
    run_together(processes, f"Writing {path.name}")


def read_features(folder: Path, name: str) -> list[Utterance]:
    """What write_features wrote."""
    utterances = []
    for path in sorted(folder.glob(f"{name}.*.npz")):
        shard = np.load(path)
        ends = np.cumsum(shard["len"])
        mels = np.split(shard["mel"], ends[:-1], axis=1)
        utterances += [Utterance(str(text), mel) for text, mel in zip(shard["text"], mels, strict=True)]
    return utterances


def _work(process: int, sources: Sequence[Source], path: Path, augmented: bool, is_noisy: bool) -> None:
    torch.set_num_threads(1)
    log_mel = LogMel()
    seed = crc32(f"{path.name} {process}".encode())
    r, noise = Random(seed), np.random.default_rng(seed)
    augment = Augmenter(seed, is_noisy=is_noisy)
    mine = sources[process::PROCESSES]
    for shard, start in enumerate(range(0, len(mine), SHARD_UTTERANCES)):
        rows = []
        for text, hear in mine[start : start + SHARD_UTTERANCES]:
            samples = hear(r)
            samples = augment(samples) if augmented else in_silence(samples, noise)
            with torch.no_grad():
                mel = log_mel(torch.from_numpy(np.ascontiguousarray(samples, np.float32))[None])[0]
            rows.append(Utterance(text, mel.numpy().astype(np.float16)))
        np.savez(
            f"{path}.{process}.{shard}.npz",
            text=np.array([row.text for row in rows]),
            len=np.array([row.mel.shape[1] for row in rows]),
            mel=np.concatenate([row.mel for row in rows], 1),
        )
        print(path.name, "process", process, "shard", shard, len(rows), flush=True)
