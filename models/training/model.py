"""starter-stt: log-mel -> 4x subsampling convolutions -> separable-convolution blocks -> CTC logits."""

import torch, torch.nn as nn, torch.nn.functional as F
from frontend import LogMel, NMEL


class Block(nn.Module):
    """Depthwise convolution over time, then a two-layer pointwise network, residual."""

    def __init__(self, d, k, dilation=1, drop=0.1):
        super().__init__()
        self.dw = nn.Conv1d(d, d, k, padding=(k - 1) * dilation // 2, groups=d, dilation=dilation)
        self.bn = nn.BatchNorm1d(d)
        self.up, self.down, self.drop = nn.Conv1d(d, 2 * d, 1), nn.Conv1d(2 * d, d, 1), nn.Dropout(drop)
        nn.init.zeros_(self.down.bias)
        self.down.weight.data *= 0.3

    def forward(self, x):
        return x + self.drop(self.down(F.relu(self.up(self.bn(self.dw(x))))))


class Encoder(nn.Module):
    def __init__(self, vocab, d=256, blocks=12, k=13):
        super().__init__()
        self.a = nn.Conv1d(NMEL, d, 5, stride=2, padding=2)
        self.b = nn.Conv1d(d, d, 5, stride=2, padding=2)
        self.na, self.nb = nn.BatchNorm1d(d), nn.BatchNorm1d(d)
        self.blocks = nn.Sequential(*[Block(d, k, 1 if i < blocks - 3 else 2) for i in range(blocks)])
        self.norm = nn.BatchNorm1d(d)
        self.out = nn.Conv1d(d, vocab, 1)

    def forward(self, mel):
        """[batch, NMEL, frames] -> [batch, frames / 4, vocab]"""
        x = F.relu(self.na(self.a(mel)))
        x = F.relu(self.nb(self.b(x)))
        return self.out(F.relu(self.norm(self.blocks(x)))).transpose(1, 2)


class Recogniser(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.frontend, self.encoder = LogMel(), encoder

    def forward(self, input_values):
        return self.encoder(self.frontend(input_values))
