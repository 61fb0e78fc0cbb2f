"""Train starter-stt with CTC: python3 train.py MINUTES OUT.pt SEED_SHARD..."""

import glob, json, sys, time, random
import numpy as np, torch, torch.nn.functional as F
import bpe
from model import Encoder as Net

torch.set_num_threads(2)
torch.manual_seed(1)
import os

PEAK = float(os.environ.get("PEAK", 1.5e-3))
minutes, out, seeds = float(sys.argv[1]), sys.argv[2], sys.argv[3:]


def load(pattern):
    rows = []
    for f in sorted(glob.glob(pattern)):
        z = np.load(f)
        off = 0
        mel = z["mel"]
        for t, n in zip(z["text"], z["len"]):
            rows.append((str(t), mel[:, off : off + n]))
            off += n
    return rows


def wer(ref, hyp):
    d = list(range(len(hyp) + 1))
    for i, r in enumerate(ref, 1):
        p, d[0] = d[0], i
        for j, h in enumerate(hyp, 1):
            p, d[j] = d[j], min(d[j] + 1, d[j - 1] + 1, p + (r != h))
    return d[-1]


def decode(ids):
    s, last = "", -1
    for i in ids:
        if i != last and i:
            s += vocab[i - 1]
        last = i
    return s.replace("|", " ").strip()


def evaluate(net, rows):
    net.eval()
    e = n = 0
    shown = []
    with torch.no_grad():
        for t, m in rows:
            h = decode(net(torch.from_numpy(m.astype(np.float32))[None])[0].argmax(-1).tolist())
            e += wer(t.split(), h.split())
            n += len(t.split())
            shown.append((t, h))
    net.train()
    return 100 * e / n, shown[:3]


train = [r for s in seeds for r in load(f"feat/train{s}.*.npz")]
tests = {
    k: load(f"feat/{k}.*.npz")
    for k in ["test_dom_espeak", "test_dom_rms", "test_gen_rms"]
    + [a for a in sorted({g.split("/")[-1].split(".")[0] for g in glob.glob("feat/test_real*")})]
}
try:
    vocab, merges = json.load(open("vocab.json"))
except FileNotFoundError:
    vocab, merges, _ = bpe.learn([t for t, _ in train], 160)
    json.dump([vocab, merges], open("vocab.json", "w"))
enc = bpe.Encoder(vocab, merges)
data = []
for t, m in train:
    y = enc(t)
    T = (m.shape[1] + 3) // 4
    if y and len(y) + sum(a == b for a, b in zip(y, y[1:])) < T and m.shape[1] < 1400:
        data.append((m, y))
print(
    len(data),
    "utterances",
    sum(m.shape[1] for m, _ in data) / 360000,
    "hours",
    "tokens/utt",
    np.mean([len(y) for _, y in data]),
    flush=True,
)
net = Net(len(vocab) + 1)
if len(sys.argv) and glob.glob(out):
    net.load_state_dict(torch.load(out))
    print("resumed")
print(sum(p.numel() for p in net.parameters()) / 1e6, "M parameters")
opt = torch.optim.AdamW(net.parameters(), 1e-3, weight_decay=1e-2)


def batches():
    order = sorted(range(len(data)), key=lambda i: data[i][0].shape[1] + random.random() * 60)
    cur, out, mx = [], [], 0
    for i in order:
        n = data[i][0].shape[1]
        if cur and max(mx, n) * (len(cur) + 1) > 14000:
            out.append(cur)
            cur, mx = [], 0
        cur.append(i)
        mx = max(mx, n)
    out.append(cur)
    random.shuffle(out)
    return out


t0, step, epoch, best = time.time(), 0, 0, 1e9
while True:
    tot = cnt = 0
    for b in batches():
        el = (time.time() - t0) / 60
        if el > minutes:
            break
        p = el / minutes
        lr = PEAK * min(1, (step + 1) / 200) * (1 - p if p > 0.15 else 1) ** 1.0 + 1e-6
        for g in opt.param_groups:
            g["lr"] = lr
        L = max(data[i][0].shape[1] for i in b)
        x = torch.zeros(len(b), 64, L)
        for j, i in enumerate(b):
            m = torch.from_numpy(data[i][0].astype(np.float32))
            n = m.shape[1]
            m = m + 0.15 * torch.randn(1) + 0.1 * torch.randn(64, 1).cumsum(0) * 0.3
            for _ in range(2):
                f = random.randint(0, 12)
                s = random.randint(0, 64 - f)
                m[s : s + f] = 0
            for _ in range(max(1, n // 150)):
                f = random.randint(0, 22)
                s = random.randint(0, max(0, n - f))
                m[:, s : s + f] = 0
            x[j, :, :n] = m
        y = torch.tensor([t for i in b for t in data[i][1]])
        yl = torch.tensor([len(data[i][1]) for i in b])
        xl = torch.tensor([(data[i][0].shape[1] + 3) // 4 for i in b])
        lp = net(x).log_softmax(-1).transpose(0, 1)
        loss = F.ctc_loss(lp, y, xl.clamp(max=lp.shape[0]), yl, zero_infinity=True)
        opt.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        opt.step()
        tot += loss.item()
        cnt += 1
        step += 1
        if step % 50 == 0:
            print(f"{el:.1f}m step {step} loss {tot / cnt:.3f} lr {lr:.2e}", flush=True)
    epoch += 1
    torch.save(net.state_dict(), out)
    print(
        "epoch",
        epoch,
        f"{(time.time() - t0) / 60:.1f}m",
        {k: (round(evaluate(net, v[:80])[0], 1)) for k, v in tests.items()},
        flush=True,
    )
    if (time.time() - t0) / 60 > minutes:
        break
for k, v in tests.items():
    print(k, evaluate(net, v))
