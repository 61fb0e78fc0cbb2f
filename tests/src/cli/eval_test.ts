/** `deno task models eval`, and the cards of what it measures. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { EVAL_FLAGS } from "../../../src/cli/eval_flags.ts";
import { models } from "../../../src/cli/models.ts";
import { type OwnValues, readConfig } from "../../../src/config.ts";

const MAIN = new URL("../../../main.ts", import.meta.url).href;

const REQUEST = {
  text: "what time is it",
  tool: "get_time",
  arguments: {},
  voice: { engine: "flite", name: "rms", stretch: 1, pitch: 100 },
};

/** Runs the command as a user does. */
async function evaluate(args: readonly string[], environment: Record<string, string> = {}) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, "models", "eval", ...args],
    env: { NO_COLOR: "1", ...environment },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), error: text(stderr) };
}

/** The same in this process. Gives what is written. */
async function written(args: readonly string[], flags: OwnValues = {}): Promise<string> {
  let text = "";
  const screen = { interactive: false, write: (more: string) => void (text += more) };
  const { config } = readConfig({ flags: [], environment: {} });
  assert.equal(await models(config, args, { screen, flags }), 0);
  return text;
}

Deno.test("models eval: a tenth of the requests through the starter's language model, as a table and as JSON", async () => {
  const folder = await Deno.makeTempDir();
  const file = join(folder, "figures.json");
  const { code, out, error } = await evaluate(["llm", "--quick", "--json", file]);
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

Deno.test("models eval: requests of one's own are asked instead", async () => {
  const file = await Deno.makeTempFile();
  await Deno.writeTextFile(file, JSON.stringify(REQUEST));
  const { code, out, error } = await evaluate(["llm", "--requests", file]);
  assert.equal(code, 0, error);
  assert.match(out, /^\| requests as text \| 100\.0 % \(1 of 1\) \|$/m);
  await Deno.remove(file);
});

Deno.test("models eval: programs that are not installed are named", async () => {
  const folder = await Deno.makeTempDir();
  const { code, out, error } = await evaluate(["stt"], { PATH: folder });
  assert.deepEqual(
    [code, out, error],
    [1, "", "This needs espeak-ng and flite: on Debian, `apt-get install espeak-ng flite`.\n"],
  );
  await Deno.remove(folder, { recursive: true });
});

Deno.test("models eval: what cannot be evaluated is said in a sentence", async () => {
  const folder = await Deno.makeTempDir();
  const [wrong, empty] = [join(folder, "wrong.jsonl"), join(folder, "empty.jsonl")];
  await Deno.writeTextFile(empty, "\n");
  await Deno.writeTextFile(wrong, `${JSON.stringify(REQUEST)}\n{"text": "hello"}\n`);
  const refused: [readonly string[], OwnValues, string, RegExp][] = [
    [
      ["eval", "tts"],
      {},
      "VALIDATION_ERROR",
      /^There is nothing to evaluate as "tts"; it is one of stt, llm, all\.$/,
    ],
    [["eval", "stt", "llm"], {}, "VALIDATION_ERROR", /nothing to evaluate as "stt llm"/],
    [
      ["eval"],
      { recordings: join(folder, "nowhere") },
      "NOT_FOUND",
      /There is no folder ".*nowhere" of recordings/,
    ],
    [["eval", "stt"], { recordings: folder }, "NOT_FOUND", /has no transcripts\.tsv/],
    [["eval", "stt"], { recordings: "" }, "VALIDATION_ERROR", /Name a folder behind --recordings/],
    [
      ["eval", "llm"],
      { requests: join(folder, "none.jsonl") },
      "NOT_FOUND",
      /no file ".*none\.jsonl" of requests/,
    ],
    [["eval", "llm"], { requests: wrong }, "VALIDATION_ERROR", /^Line 2 of the requests is none\.$/],
    [["eval", "llm"], { requests: empty }, "VALIDATION_ERROR", /empty\.jsonl" holds no request/],
    [["eval", "llm"], { requests: "" }, "VALIDATION_ERROR", /a file behind --requests/],
    [["list"], { quick: true }, "VALIDATION_ERROR", /--quick is for `deno task models eval` alone/],
  ];
  for (const [args, flags, code, message] of refused) {
    await assert.rejects(written(args, flags), { code, message }, args.join(" "));
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("models eval: its flags are read beside settings, and are no flags of other commands", () => {
  const flags = ["eval", "stt", "--recordings", "people", "--quick", "--port", "9000"];
  const { config, positionals, own } = readConfig({ flags, environment: {}, own: EVAL_FLAGS });
  assert.deepEqual({ ...own }, { recordings: "people", quick: true });
  assert.deepEqual([config.port, positionals], [9000, ["eval", "stt"]]);
  assert.throws(() => readConfig({ flags, environment: {} }), { message: /Unknown option '--recordings'/ });
});

Deno.test("models show: the starter models' cards, without what they tell programs", async () => {
  for (const name of ["silero", "starter-stt", "starter-llm"]) {
    const text = await written(["show", name]);
    assert.match(
      text,
      new RegExp(`^${name}: .*\n\n  task .*\n(  .*\n)+\n# ${name}: `),
      "what it always said, then the card",
    );
    assert.match(text, /^## Figures$/m);
    assert.match(text, /^## Data and licence$/m);
    assert.doesNotMatch(text, /pipeline_tag/);
  }
  assert.doesNotMatch(await written(["show", "flite"]), /^#/m, "a model without a card");
});
