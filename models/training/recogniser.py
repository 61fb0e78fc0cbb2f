"""The exported recogniser, read as the server reads it."""

from pathlib import Path

import numpy as np
import onnxruntime

from beam_search import BeamSearch, Reading
from synthesis import Samples
from word_model import WordModel
from word_pieces import WordPieces

STARTER = Path(__file__).parent.parent / "starter"


def load(model: str) -> onnxruntime.InferenceSession:
    """`stt` or `llm`, on one core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(STARTER / model / "onnx" / "model.onnx"), options)


class Recogniser:
    """With the word model, or greedy: every frame's likeliest token."""

    def __init__(self, greedy: bool) -> None:
        self._session = load("stt")
        self._pieces = WordPieces.load()
        self._greedy = greedy
        self._search = BeamSearch(list(self._pieces.pieces), WordModel(STARTER / "stt" / "words.arpa"))

    def __call__(self, samples: Samples) -> str:
        if self._greedy:
            return self._pieces.decode(self.logits(samples).argmax(-1).tolist())
        return self.read(samples).text

    def read(self, samples: Samples) -> Reading:
        """With what tells how likely it is right."""
        return self._search.read(self.logits(samples))

    def logits(self, samples: Samples) -> np.ndarray:
        """[frames, tokens]"""
        return self._session.run(None, {"input_values": samples[None]})[0][0]
