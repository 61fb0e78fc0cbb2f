/** `deno task models eval`, as a user runs it. */
import assert from "node:assert/strict";
import { join } from "node:path";

const MAIN = new URL("../../../main.ts", import.meta.url).href;

async function evaluate(args: readonly string[], environment: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, "models", ...args],
    env: { NO_COLOR: "1", ...environment },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), error: text(stderr) };
}

Deno.test("models eval: a tenth of the requests through the starter's language model, as a table and as JSON", async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "figures.json");
  const { code, out, error } = await evaluate(["eval", "llm", "--quick", "--json", file]);
  assert.equal(code, 0, error);
  assert.match(error, /^typed requests: 50 of 50$/m);
  const { answering, hearing } = JSON.parse(await Deno.readTextFile(file));
  assert.deepEqual([answering.requests, answering.spoken, hearing], [50, undefined, undefined]);
  assert.ok(answering.typedRight > 40 && answering.typedRight <= 50, `${answering.typedRight} of 50`);
  assert.match(
    out,
    new RegExp(`^\\| requests as text \\| [\\d.]+ % \\(${answering.typedRight} of 50\\) \\|$`, "m"),
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("models eval: what cannot be evaluated is said in a sentence", async () => {
  const folder = await Deno.makeTempDir();
  const refused: [readonly string[], RegExp, Record<string, string>?][] = [
    [["eval", "tts"], /^There is nothing to evaluate as "tts"; it is one of stt, llm, all\.$/m],
    [["eval", "stt", "llm"], /nothing to evaluate as "stt llm"/],
    [
      ["eval", "stt", "--recordings", join(folder, "nowhere")],
      /There is no folder ".*nowhere" of recordings/,
    ],
    [["eval", "stt", "--recordings", folder], /has no transcripts\.tsv/],
    [["eval", "stt", "--recordings="], /Name a folder behind --recordings/],
    [["eval", "stt"], /^This needs espeak-ng and flite: on Debian, `apt-get install espeak-ng flite`\.$/m, {
      PATH: folder,
    }],
    [["eval", "stt", "--slow"], /Unknown option '--slow'/],
    [["list", "--quick"], /--quick is for `deno task models eval` alone/],
  ];
  await Promise.all(refused.map(async ([args, message, environment]) => {
    const { code, error, out } = await evaluate(args, environment);
    assert.deepEqual([code, out], [1, ""], args.join(" "));
    assert.match(error, message);
    assert.doesNotMatch(error, /at .*\.ts:/, "no stack");
  }));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("models show: the starter models' cards, without what they tell programs", async () => {
  for (
    const [name, title] of [["silero", "# silero"], ["starter-stt", "# starter-stt"], [
      "starter-llm",
      "# starter-llm",
    ]]
  ) {
    const { code, out, error } = await evaluate(["show", name!]);
    assert.equal(code, 0, error);
    assert.match(
      out,
      new RegExp(`^${name}: .*\n\n  task .*\n(  .*\n)+\n${title}: `),
      "what it always said, then the card",
    );
    assert.match(out, /^## Figures$/m);
    assert.match(out, /^## Data and licence$/m);
    assert.doesNotMatch(out, /pipeline_tag/);
  }
});
