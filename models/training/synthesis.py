"""Speech from Debian's engines, 16 kHz, and which of their voices are for training."""

import io
import subprocess
import tempfile
import wave
from pathlib import Path
from random import Random

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from log_mel import SAMPLE_RATE_HZ

# Mono, float32, -1..1, 16 kHz.
Samples = NDArray[np.float32]

# Never trained on: for evaluation, the tests and the demo. So is flite's rms.
HELD_OUT_VARIANTS = ["Michael", "m7", "f5", "grandpa", "Andy", "steph2"]
HELD_OUT_FLITE = "rms"
# Nobody speaks like these.
UNUSABLE_VARIANTS = {"whisper", "whisperf", "croak", "Demonic", "fast", "Storm", "UniRobot", "anikaRobot"}
ACCENTS = [
    *("en-us", "en-us", "en-us", "en-gb", "en-gb-x-rp", "en-gb-scotland", "en-us-nyc", "en-gb-x-gbclan", "en-029"),
]
FLITE_VOICES = ["kal16", "slt", "slt", "awb"]
FESTIVAL_VOICES = ["cmu_us_slt_arctic_hts", "cmu_us_slt_arctic_hts", "kal_diphone", "ked_diphone"]
ESPEAK_SHARE, FLITE_SHARE = 0.5, 0.42


def training_variants() -> list[str]:
    """espeak-ng's voice variants that training may use, sorted."""
    folders = Path("/usr/lib").glob("*/espeak-ng-data/voices/!v/*")
    names = {path.name for path in folders} - UNUSABLE_VARIANTS - set(HELD_OUT_VARIANTS)
    return sorted(name for name in names if not name.startswith("robosoft"))


def to_16_khz(samples: NDArray[np.float32], rate_hz: int) -> Samples:
    """`samples` at 16 kHz."""
    if rate_hz == SAMPLE_RATE_HZ:
        return samples
    common = np.gcd(rate_hz, SAMPLE_RATE_HZ)
    return resample_poly(samples, SAMPLE_RATE_HZ // common, rate_hz // common).astype(np.float32)


def read_recording(path: Path) -> Samples:
    """Any file that libsndfile reads."""
    samples, rate_hz = soundfile.read(path, dtype="float32")
    return to_16_khz(samples, rate_hz)


def espeak(text: str, accent: str, variant: str, r: Random) -> Samples:
    """espeak-ng at a random speed, pitch and pace between words."""
    speed, pitch, gap = r.randint(125, 205), r.randint(25, 75), r.choice([0, 0, 0, 1, 2])
    voice = ["-v", f"{accent}+{variant}", "-s", str(speed), "-p", str(pitch), "-g", str(gap)]
    spoken = subprocess.run(["espeak-ng", *voice, "--stdout", text], capture_output=True, check=True).stdout
    return _samples_of(spoken)


def flite(text: str, voice: str, r: Random) -> Samples:
    """flite at a random speed and pitch."""
    stretch, pitch_hz = f"{r.uniform(0.8, 1.25):.2f}", r.randint(85, 220)
    settings = ["--setf", f"duration_stretch={stretch}", "--setf", f"int_f0_target_mean={pitch_hz}"]
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = ["flite", "-voice", voice, *settings, "-o", file.name, "-t", text]
        subprocess.run(command, capture_output=True, check=True)
        return _samples_of(Path(file.name).read_bytes())


def festival(text: str, voice: str, r: Random) -> Samples:
    """festival at a random speed."""
    stretch = f"(Parameter.set 'Duration_Stretch {r.uniform(0.8, 1.25):.2f})"
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        command = ["text2wave", "-eval", f"(voice_{voice})", "-eval", stretch, "-o", file.name]
        subprocess.run(command, input=text.encode(), capture_output=True, check=True)
        return _samples_of(Path(file.name).read_bytes())


def training_voice(text: str, variants: list[str], r: Random) -> Samples:
    """`text` in any voice for training."""
    engine = r.random()
    if engine < ESPEAK_SHARE:
        return espeak(text, r.choice(ACCENTS), r.choice(variants), r)
    if engine < ESPEAK_SHARE + FLITE_SHARE:
        return flite(text, r.choice(FLITE_VOICES), r)
    return festival(text, r.choice(FESTIVAL_VOICES), r)


def _samples_of(wav: bytes) -> Samples:
    """Of a WAV with a plain header: a pipe's says nothing of its length."""
    rate_hz = wave.open(io.BytesIO(wav)).getframerate()
    return to_16_khz(np.frombuffer(wav[44:], dtype="<i2").astype(np.float32) / 32768, rate_hz)
