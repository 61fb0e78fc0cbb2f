import assert from "node:assert/strict";
import { plainWords } from "../../../../models/engines/llm/plain_words.ts";
import { loadEngine } from "../../../../models/host.ts";
import { starterChoice } from "../../../../models/selection.ts";

const SPOKEN: Readonly<Record<string, string>> = {
  "What time is it?": "what time is it",
  "Set a timer for 10 minutes.": "set a timer for ten minutes",
  "what’s 12 × 4?": "what's twelve times four",
  "3.5 + 2": "three point five plus two",
  "100 - 7 / 2": "one hundred minus seven divided by two",
  "wake me at 7:30 a.m.": "wake me at seven thirty a m",
  "at 7am, or 9:05pm": "at seven a m or nine oh five p m",
  "At 7 AM, 9 P.M. or eight pm; I am Anna.": "at seven a m nine p m or eight p m i am anna",
  "Seven thirty am? Which one am I?": "seven thirty a m which one am i",
  "8:00!": "eight o'clock",
  "the 21st of May, the 3rd and the 30th": "the twenty first of may the third and the thirtieth",
  "1,250 and 2 000 000": "one thousand two hundred fifty and two zero zero zero zero zero zero",
  "1000000": "one million",
  "my PIN is 0423": "my pin is zero four two three",
  "a 5-minute timer": "a five minute timer",
  "20% of $15": "twenty percent of fifteen dollars",
  "it's 20°C & 68 °F": "it's twenty degrees celsius and sixty eight degrees fahrenheit",
  "  Hello…   there (please)  ": "hello there please",
  "café": "café",
  "?!": "",
};

for (const [written, spoken] of Object.entries(SPOKEN)) {
  Deno.test(`plain words: ${JSON.stringify(written)}`, () => assert.equal(plainWords(written), spoken));
}

Deno.test("plain words: the starter understands what a person types, or a better recogniser writes", async () => {
  const { signal } = new AbortController();
  await using llm = await loadEngine("llm", starterChoice("llm"), { signal });
  const called = async (content: string) => {
    for await (const part of llm.generate([{ role: "user", content }], { signal })) {
      if (part.type === "tool_call") return [part.name, part.args];
    }
  };
  assert.deepEqual(await called("Set a timer for 10 minutes."), ["set_timer", { duration: "ten minutes" }]);
  assert.deepEqual(await called("What is 12 times 4?"), ["calculate", { expression: "twelve times four" }]);
  assert.deepEqual(await called("I am Anna."), ["memory_store", { text: "my name is anna" }]);
  assert.deepEqual(await called("What time is it?"), ["get_time", {}]);
});
