"""starter-llm: a small Llama (RMSNorm, rotary positions, SwiGLU, tied embeddings), with a KV cache for export."""

import math, torch, torch.nn as nn, torch.nn.functional as F

CONFIG = dict(
    hidden_size=192,
    num_hidden_layers=5,
    num_attention_heads=6,
    intermediate_size=512,
    max_position_embeddings=1024,
    rope_theta=10000.0,
    rms_norm_eps=1e-5,
)


class Norm(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(d))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * self.weight


def rotate(x, cos, sin):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat([-b, a], -1) * sin


class Layer(nn.Module):
    def __init__(self, d, h, f):
        super().__init__()
        self.h, self.hd = h, d // h
        self.n1, self.n2 = Norm(d), Norm(d)
        self.qkv, self.o = nn.Linear(d, 3 * d, bias=False), nn.Linear(d, d, bias=False)
        self.gate, self.up, self.down = (
            nn.Linear(d, f, bias=False),
            nn.Linear(d, f, bias=False),
            nn.Linear(f, d, bias=False),
        )

    def forward(self, x, cos, sin, bias, past=None):
        B, T, D = x.shape
        q, k, v = self.qkv(self.n1(x)).chunk(3, -1)
        q, k, v = (t.reshape(B, T, self.h, self.hd).transpose(1, 2) for t in (q, k, v))
        q, k = rotate(q, cos, sin), rotate(k, cos, sin)
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        a = (q @ k.transpose(2, 3) / math.sqrt(self.hd) + bias).softmax(-1) @ v
        x = x + self.o(a.transpose(1, 2).reshape(B, T, D))
        y = self.n2(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y)), k, v


class Llama(nn.Module):
    def __init__(self, vocab, c=CONFIG):
        super().__init__()
        d = c["hidden_size"]
        self.c = c
        self.embed = nn.Embedding(vocab, d)
        nn.init.normal_(self.embed.weight, std=0.02)
        self.layers = nn.ModuleList(
            Layer(d, c["num_attention_heads"], c["intermediate_size"]) for _ in range(c["num_hidden_layers"])
        )
        self.norm = Norm(d)
        hd = d // c["num_attention_heads"]
        self.register_buffer(
            "freq", 1 / c["rope_theta"] ** (torch.arange(0, hd, 2).float() / hd), persistent=False
        )

    def forward(self, ids, attention_mask, position_ids, past=None):
        """ids [B, T], attention_mask [B, past + T], position_ids [B, T] -> logits [B, T, V] and every layer's keys and values."""
        T, S = ids.shape[1], attention_mask.shape[1]
        ang = position_ids[:, None, :, None].float() * self.freq
        ang = torch.cat([ang, ang], -1)
        q = torch.arange(S - T, S)[:, None]
        k = torch.arange(S)[None]
        ok = (k <= q)[None, None] & (attention_mask[:, None, None, :] > 0)
        bias = torch.where(ok, torch.zeros(()), torch.full((), -1e9))
        x, kv = self.embed(ids), []
        for i, l in enumerate(self.layers):
            x, K, V = l(x, ang.cos(), ang.sin(), bias, None if past is None else past[i])
            kv += [K, V]
        return self.norm(x) @ self.embed.weight.t(), kv
