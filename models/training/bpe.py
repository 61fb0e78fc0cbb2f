"""A small BPE over words, for CTC targets; '|' marks a word's end."""

from collections import Counter


def learn(texts, size):
    words = Counter(w for t in texts for w in t.split())
    seqs = {w: list(w) + ["|"] for w in words}
    vocab = sorted({c for s in seqs.values() for c in s})
    merges = []
    while len(vocab) < size:
        pairs = Counter()
        for w, s in seqs.items():
            for a, b in zip(s, s[1:]):
                pairs[a, b] += words[w]
        (a, b), _ = pairs.most_common(1)[0]
        merges.append((a, b))
        vocab.append(a + b)
        for w, s in seqs.items():
            i = 0
            while i < len(s) - 1:
                if s[i] == a and s[i + 1] == b:
                    s[i : i + 2] = [a + b]
                else:
                    i += 1
    return vocab, merges, seqs


class Encoder:
    def __init__(self, vocab, merges):
        self.ids = {t: i + 1 for i, t in enumerate(vocab)}  # 0 is CTC's blank
        self.rank = {tuple(m): i for i, m in enumerate(merges)}
        self.cache = {}

    def word(self, w):
        if w not in self.cache:
            s = list(w) + ["|"]
            while len(s) > 1:
                best = min(((self.rank.get(p, 1e9), i) for i, p in enumerate(zip(s, s[1:]))))
                if best[0] == 1e9:
                    break
                i = best[1]
                s[i : i + 2] = [s[i] + s[i + 1]]
            self.cache[w] = [self.ids[t] for t in s]
        return self.cache[w]

    def __call__(self, text):
        return [i for w in text.split() for i in self.word(w)]
