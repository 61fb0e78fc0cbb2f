"""starter-llm: a small Llama (RMSNorm, rotary positions, SwiGLU, tied embeddings) with a cache of keys and values."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

LAYERS = 5
WIDTH = 256
HEADS = 4
HEAD_WIDTH = WIDTH // HEADS
INNER_WIDTH = 704
ROPE_THETA = 10000.0
EPSILON = 1e-5
# As `config.json` names them.
CONFIG: dict[str, object] = {
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "intermediate_size": INNER_WIDTH,
    "max_position_embeddings": 1024,
    "rope_theta": ROPE_THETA,
    "rms_norm_eps": EPSILON,
}

# Keys and values of one layer, each [batch, HEADS, positions, HEAD_WIDTH].
KeysValues = tuple[Tensor, Tensor]


class Norm(nn.Module):
    """RMSNorm."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        if self.training:  # the same in one step; Norm by Norm as ONNX knows it otherwise
            return functional.rms_norm(x, (WIDTH,), self.weight, EPSILON)
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + EPSILON) * self.weight


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat([-second, first], -1) * sin


class Layer(nn.Module):
    """Attention and SwiGLU, each around a residual."""

    def __init__(self) -> None:
        super().__init__()
        self.n1 = Norm()
        self.n2 = Norm()
        self.qkv = nn.Linear(WIDTH, 3 * WIDTH, bias=False)
        self.o = nn.Linear(WIDTH, WIDTH, bias=False)
        self.gate = nn.Linear(WIDTH, INNER_WIDTH, bias=False)
        self.up = nn.Linear(WIDTH, INNER_WIDTH, bias=False)
        self.down = nn.Linear(INNER_WIDTH, WIDTH, bias=False)

    def forward(
        self, x: Tensor, cos: Tensor, sin: Tensor, bias: Tensor | None, past: KeysValues | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Without `bias` every position sees itself and those before it: faster, and all that training needs."""
        batch, length, _ = x.shape
        query, key, value = (
            part.reshape(batch, length, HEADS, HEAD_WIDTH).transpose(1, 2) for part in self.qkv(self.n1(x)).chunk(3, -1)
        )
        query, key = _rotate(query, cos, sin), _rotate(key, cos, sin)
        if past is not None:
            key, value = torch.cat([past[0], key], 2), torch.cat([past[1], value], 2)
        if bias is None:
            attended = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        else:
            attended = (query @ key.transpose(2, 3) / math.sqrt(HEAD_WIDTH) + bias).softmax(-1) @ value
        x = x + self.o(attended.transpose(1, 2).reshape(batch, length, WIDTH))
        y = self.n2(x)
        return x + self.down(functional.silu(self.gate(y)) * self.up(y)), key, value


class Llama(nn.Module):
    """Token ids -> logits of the next."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.embed = nn.Embedding(tokens, WIDTH)
        nn.init.normal_(self.embed.weight, std=0.02)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm = Norm()
        frequencies = 1 / ROPE_THETA ** (torch.arange(0, HEAD_WIDTH, 2).float() / HEAD_WIDTH)
        self.register_buffer("freq", frequencies, persistent=False)

    def learn(self, ids: Tensor) -> Tensor:
        """The network's last states for whole rows, [batch, length, WIDTH], for training: logits are for `logits`."""
        angle = torch.arange(ids.shape[1])[:, None] * self.freq
        angle = torch.cat([angle, angle], -1)
        x = self.embed(ids)
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        for layer in self.layers:
            x, _, _ = layer(x, cos, sin, None, None)
        return self.norm(x)

    def logits(self, states: Tensor) -> Tensor:
        """[…, WIDTH] -> […, tokens]."""
        return states @ self.embed.weight.t()

    def forward(
        self, ids: Tensor, attention_mask: Tensor, position_ids: Tensor, past: Sequence[KeysValues] | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """ids and position_ids [batch, new], attention_mask [batch, past + new], integers.

        Returns logits [batch, new, tokens] and the keys and values of every layer, past and new, one after the other.
        """
        new, total = ids.shape[1], attention_mask.shape[1]
        angle = position_ids[:, None, :, None].float() * self.freq
        angle = torch.cat([angle, angle], -1)
        queries, keys = torch.arange(total - new, total)[:, None], torch.arange(total)[None]
        visible = (keys <= queries)[None, None] & (attention_mask[:, None, None, :] > 0)
        bias = torch.where(visible, torch.zeros(()), torch.full((), -1e9))
        x = self.embed(ids)
        present: list[Tensor] = []
        for index, layer in enumerate(self.layers):
            x, key, value = layer(x, angle.cos(), angle.sin(), bias, None if past is None else past[index])
            present += [key, value]
        return self.logits(self.norm(x)), present
