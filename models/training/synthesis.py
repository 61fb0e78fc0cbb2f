"""Speech from Debian's engines and from voices in Piper's format, 16 kHz; which of the voices are for training."""

import io
import json
import subprocess
import tempfile
import wave
from functools import cache
from pathlib import Path
from random import Random

import numpy as np
import onnxruntime
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly
from ttspico import TtsEngine

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
PICO_LANGUAGES = ["en-US", "en-GB"]
ESPEAK_SHARE, FLITE_SHARE, PICO_SHARE = 0.36, 0.34, 0.24
# Phonemes that small voices know; later ones are rare.
PIPER_PHONEMES = 145


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


@cache
def _pico_voice(language: str) -> TtsEngine:
    return TtsEngine(language)


def pico(text: str, language: str, r: Random) -> Samples:
    """SVOX Pico's voice of a language at a random speed and pitch."""
    voice = _pico_voice(language)
    voice.rate, voice.pitch = r.randint(75, 130), r.randint(65, 130)
    return np.frombuffer(voice.speak(text), dtype="<i2").astype(np.float32) / 32768


@cache
def _piper_voice(model: Path) -> tuple[onnxruntime.InferenceSession, dict[str, list[int]], int]:
    """The network, the numbers of its phonemes, and its sample rate."""
    about = json.loads(Path(f"{model}.json").read_text(encoding="utf-8"))
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(model), options), about["phoneme_id_map"], about["audio"]["sample_rate"]


def piper(text: str, model: Path, r: Random) -> Samples:
    """A voice in Piper's format at a random speed; what it has no sound for is left out."""
    network, numbers, rate_hz = _piper_voice(model)
    command = ["espeak-ng", "-q", "-v", "en-us", "--ipa", text]
    phonemes = " ".join(subprocess.run(command, capture_output=True, check=True, text=True).stdout.split())
    known = network.get_inputs()[0].name
    ids = [1, 0]
    for phoneme in phonemes:
        ids += [number for number in numbers.get(phoneme, []) if number < PIPER_PHONEMES] + [0]
    scales = np.array([0.667, r.uniform(0.9, 1.3), 0.8], np.float32)
    said = network.run(
        None, {known: np.array([[*ids, 2]]), "input_lengths": np.array([len(ids) + 1]), "scales": scales}
    )[0]
    return to_16_khz(np.asarray(said, np.float32).ravel(), rate_hz)


def training_voice(text: str, variants: list[str], r: Random) -> Samples:
    """`text` in any voice for training."""
    engine = r.random()
    if engine < ESPEAK_SHARE:
        return espeak(text, r.choice(ACCENTS), r.choice(variants), r)
    if engine < ESPEAK_SHARE + FLITE_SHARE:
        return flite(text, r.choice(FLITE_VOICES), r)
    if engine < ESPEAK_SHARE + FLITE_SHARE + PICO_SHARE:
        return pico(text, r.choice(PICO_LANGUAGES), r)
    return festival(text, r.choice(FESTIVAL_VOICES), r)


def _samples_of(wav: bytes) -> Samples:
    """Of a WAV with a plain header: a pipe's says nothing of its length."""
    rate_hz = wave.open(io.BytesIO(wav)).getframerate()
    return to_16_khz(np.frombuffer(wav[44:], dtype="<i2").astype(np.float32) / 32768, rate_hz)
