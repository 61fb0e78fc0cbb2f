"""The log-mel front end as plain convolutions: the very same code runs in training and inside the ONNX graph."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

SAMPLE_RATE_HZ = 16_000
WINDOW_SAMPLES = 400
HOP_SAMPLES = 160
FFT_SAMPLES = 512
MELS = 64
LOWEST_HZ, HIGHEST_HZ = 60.0, 7600.0
# Under the quietest noise; keeps the logarithm of digital silence finite.
FLOOR = 1e-5


def _mel_filters() -> Tensor:
    """Triangular filters, [MELS, FFT_SAMPLES // 2 + 1]."""

    def mel(hz: float) -> float:
        return 2595 * math.log10(1 + hz / 700)

    corners = 700 * (10 ** (torch.linspace(mel(LOWEST_HZ), mel(HIGHEST_HZ), MELS + 2) / 2595) - 1)
    low, middle, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    hz = torch.linspace(0, SAMPLE_RATE_HZ / 2, FFT_SAMPLES // 2 + 1)
    return torch.clamp(torch.minimum((hz - low) / (middle - low), (high - hz) / (high - middle)), min=0)


class LogMel(nn.Module):
    """[batch, samples] in -1..1 at 16 kHz -> [batch, MELS, frames of 10 ms], each band's mean over time removed."""

    dft: Tensor
    mel: Tensor

    def __init__(self) -> None:
        super().__init__()
        window = torch.hann_window(WINDOW_SAMPLES, periodic=False)
        bins, samples = torch.arange(FFT_SAMPLES // 2 + 1)[:, None], torch.arange(WINDOW_SAMPLES)[None]
        angle = bins * samples * (2 * math.pi / FFT_SAMPLES)
        dft = torch.cat([torch.cos(angle), -torch.sin(angle)]) * window
        self.register_buffer("dft", dft[:, None], persistent=False)
        self.register_buffer("mel", _mel_filters()[:, :, None], persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        padded = functional.pad(samples[:, None], (WINDOW_SAMPLES // 2, WINDOW_SAMPLES // 2))
        real, imaginary = functional.conv1d(padded, self.dft, stride=HOP_SAMPLES).chunk(2, 1)
        power = functional.conv1d(real * real + imaginary * imaginary, self.mel)
        logs = torch.log(power + FLOOR)
        return logs - logs.mean(2, keepdim=True)
