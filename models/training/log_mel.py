"""Whisper's log-mel front end as plain convolutions: the very same code runs in training and inside the ONNX graph."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

SAMPLE_RATE_HZ = 16_000
WINDOW_SAMPLES = 400
HOP_SAMPLES = 160
MELS = 80
# Powers of ten under the loudest that count as silence, as Whisper has it.
RANGE = 8.0
# Whisper takes what the clip's level makes of it; here the loudest is always this loud, as it is in a well set microphone.
LOUDEST = 1.8
# Keeps the logarithm of digital silence finite.
FLOOR = 1e-10


def _slaney_mel(hz: float) -> float:
    """Slaney's scale: linear up to 1 kHz (200/3 Hz a mel), logarithmic above (27 mels for a factor of 6.4)."""
    return hz * 3 / 200 if hz < 1000 else 15 + math.log(hz / 1000) * 27 / math.log(6.4)


def _slaney_hz(mel: Tensor) -> Tensor:
    return torch.where(mel < 15, mel * 200 / 3, 1000 * torch.exp((mel - 15) * math.log(6.4) / 27))


def _mel_filters() -> Tensor:
    """Triangles of equal area from 0 to 8 kHz, [MELS, WINDOW_SAMPLES // 2 + 1]: librosa's, which Whisper was trained on."""
    corners = _slaney_hz(torch.linspace(0, _slaney_mel(SAMPLE_RATE_HZ / 2), MELS + 2))
    low, middle, high = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    hz = torch.linspace(0, SAMPLE_RATE_HZ / 2, WINDOW_SAMPLES // 2 + 1)
    triangles = torch.clamp(torch.minimum((hz - low) / (middle - low), (high - hz) / (high - middle)), min=0)
    return triangles * 2 / (high - low)


class LogMel(nn.Module):
    """[batch, samples] in -1..1 at 16 kHz -> [batch, MELS, frames of 10 ms], about -1..1 and independent of level."""

    dft: Tensor
    mel: Tensor

    def __init__(self) -> None:
        super().__init__()
        window = torch.hann_window(WINDOW_SAMPLES)
        bins, samples = torch.arange(WINDOW_SAMPLES // 2 + 1)[:, None], torch.arange(WINDOW_SAMPLES)[None]
        angle = bins * samples % WINDOW_SAMPLES * (2 * math.pi / WINDOW_SAMPLES)
        dft = torch.cat([torch.cos(angle), -torch.sin(angle)]) * window
        self.register_buffer("dft", dft[:, None], persistent=False)
        self.register_buffer("mel", _mel_filters()[:, :, None], persistent=False)

    def forward(self, samples: Tensor) -> Tensor:
        padded = functional.pad(samples[:, None], (WINDOW_SAMPLES // 2, WINDOW_SAMPLES // 2 - HOP_SAMPLES))
        real, imaginary = functional.conv1d(padded, self.dft, stride=HOP_SAMPLES).chunk(2, 1)
        power = functional.conv1d(real * real + imaginary * imaginary, self.mel)
        logs = torch.log10(torch.clamp(power, min=FLOOR))
        loudest = logs.amax((1, 2), keepdim=True)
        return (torch.maximum(logs - loudest, torch.full_like(logs, -RANGE)) + (LOUDEST + 4)) / 4
