"""Train starter-llm on generated dialogues: python3 train_llm.py MINUTES OUT.pt"""

import json, random, sys, time, os
import torch, torch.nn.functional as F
import bytebpe, corpus, dialogues
from llm import Llama

torch.set_num_threads(2)
torch.manual_seed(1)
minutes, out = float(sys.argv[1]), sys.argv[2]
r = random.Random(1)
dialogues.general = corpus.general("../../text/lj-metadata.csv")
if os.path.exists("llm_vocab.json"):
    vocab, merges = json.load(open("llm_vocab.json"))
else:
    texts = [t for _ in range(6000) for _, t in dialogues.dialogue(r)]
    vocab, merges = bytebpe.learn(texts, 1280)
    json.dump([vocab, merges], open("llm_vocab.json", "w"))
tok = bytebpe.Tokenizer(vocab, merges)
START, END = 1, 2


def encode(turns):
    ids, on = [], []
    for role, text in turns:
        head = [START] + tok(role + "\n")
        body = tok(text) + [END]
        tail = tok("\n")
        ids += head + body + tail
        on += [0] * len(head) + [int(role == "assistant")] * len(body) + [0] * len(tail)
    return ids, on


net = Llama(len(vocab))
print(sum(p.numel() for p in net.parameters()) / 1e6, "M parameters", flush=True)
if os.path.exists(out):
    net.load_state_dict(torch.load(out))
opt = torch.optim.AdamW(net.parameters(), 2e-3, betas=(0.9, 0.98), weight_decay=0.05)


def generate(turns, n=80):
    ids, _ = encode(turns)
    ids += [START] + tok("assistant\n")
    new = []
    with torch.no_grad():
        for _ in range(n):
            x = torch.tensor([ids + new])
            lg, _ = net(x, torch.ones_like(x), torch.arange(x.shape[1])[None])
            t = int(lg[0, -1].argmax())
            if t == END:
                break
            new.append(t)
    return tok.decode(new)


def accuracy(n=150):
    rr = random.Random(777)
    good = 0
    bad = []
    for _ in range(n):
        d = dialogues.one(rr)
        k = next(i for i, (role, _) in enumerate(d) if role == "assistant")
        want = d[k][1]
        got = generate([("system", dialogues.SYSTEMS[0])] + d[:k])
        same = got == want if want.startswith("<tool_call>") else (not got.startswith("<tool_call>"))
        good += same
        if not same:
            bad.append((d[k - 1][1], want, got))
    return good / n, bad[:6]


def batches():
    """Dialogues of like length together, about 5,000 tokens a batch."""
    while True:
        pool = sorted((encode(dialogues.dialogue(r)) for _ in range(400)), key=lambda b: len(b[0]))
        out, cur = [], []
        for b in pool:
            if cur and len(b[0]) * (len(cur) + 1) > 5000:
                out.append(cur)
                cur = []
            cur.append(b)
        out.append(cur)
        r.shuffle(out)
        yield from out


t0, step, tot, source = time.time(), 0, 0, batches()
while (time.time() - t0) / 60 < minutes:
    el = (time.time() - t0) / 60
    lr = 2e-3 * min(1, (step + 1) / 100) * max(0.02, 1 - el / minutes)
    for g in opt.param_groups:
        g["lr"] = lr
    batch = next(source)
    L = max(len(b[0]) for b in batch)
    x = torch.zeros(len(batch), L, dtype=torch.long)
    m = torch.zeros(len(batch), L)
    a = torch.zeros(len(batch), L, dtype=torch.long)
    for i, (ids, on) in enumerate(batch):
        x[i, : len(ids)] = torch.tensor(ids)
        m[i, : len(on)] = torch.tensor(on).float()
        a[i, : len(ids)] = 1
    lg, _ = net(x[:, :-1], a[:, :-1], torch.arange(L - 1)[None].expand(len(batch), -1))
    loss = F.cross_entropy(lg.reshape(-1, lg.shape[-1]), x[:, 1:].reshape(-1), reduction="none").reshape(
        len(batch), -1
    )
    loss = (loss * m[:, 1:]).sum() / m[:, 1:].sum()
    opt.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    opt.step()
    tot += loss.item()
    step += 1
    if step % 100 == 0:
        print(f"{el:.1f}m step {step} loss {tot / 100:.3f} lr {lr:.1e}", flush=True)
        tot = 0
    if step % 1000 == 0:
        torch.save(net.state_dict(), out)
torch.save(net.state_dict(), out)
a, bad = accuracy()
print("accuracy", a)
for b in bad:
    print(b)
for q in [
    "what time is it",
    "set a timer for ten minutes",
    "tell me a joke",
    "what is twelve times four",
    "remember that my keys are in the blue bag",
    "who are you",
    "will it rain tomorrow",
    "turn on the lights",
]:
    print(q, "->", generate([("system", dialogues.SYSTEMS[0]), ("user", q)]))
