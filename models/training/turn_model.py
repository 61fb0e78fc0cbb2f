"""What the turn detector looks at and how it weighs that; models/engines/turn/word_turn.ts does the same."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix
from scipy.special import expit

from spoken import ONES, TENS

if TYPE_CHECKING:
    from turn_examples import Example

Opinion = Literal["complete", "incomplete", "unsure"]

# All are one word here, and so is a number of several words.
NUMBERS = {*ONES, *TENS, "hundred", "thousand", "million"}
NUMBER, UNKNOWN, START = "#", "?", "^"
LONGEST_ENDING, LONGEST = 3, 8
# A word, a feature: what is rarer in the training is unknown, or not looked at.
RAREST_WORD, RAREST_FEATURE = 4, 12
# Cutting somebody off is so much worse than letting them wait.
COST = 2.0
# From here up somebody has finished, from here down not; between, the length of the silence decides.
COMPLETE, INCOMPLETE = 0.7, 0.2
# What is mostly unknown words is another language, or nonsense.
KNOWN_SHARE = 0.5
RIDGE, SMALLEST = 1.0, 0.1


def words_of(text: str) -> list[str]:
    """Its words, every number "#"."""
    words: list[str] = []
    for word in re.findall(r"[a-z]+(?:'[a-z]+)*", text):
        if word not in NUMBERS:
            words.append(word)
        elif words[-1:] != [NUMBER]:
            words.append(NUMBER)
    return words


def features(words: Sequence[str]) -> list[str]:
    """What is looked at. `words` are known ones or "?"."""
    begun = [START, *words]
    endings = [" ".join(begun[-length:]) for length in range(1, min(LONGEST_ENDING, len(begun)) + 1)]
    first, last = words[0], words[-1]
    return [
        *endings,
        f"{first} .. {last}",
        f"{' '.join(words[:2])} .. {last}",
        f"{' '.join(words[:2])} ..",
        f"{min(len(words), LONGEST)}",
    ]


@dataclass
class TurnModel:
    """As it is written."""

    vocabulary: str
    bias: float
    weights: dict[str, float]
    numbers: str = " ".join(sorted(NUMBERS))
    complete: float = COMPLETE
    incomplete: float = INCOMPLETE

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.vocabulary.split()) | {NUMBER}

    def probability(self, text: str) -> float | None:
        """That `text` is all; None for what cannot be judged."""
        words = [word if word in self._known else UNKNOWN for word in words_of(text)]
        if not words or words.count(UNKNOWN) > KNOWN_SHARE * len(words):
            return None
        return float(expit(self.bias + sum(self.weights.get(feature, 0) for feature in features(words))))

    def opinion(self, text: str) -> Opinion:
        """What follows from it."""
        p = self.probability(text)
        if p is None or self.incomplete < p < self.complete:
            return "unsure"
        return "complete" if p >= self.complete else "incomplete"

    def to_json(self) -> str:
        """The file, a weight a line."""
        return json.dumps(asdict(self), indent=0, separators=(",", ":")) + "\n"


def fitted(examples: Sequence["Example"], errors: Sequence["Example"]) -> TurnModel:
    """The weights that fit these best, small ones left out; of misheard ones no words are learned."""
    known = _frequent((word for example in examples for word in words_of(example.text)), RAREST_WORD) | {NUMBER}
    examples = [*examples, *errors]
    texts = [words_of(example.text) for example in examples]
    looked_at = [features([word if word in known else UNKNOWN for word in words]) for words in texts]
    names = sorted(_frequent((name for seen in looked_at for name in seen), RAREST_FEATURE))
    columns = {name: at for at, name in enumerate(names)}
    rows = [[columns[name] for name in seen if name in columns] for seen in looked_at]
    starts = np.cumsum([0, *(len(row) for row in rows)])
    flat = np.array([column for row in rows for column in row], np.int32)
    matrix = csr_matrix((np.ones(len(flat)), flat, starts), shape=(len(rows), len(names)))
    finished = np.array([example.finished for example in examples])
    found = _minimised(matrix, np.where(finished, 1.0, -1.0), np.where(finished, 1.0, COST))
    weights = {name: round(float(w), 2) for name, w in zip(names, found[1:], strict=True) if abs(w) >= SMALLEST}
    return TurnModel(" ".join(sorted(known - {NUMBER})), round(float(found[0]), 2), weights)


def _frequent(items: Iterable[str], rarest: int) -> set[str]:
    return {item for item, count in Counter(items).items() if count >= rarest}


def _minimised(matrix: csr_matrix, signs: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """The bias, then a weight a column: logistic loss with a ridge on the weights."""
    transposed = matrix.T.tocsr()

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        margins = signs * (at[0] + matrix @ at[1:])
        slopes = -signs * costs * expit(-margins)
        value = float(costs @ np.logaddexp(0, -margins)) + RIDGE / 2 * float(at[1:] @ at[1:])
        return value, np.concatenate([[slopes.sum()], transposed @ slopes + RIDGE * at[1:]])

    start = np.zeros(matrix.shape[1] + 1)
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 150}).x
