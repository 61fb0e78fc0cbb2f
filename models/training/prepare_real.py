"""Cache features of real recordings: python3 prepare_real.py SPEECH_DIR (with transcripts.tsv: file, text, speaker)."""

import csv, random, sys
import numpy as np, soundfile as sf
import prepare

root, r = sys.argv[1], random.Random(8)
rows = list(csv.DictReader(open(f"{root}/transcripts.tsv"), delimiter="\t"))


def load(f):
    x, sr = sf.read(f"{root}/{f}", dtype="float32")
    return prepare.to16k(x, sr)


by_speaker = {}
for x in rows:
    if x["file"].startswith("speech-commands"):
        by_speaker.setdefault(x["speaker"], []).append(x)
items = [("real", x["text"], lambda f=x["file"]: load(f)) for x in rows if not x["file"].startswith("lj/")]
for _ in range(2500):  # several words by one speaker
    s = r.choice(list(by_speaker))
    k = [r.choice(by_speaker[s]) for _ in range(r.randint(2, 4))]
    items.append(
        ("real", " ".join(x["text"] for x in k), lambda k=k: np.concatenate([load(x["file"]) for x in k]))
    )
items += [("real", x["text"], lambda f=x["file"]: load(f)) for x in rows if x["file"].startswith("lj/")] * 2
r.shuffle(items)
prepare.run(items, "feat/train98", True)
