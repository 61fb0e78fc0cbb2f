"""The same speech in other rooms, through other microphones and codecs, at other levels, in other noise."""

from random import Random

import numpy as np
from scipy.signal import butter, fftconvolve, lfilter, resample_poly

from log_mel import SAMPLE_RATE_HZ
from synthesis import Samples

NYQUIST_HZ = SAMPLE_RATE_HZ / 2
# Natural logarithm of -60 dB, at which a room's echo counts as gone.
DECAY = -6.9
# ITU-T G.711.
MU = 255
# Other speakers are kept for so many utterances, to talk in the background.
CROWD = 24


class Augmenter:
    """Disturbs speech, each time otherwise. What it has heard before is its crowd in the background."""

    def __init__(self, seed: int, *, is_noisy: bool = False) -> None:
        """`is_noisy`: always in a room and in noise, and that is louder."""
        self._r = Random(seed)
        self._rooms, self._noises = (1.0, 1.0) if is_noisy else (0.45, 0.8)
        self._below_db = (3, 20, 9) if is_noisy else (3, 40, 14)
        self._noise = np.random.default_rng(seed)
        self._crowd: list[Samples] = []

    def __call__(self, samples: Samples) -> Samples:
        """Speed (and with it the length of the vocal tract), room, microphone, codec, level and noise, each at random."""
        r = self._r
        self._crowd = [*self._crowd[1 - CROWD :], samples]
        samples = _with_quiet(_at_speed(samples, r.uniform(0.86, 1.16)), r)
        if r.random() < self._rooms:
            samples = in_a_room(samples, r.uniform(0.1, 0.7), r.uniform(0.0, 1.0), self._noise)
        if r.random() < 0.3:
            band = [r.uniform(80, 400) / NYQUIST_HZ, r.uniform(3000, 7000) / NYQUIST_HZ]
            samples = lfilter(*butter(2, band, "band"), samples).astype(np.float32)
        if r.random() < 0.5:  # as other microphones have it
            samples = lfilter([1, r.uniform(-0.7, 0.7)], [1], samples).astype(np.float32)
        if r.random() < self._noises:
            samples = with_noise(samples, self._babble_or_noise(len(samples)), r.triangular(*self._below_db))
        if r.random() < 0.1:
            samples = _over_the_telephone(samples)
        loudest = np.abs(samples).max() + 1e-6
        if r.random() < 0.1:  # too loud for the microphone
            samples = np.clip(samples / loudest, -0.4, 0.4)
        return samples / loudest * 10 ** (-r.uniform(0, 24) / 20)

    def _babble_or_noise(self, length: int) -> Samples:
        r = self._r
        if r.random() < 0.3 and len(self._crowd) > 3:
            return sum(_from_anywhere(r.choice(self._crowd), length, r) for _ in range(r.randint(1, 6)))
        return self.noise(length)

    def noise(self, length: int) -> Samples:
        """White to brown, or a machine's hum in it, or clatter."""
        r = self._r
        kind = r.random()
        sound = self._noise.standard_normal(length).astype(np.float32)
        sound = lfilter([1], [1, -r.uniform(0, 0.98)], sound).astype(np.float32)
        at = np.arange(length) / SAMPLE_RATE_HZ
        if kind < 0.3:  # a machine: a hum and its harmonics
            hz = r.uniform(45, 400)
            hum = sum(r.random() * np.sin(2 * np.pi * hz * harmonic * at) for harmonic in range(1, 6))
            return (sound / sound.std() + r.uniform(0.3, 2) * hum).astype(np.float32)
        if kind < 0.65:  # it comes and goes, or clatters
            swell = np.abs(np.sin(np.pi * r.uniform(0.2, 6) * at + r.uniform(0, 3))) ** r.choice([1, 2, 12])
            return (sound * (0.1 + swell)).astype(np.float32)
        return sound


def in_silence(samples: Samples, noise: np.random.Generator) -> Samples:
    """Unchanged but for 250 ms before and 375 ms after, and noise at -80 dB."""
    padded = np.concatenate([np.zeros(4000), samples, np.zeros(6000)]).astype(np.float32)
    return padded + 1e-4 * noise.standard_normal(len(padded)).astype(np.float32)


def in_a_room(samples: Samples, decay_seconds: float, distance: float, noise: np.random.Generator) -> Samples:
    """With an echo that is 60 dB down after `decay_seconds`; at a distance of 1 it is as loud as the direct sound."""
    length = int(decay_seconds * SAMPLE_RATE_HZ)
    tail = noise.standard_normal(length) * np.exp(DECAY * np.arange(length) / length)
    tail *= noise.random(length) < np.linspace(0.01, 1, length)  # first a few walls, later all of them
    tail[0] = 0
    response = tail / (np.sqrt((tail**2).sum()) + 1e-9) * distance
    response[0] = 1
    return fftconvolve(samples, response)[: len(samples)].astype(np.float32)


def with_noise(samples: Samples, noise: Samples, below_db: float) -> Samples:
    """With noise that is so far below the speech on average."""
    gain = np.sqrt((samples**2).mean() + 1e-9) / (noise.std() + 1e-9) * 10 ** (-below_db / 20)
    return samples + (noise * gain).astype(np.float32)


def _at_speed(samples: Samples, speed: float) -> Samples:
    at = np.arange(0, len(samples), speed)
    return np.interp(at, np.arange(len(samples)), samples).astype(np.float32)


def _with_quiet(samples: Samples, r: Random) -> Samples:
    before, after = np.zeros(r.randint(400, 6400)), np.zeros(r.randint(1600, 9600))
    return np.concatenate([before, samples, after]).astype(np.float32)


def _from_anywhere(voice: Samples, length: int, r: Random) -> Samples:
    """A stretch of a voice, again and again, as loud as the voices far and near are."""
    start = r.randrange(max(1, len(voice)))
    return np.resize(np.roll(voice, -start), length) / (voice.std() + 1e-6) * r.uniform(0.2, 1)


def _over_the_telephone(samples: Samples) -> Samples:
    """8 kHz in eight bits (G.711's mu-law, without its segments)."""
    narrow = resample_poly(samples, 1, 2)
    loudest = np.abs(narrow).max() + 1e-6
    pressed = np.sign(narrow) * np.log1p(MU * np.abs(narrow) / loudest) / np.log1p(MU)
    pressed = np.round(pressed * 127) / 127
    heard = np.sign(pressed) * np.expm1(np.abs(pressed) * np.log1p(MU)) / MU * loudest
    return resample_poly(heard, 2, 1)[: len(samples)].astype(np.float32)
