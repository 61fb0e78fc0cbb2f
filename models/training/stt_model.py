"""starter-stt: log-mel -> the encoder of Whisper tiny.en, slowed to 25 frames a second half way -> CTC logits.

The encoder's shape, and the weights that training starts from, are Whisper's (Radford et al. 2022, MIT). It was made to
hear 30 seconds at once; here it learns to hear as much as there is.
"""

import math
from pathlib import Path

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from log_mel import MELS, LogMel

WIDTH = 384
HEADS = 6
LAYERS = 4
# After so many layers two frames become one.
FAST_LAYERS = 2
# Mel frames (10 ms) to a frame of logits.
SUBSAMPLING = 4
DROPOUT = 0.1


def sinusoids(frames: int) -> Tensor:
    """Whisper's positions, [frames, WIDTH]."""
    half = WIDTH // 2
    speeds = torch.exp(-math.log(10_000) / (half - 1) * torch.arange(half))
    angles = torch.arange(frames)[:, None] * speeds
    return torch.cat([angles.sin(), angles.cos()], 1)


class Layer(nn.Module):
    """Self-attention and two dense layers, each around a residual, normalised before."""

    def __init__(self) -> None:
        super().__init__()
        self.self_attn_layer_norm = nn.LayerNorm(WIDTH)
        self.self_attn = nn.ModuleDict(
            {name: nn.Linear(WIDTH, WIDTH, bias=name != "k_proj") for name in ("q_proj", "k_proj", "v_proj", "out_proj")}
        )
        self.final_layer_norm = nn.LayerNorm(WIDTH)
        self.fc1 = nn.Linear(WIDTH, 4 * WIDTH)
        self.fc2 = nn.Linear(4 * WIDTH, WIDTH)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.drop(self._attend(self.self_attn_layer_norm(x)))
        return x + self.drop(self.fc2(functional.gelu(self.fc1(self.final_layer_norm(x)))))

    def _attend(self, x: Tensor) -> Tensor:
        q, k, v = (
            self.self_attn[name](x).unflatten(-1, (HEADS, WIDTH // HEADS)).transpose(1, 2)
            for name in ("q_proj", "k_proj", "v_proj")
        )
        # In plain products: on CPUs, the fused attention takes a fifth of all training's time.
        attention = (q @ k.transpose(2, 3) * (WIDTH // HEADS) ** -0.5).softmax(-1)
        heard = attention.to(v.dtype) @ v
        return self.self_attn["out_proj"](heard.transpose(1, 2).flatten(2))


class Encoder(nn.Module):
    """[batch, MELS, frames] -> [batch, frames / SUBSAMPLING rounded up, tokens] logits."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(MELS, WIDTH, 3, padding=1)
        self.conv2 = nn.Conv1d(WIDTH, WIDTH, 3, stride=2, padding=1)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.layer_norm = nn.LayerNorm(WIDTH)
        self.out = nn.Linear(WIDTH, tokens)

    def forward(self, mel: Tensor) -> Tensor:
        return self.out(self.hear(mel))

    def hear(self, mel: Tensor) -> Tensor:
        """What the logits are made of: [batch, frames / SUBSAMPLING, WIDTH]."""
        return self.understand(self.listen(mel))

    def listen(self, mel: Tensor) -> Tensor:
        """The fast half: sounds. [batch, MELS, frames] -> [batch, frames / SUBSAMPLING, WIDTH]."""
        x = functional.gelu(self.conv2(functional.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + sinusoids(x.shape[1])
        for layer in self.layers[:FAST_LAYERS]:
            x = layer(x)
        return functional.avg_pool1d(x.transpose(1, 2), 2, ceil_mode=True).transpose(1, 2)

    def understand(self, x: Tensor) -> Tensor:
        """The slow half: words."""
        for layer in self.layers[FAST_LAYERS:]:
            x = layer(x)
        return self.layer_norm(x)

    def standardise(self, mel: Tensor) -> None:
        """Gives each feature of this sound a mean of 0 and a deviation of 1: Whisper's differ too much for one step size."""
        with torch.no_grad():
            heard = self.hear(mel).flatten(0, 1)
            deviation = heard.std(0)
            self.layer_norm.weight /= deviation
            self.layer_norm.bias.copy_((self.layer_norm.bias - heard.mean(0)) / deviation)

    def start_from(self, whisper: Path) -> None:
        """Takes the weights of Whisper's encoder from an ONNX file whose tensors have the hub's names."""
        tensors = {}
        for tensor in onnx.load(str(whisper)).graph.initializer:
            name, weights = tensor.name.removeprefix("model.encoder."), numpy_helper.to_array(tensor)
            transposed = name.endswith(".T")
            tensors[name.removesuffix(".T")] = torch.tensor(weights.T if transposed else weights, dtype=torch.float32)
        own = self.state_dict()
        known = {name: tensor for name, tensor in tensors.items() if name in own}
        missing = own.keys() - known.keys() - {"out.weight", "out.bias"}
        if missing:
            raise ValueError(f"{whisper} lacks {', '.join(sorted(missing))}")
        self.load_state_dict(known, strict=False)


class Recogniser(nn.Module):
    """[batch, samples] -> logits: what is exported."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.frontend = LogMel()
        self.encoder = encoder

    def forward(self, input_values: Tensor) -> Tensor:
        return self.encoder(self.frontend(input_values))
