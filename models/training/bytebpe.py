"""Byte-level BPE in the Hugging Face tokenizers layout: learn, encode, and write tokenizer.json."""

import json, re
from collections import Counter

SPLIT = re.compile(
    r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?[0-9]+| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+"
)  # GPT-2's, for ASCII text
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]


def alphabet():
    """GPT-2's printable stand-in for every byte."""
    keep = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    table, n = {}, 0
    for b in range(256):
        if b in keep:
            table[b] = chr(b)
        else:
            table[b] = chr(256 + n)
            n += 1
    return table


BYTES = alphabet()


def pieces(text):
    for part in re.split(r"(\d)", text):  # each digit alone
        for m in SPLIT.findall(part):
            yield "".join(BYTES[b] for b in m.encode())


def learn(texts, size):
    words = Counter(p for t in texts for p in pieces(t))
    seqs = {w: list(w) for w in words}
    merges = []
    vocab = SPECIAL + [BYTES[b] for b in range(256)]
    while len(vocab) < size:
        pairs = Counter()
        for w, s in seqs.items():
            for p in zip(s, s[1:]):
                pairs[p] += words[w]
        if not pairs:
            break
        a, b = pairs.most_common(1)[0][0]
        merges.append((a, b))
        vocab.append(a + b)
        for w, s in seqs.items():
            i = 0
            while i < len(s) - 1:
                if s[i] == a and s[i + 1] == b:
                    s[i : i + 2] = [a + b]
                else:
                    i += 1
    return vocab, merges


class Tokenizer:
    def __init__(self, vocab, merges):
        self.ids = {t: i for i, t in enumerate(vocab)}
        self.rank = {tuple(m): i for i, m in enumerate(merges)}
        self.cache = {}
        self.vocab = vocab
        self.back = {v: k for k, v in BYTES.items()}

    def piece(self, w):
        if w not in self.cache:
            s = list(w)
            while len(s) > 1:
                r, i = min((self.rank.get(p, 1 << 30), i) for i, p in enumerate(zip(s, s[1:])))
                if r == 1 << 30:
                    break
                s[i : i + 2] = [s[i] + s[i + 1]]
            self.cache[w] = [self.ids[t] for t in s]
        return self.cache[w]

    def __call__(self, text):
        return [i for p in pieces(text) for i in self.piece(p)]

    def decode(self, ids):
        return bytes(self.back[c] for i in ids if i >= len(SPECIAL) for c in self.vocab[i]).decode(
            "utf8", "replace"
        )


def write(path, vocab, merges):
    added = [
        dict(id=i, content=t, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True)
        for i, t in enumerate(SPECIAL)
    ]
    byte = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
    json.dump(
        dict(
            version="1.0",
            truncation=None,
            padding=None,
            added_tokens=added,
            normalizer=None,
            pre_tokenizer=dict(
                type="Sequence", pretokenizers=[dict(type="Digits", individual_digits=True), byte]
            ),
            post_processor=None,
            decoder=byte,
            model=dict(
                type="BPE",
                dropout=None,
                unk_token=None,
                continuing_subword_prefix=None,
                end_of_word_suffix=None,
                fuse_unk=False,
                byte_fallback=False,
                vocab={t: i for i, t in enumerate(vocab)},
                merges=[list(m) for m in merges],
            ),
        ),
        open(path, "w"),
    )
