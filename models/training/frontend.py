"""Log-mel frontend as plain convolutions, so that the very same code runs in training and inside the ONNX graph."""

import math, torch, torch.nn as nn, torch.nn.functional as F

SR, WIN, HOP, NFFT, NMEL = 16000, 400, 160, 512, 64


def mel_filters() -> torch.Tensor:
    """Triangular mel filters, shape [NMEL, NFFT // 2 + 1], 60 to 7600 Hz."""
    mel = lambda f: 2595 * math.log10(1 + f / 700)
    pts = torch.linspace(mel(60.0), mel(7600.0), NMEL + 2)
    hz = 700 * (10 ** (pts / 2595) - 1)
    bins = torch.linspace(0, SR / 2, NFFT // 2 + 1)
    lo, mid, hi = hz[:-2, None], hz[1:-1, None], hz[2:, None]
    return torch.clamp(torch.minimum((bins - lo) / (mid - lo), (hi - bins) / (hi - mid)), min=0)


class LogMel(nn.Module):
    """[batch, samples] in -1..1 -> [batch, NMEL, frames], each bin's mean over time removed."""

    def __init__(self):
        super().__init__()
        window = torch.hann_window(WIN, periodic=False)
        k = torch.arange(NFFT // 2 + 1)[:, None] * torch.arange(WIN)[None] * (2 * math.pi / NFFT)
        dft = torch.cat([torch.cos(k), -torch.sin(k)]) * window
        self.register_buffer("dft", dft[:, None], persistent=False)
        self.register_buffer("mel", mel_filters()[:, :, None], persistent=False)

    def forward(self, x):
        x = F.conv1d(F.pad(x[:, None], (WIN // 2, WIN // 2)), self.dft, stride=HOP)
        re, im = x.chunk(2, 1)
        x = torch.log(F.conv1d(re * re + im * im, self.mel) + 1e-5)
        return x - x.mean(2, keepdim=True)
