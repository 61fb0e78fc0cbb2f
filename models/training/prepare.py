"""Synthesise and augment the training speech, and cache its log-mel features as fp16 shards."""

import glob, io, os, random, subprocess, sys, wave
import numpy as np, torch
from multiprocessing import Process
from scipy.signal import resample_poly, fftconvolve, butter, lfilter
import corpus
from frontend import LogMel

VARIANTS = [os.path.basename(p) for p in glob.glob("/usr/lib/x86_64-linux-gnu/espeak-ng-data/voices/!v/*")]
BAD = {"whisper", "whisperf", "croak", "Demonic", "fast", "Storm", "UniRobot", "anikaRobot"} | {
    v for v in VARIANTS if v.startswith("robosoft")
}
HELD = ["Michael", "m7", "f5", "grandpa", "Andy", "steph2"]
VARIANTS = [v for v in VARIANTS if v not in BAD and v not in HELD]
ACCENTS = [
    "en-us",
    "en-us",
    "en-us",
    "en-gb",
    "en-gb-x-rp",
    "en-gb-scotland",
    "en-us-nyc",
    "en-gb-x-gbclan",
    "en-029",
]
FLITE = ["kal16", "slt", "slt", "awb"]


def read_wav(b: bytes):
    w = wave.open(io.BytesIO(b))
    n = w.getnframes()
    x = np.frombuffer(b[44:], dtype="<i2").astype(np.float32) / 32768
    return x, w.getframerate()


def to16k(x, sr):
    if sr == 16000:
        return x
    g = np.gcd(sr, 16000)
    return resample_poly(x, 16000 // g, sr // g).astype(np.float32)


def espeak(text, accent, variant, r):
    out = subprocess.run(
        [
            "espeak-ng",
            "-v",
            f"{accent}+{variant}",
            "-s",
            str(r.randint(125, 205)),
            "-p",
            str(r.randint(25, 75)),
            "-g",
            str(r.choice([0, 0, 0, 1, 2])),
            "--stdout",
            text,
        ],
        capture_output=True,
    ).stdout
    x, sr = read_wav(out)
    return to16k(x, sr)


def flite(text, voice, r):
    f = f"/dev/shm/fl{os.getpid()}.wav"
    subprocess.run(
        [
            "flite",
            "-voice",
            voice,
            "--setf",
            f"duration_stretch={r.uniform(.8, 1.25):.2f}",
            "--setf",
            f"int_f0_target_mean={r.randint(85, 220)}",
            "-o",
            f,
            "-t",
            text,
        ],
        capture_output=True,
    )
    x, sr = read_wav(open(f, "rb").read())
    return to16k(x, sr)


def synth(text, r):
    return (
        espeak(text, r.choice(ACCENTS), r.choice(VARIANTS), r)
        if r.random() < 0.6
        else flite(text, r.choice(FLITE), r)
    )


def augment(x, r, rng):
    """Speed, band limit, reverb, noise and gain, each at random; adds 0.1 to 0.5 s of room on both sides."""
    sp = r.uniform(0.88, 1.14)
    x = np.interp(np.arange(0, len(x), sp), np.arange(len(x)), x).astype(np.float32)
    x = np.concatenate([np.zeros(r.randint(800, 6400)), x, np.zeros(r.randint(1600, 8000))]).astype(
        np.float32
    )
    if r.random() < 0.4:
        t = r.uniform(0.05, 0.35)
        n = int(t * 16000)
        ir = (
            rng.standard_normal(n).astype(np.float32)
            * np.exp(-6.9 * np.arange(n) / n)
            * r.uniform(0.05, 0.35)
        )
        ir[0] = 1
        x = fftconvolve(x, ir)[: len(x)].astype(np.float32)
    if r.random() < 0.3:
        b, a = butter(2, [r.uniform(80, 400) / 8000, r.uniform(3000, 7000) / 8000], "band")
        x = lfilter(b, a, x).astype(np.float32)
    if r.random() < 0.5:  # spectral tilt, as other microphones have
        x = lfilter([1, r.uniform(-0.7, 0.7)], [1], x).astype(np.float32)
    x = x / (np.abs(x).max() + 1e-6) * 10 ** (-r.uniform(0, 24) / 20)
    if r.random() < 0.8:
        n = rng.standard_normal(len(x)).astype(np.float32)
        c = r.uniform(0, 0.98)
        n = lfilter([1], [1, -c], n).astype(np.float32)
        snr = r.uniform(8, 40)
        n *= np.sqrt((x**2).mean() + 1e-9) / (n.std() + 1e-9) * 10 ** (-snr / 20)
        x = x + n
    return x


def feats(x, fe):
    with torch.no_grad():
        return fe(torch.from_numpy(np.ascontiguousarray(x))[None])[0].numpy().astype(np.float16)


def work(k, n, items, out, aug):
    torch.set_num_threads(1)
    fe = LogMel()
    r = random.Random(100 + k)
    rng = np.random.default_rng(k)
    mine, shard, rows = items[k::n], 0, []
    for i, (kind, text, arg) in enumerate(mine):
        try:
            if kind == "tts":
                x = synth(text, r)
            elif kind == "espeak":
                x = espeak(text, *arg, r)
            elif kind == "flite":
                x = flite(text, arg, r)
            else:
                x = arg()
        except Exception as e:
            print("skip", e, text)
            continue
        if aug:
            x = augment(x, r, rng)
        else:
            x = np.concatenate([np.zeros(4000), x, np.zeros(6000)]).astype(
                np.float32
            ) + 1e-4 * rng.standard_normal(len(x) + 10000).astype(np.float32)
        rows.append((text, feats(x, fe)))
        if len(rows) == 2000 or i == len(mine) - 1:
            np.savez(
                f"{out}.{k}.{shard}.npz",
                text=np.array([t for t, _ in rows]),
                len=np.array([f.shape[1] for _, f in rows]),
                mel=np.concatenate([f for _, f in rows], 1),
            )
            print(out, k, shard, len(rows), flush=True)
            shard, rows = shard + 1, []


def run(items, out, aug, n=2):
    ps = [Process(target=work, args=(k, n, items, out, aug)) for k in range(n)]
    [p.start() for p in ps]
    [p.join() for p in ps]


if __name__ == "__main__":
    r = random.Random(7)
    os.makedirs("feat", exist_ok=True)
    general = corpus.general("../../text/lj-metadata.csv")
    r.shuffle(general)
    test_general, general = general[:150], general[150:]
    rt = random.Random(999)
    test_dom = sorted({corpus.assistant(rt) for _ in range(260)})[:200]
    held = set(test_dom)
    if sys.argv[1] == "test":
        run(
            [("espeak", t, (rt.choice(["en-us", "en-gb"]), rt.choice(HELD))) for t in test_dom],
            "feat/test_dom_espeak",
            False,
        )
        run([("flite", t, "rms") for t in test_dom], "feat/test_dom_rms", False)
        run([("flite", t, "rms") for t in test_general], "feat/test_gen_rms", False)
    else:
        seed, n_dom, n_gen = int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
        rr = random.Random(seed)
        dom = []
        while len(dom) < n_dom:
            t = corpus.assistant(rr)
            if t not in held:
                dom.append(t)
        items = [("tts", t, None) for t in dom + rr.sample(general, n_gen)]
        rr.shuffle(items)
        run(items, f"feat/train{seed}", True)
