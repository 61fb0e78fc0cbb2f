"""starter-stt: log-mel -> 4x subsampling convolutions -> separable-convolution blocks -> CTC logits."""

from torch import Tensor, nn
from torch.nn import functional

from log_mel import MELS, LogMel

WIDTH = 256
BLOCKS = 12
# The last blocks look twice as far.
DILATED_BLOCKS = 3
KERNEL = 13
DROPOUT = 0.1
# Mel frames (10 ms) to a frame of logits.
SUBSAMPLING = 4


class Block(nn.Module):
    """Depthwise convolution over time, then two pointwise layers, around a residual."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        padding = (KERNEL - 1) * dilation // 2
        self.dw = nn.Conv1d(WIDTH, WIDTH, KERNEL, padding=padding, groups=WIDTH, dilation=dilation)
        self.bn = nn.BatchNorm1d(WIDTH)
        self.up = nn.Conv1d(WIDTH, 2 * WIDTH, 1)
        self.down = nn.Conv1d(2 * WIDTH, WIDTH, 1)
        self.drop = nn.Dropout(DROPOUT)
        # Close to the identity at first, so that twelve of them train from the start.
        nn.init.zeros_(self.down.bias)
        self.down.weight.data *= 0.3

    def forward(self, x: Tensor) -> Tensor:
        return x + self.drop(self.down(functional.relu(self.up(self.bn(self.dw(x))))))


class Encoder(nn.Module):
    """[batch, MELS, frames] -> [batch, frames / SUBSAMPLING rounded up, tokens] logits."""

    def __init__(self, tokens: int) -> None:
        super().__init__()
        self.a = nn.Conv1d(MELS, WIDTH, 5, stride=2, padding=2)
        self.b = nn.Conv1d(WIDTH, WIDTH, 5, stride=2, padding=2)
        self.na = nn.BatchNorm1d(WIDTH)
        self.nb = nn.BatchNorm1d(WIDTH)
        self.blocks = nn.Sequential(*[Block(1 if i < BLOCKS - DILATED_BLOCKS else 2) for i in range(BLOCKS)])
        self.norm = nn.BatchNorm1d(WIDTH)
        self.out = nn.Conv1d(WIDTH, tokens, 1)

    def forward(self, mel: Tensor) -> Tensor:
        x = functional.relu(self.na(self.a(mel)))
        x = functional.relu(self.nb(self.b(x)))
        return self.out(functional.relu(self.norm(self.blocks(x)))).transpose(1, 2)


class Recogniser(nn.Module):
    """[batch, samples] -> logits: what is exported."""

    def __init__(self, encoder: Encoder) -> None:
        super().__init__()
        self.frontend = LogMel()
        self.encoder = encoder

    def forward(self, input_values: Tensor) -> Tensor:
        return self.encoder(self.frontend(input_values))
