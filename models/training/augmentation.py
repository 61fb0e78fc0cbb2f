"""The same speech in other rooms, through other microphones, at other levels."""

from random import Random

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter

from log_mel import SAMPLE_RATE_HZ
from synthesis import Samples

NYQUIST_HZ = SAMPLE_RATE_HZ / 2
# Natural logarithm of -60 dB, at which a room's echo counts as gone.
DECAY = -6.9


def augment(samples: Samples, r: Random, noise: np.random.Generator) -> Samples:
    """Speed, echo, band limits, tilt, level and noise, each at random, with room at both ends."""
    samples = _with_room(_at_speed(samples, r.uniform(0.88, 1.14)), r)
    if r.random() < 0.4:
        samples = _in_a_room(samples, r, noise)
    if r.random() < 0.3:
        band = [r.uniform(80, 400) / NYQUIST_HZ, r.uniform(3000, 7000) / NYQUIST_HZ]
        samples = lfilter(*butter(2, band, "band"), samples).astype(np.float32)
    if r.random() < 0.5:  # as other microphones have it
        samples = lfilter([1, r.uniform(-0.7, 0.7)], [1], samples).astype(np.float32)
    samples = samples / (np.abs(samples).max() + 1e-6) * 10 ** (-r.uniform(0, 24) / 20)
    return _with_noise(samples, r, noise) if r.random() < 0.8 else samples


def in_silence(samples: Samples, noise: np.random.Generator) -> Samples:
    """Unchanged but for 250 ms before and 375 ms after, and noise at -80 dB."""
    padded = np.concatenate([np.zeros(4000), samples, np.zeros(6000)]).astype(np.float32)
    return padded + 1e-4 * noise.standard_normal(len(padded)).astype(np.float32)


def _at_speed(samples: Samples, speed: float) -> Samples:
    at = np.arange(0, len(samples), speed)
    return np.interp(at, np.arange(len(samples)), samples).astype(np.float32)


def _with_room(samples: Samples, r: Random) -> Samples:
    before, after = np.zeros(r.randint(800, 6400)), np.zeros(r.randint(1600, 8000))
    return np.concatenate([before, samples, after]).astype(np.float32)


def _in_a_room(samples: Samples, r: Random, noise: np.random.Generator) -> Samples:
    """Echo that dies away within 50 to 350 ms."""
    length = int(r.uniform(0.05, 0.35) * SAMPLE_RATE_HZ)
    decay = np.exp(DECAY * np.arange(length) / length)
    response = noise.standard_normal(length).astype(np.float32) * decay * r.uniform(0.05, 0.35)
    response[0] = 1
    return fftconvolve(samples, response)[: len(samples)].astype(np.float32)


def _with_noise(samples: Samples, r: Random, noise: np.random.Generator) -> Samples:
    """Noise 8 to 40 dB under the speech, from white to brown."""
    sound = noise.standard_normal(len(samples)).astype(np.float32)
    sound = lfilter([1], [1, -r.uniform(0, 0.98)], sound).astype(np.float32)
    gain = np.sqrt((samples**2).mean() + 1e-9) / (sound.std() + 1e-9) * 10 ** (-r.uniform(8, 40) / 20)
    return samples + (sound * gain).astype(np.float32)
