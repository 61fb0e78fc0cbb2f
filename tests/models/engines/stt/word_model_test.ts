import assert from "node:assert/strict";
import { parseArpa } from "../../../../models/engines/stt/word_model.ts";

const ARPA = `\\data\\
ngram 1=4
ngram 2=2
ngram 3=1

\\1-grams:
-1.0	timer	-0.5
-0.5	set	-0.3
-1.5	a	-0.2
-6.0	<unk>

\\2-grams:
-0.2	set a	-0.1
-0.4	a timer

\\3-grams:
-0.05	set a timer

\\end\\
`;
const log10 = (value: number) => value / Math.LN10;

Deno.test("word model: the longest history that is there decides, and every shorter one costs its backoff", () => {
  const model = parseArpa(ARPA);
  const of = (word: string, ...history: string[]) =>
    Number(log10(model.logProbability(word, history)).toFixed(6));
  assert.equal(of("timer", "please", "set", "a"), -0.05, "what is further back does not count");
  assert.equal(of("timer", "set", "a"), -0.05);
  assert.equal(of("timer", "not", "a"), -0.4, "a triple that is not there, of a pair that is not either");
  assert.equal(of("a", "set"), -0.2);
  assert.equal(of("set", "set", "a"), -0.1 - 0.2 - 0.5);
  assert.equal(of("set"), -0.5);
});

Deno.test("word model: a word that nobody knows is spelt, so that a long one is less likely", () => {
  const model = parseArpa(ARPA);
  const [short, long] = [model.logProbability("xy", []), model.logProbability("xyxyxy", [])];
  assert.ok(long < short && short < model.logProbability("a", []));
  assert.ok(Math.abs(log10(short) - (-6 + 2 * Math.log10(0.2))) < 1e-9);
});

Deno.test("word model: a beginning is as likely as the likeliest word that it may become", () => {
  const model = parseArpa(ARPA.replace("-1.5\ta", "-1.5\ta\t-0.2\n-0.7\tseldom"));
  const of = (beginning: string) => Number(log10(model.outlook(beginning)).toFixed(6));
  assert.deepEqual(["se", "sel", "t", "timer"].map(of), [-0.5, -0.7, -1, -1]);
  assert.equal(of("tx"), Number((-6 + 2 * Math.log10(0.2)).toFixed(6)), "spelt, as the word will be");
  assert.equal(of("<"), Number((-6 + Math.log10(0.2)).toFixed(6)), "nobody says <unk>");
});

Deno.test("word model: half a file, or none, is refused", () => {
  for (const text of ["", "{}", ARPA.slice(0, 150), ARPA.slice(10), "\\data\\\n\\end\\\n"]) {
    assert.throws(() => parseArpa(text), { code: "MODEL_ERROR", message: /no whole ARPA file/ }, text);
  }
});
