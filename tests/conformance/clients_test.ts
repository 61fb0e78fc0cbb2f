/** A recorded conversation, read by everything that is generated from the schemas. */
import asyncApi3 from "@asyncapi/specs/schemas/3.0.0-without-$id.json" with { type: "json" };
import { Ajv2020 } from "ajv/dist/2020.js";
import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import assert from "node:assert/strict";
import ts from "typescript";
import asyncApiDocument from "../../src/protocol/generated/asyncapi.json" with { type: "json" };
import schemaDocument from "../../src/protocol/generated/schema.json" with { type: "json" };
import { parseCommand } from "../../src/protocol/parse.ts";
import { anyEvent } from "../../src/protocol/envelope.ts";
import { stage } from "../support/server_stage.ts";

const FOLDER = new URL("../fixtures/protocol/", import.meta.url);
const KINDS = ["events", "commands"] as const;
type Kind = (typeof KINDS)[number];

async function recorded(kind: Kind): Promise<Record<string, unknown>[]> {
  const text = await Deno.readTextFile(new URL(`${kind}.jsonl`, FOLDER));
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

/** Sends the recording through a program that reads and writes it again. */
async function roundTrip(kind: Kind, program: string, args: readonly string[]): Promise<unknown[]> {
  const child = new Deno.Command(program, {
    args: [...args, kind],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const sent = (async () => {
    const file = await Deno.open(new URL(`${kind}.jsonl`, FOLDER));
    await file.readable.pipeTo(child.stdin);
  })();
  const [{ success, stdout, stderr }] = await Promise.all([child.output(), sent]);
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
}

/** Whether a program that the test needs is there. */
function runs(program: string, args: readonly string[]): boolean {
  try {
    return new Deno.Command(program, { args: [...args], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** Languages have their own ways to write one moment, and may leave out what is null or empty. */
function comparable({ timestamp, data = {}, ...message }: Record<string, unknown>) {
  return { ...message, data, time: timestamp === undefined ? undefined : Date.parse(String(timestamp)) };
}

const python = Deno.env.get("PARLEY_TEST_PYTHON") ?? "python3";
const LANGUAGES = [
  {
    name: "Python",
    isThere: runs(python, ["-c", "import pydantic; assert pydantic.VERSION >= '2'"]),
    program: python,
    args: [new URL("round_trip.py", FOLDER).pathname],
  },
  {
    name: "Rust",
    isThere: runs("cargo", ["--version"]),
    program: "cargo",
    args: [
      "run",
      "--quiet",
      "--locked",
      "--manifest-path",
      new URL("rust/Cargo.toml", FOLDER).pathname,
      "--",
    ],
  },
];

for (const { name, isThere, program, args } of LANGUAGES) {
  Deno.test({
    name: `clients: ${name} reads a recorded conversation and loses nothing of it`,
    ignore: !isThere,
    async fn() {
      for (const kind of KINDS) {
        const before = await recorded(kind);
        const after = await roundTrip(kind, program, args) as typeof before;
        assert.deepEqual(after.map(comparable), before.map(comparable));
      }
    },
  });
}

Deno.test({
  name: "clients: Node runs the TypeScript client as it is",
  ignore: !runs("node", ["--version"]),
  async fn() {
    await using on = await stage();
    const source = await Deno.readTextFile(
      new URL("../../src/protocol/generated/client.ts", import.meta.url),
    );
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { target: ts.ScriptTarget.ES2022 },
    });
    const script = `${outputText}
      const client = new ParleyClient({ url: "http://127.0.0.1:${on.server.port}" });
      console.log((await client.send("message", { text: "from Node" })).turn_id);
      client.close();`;
    const file = await Deno.makeTempFile({ suffix: ".mjs" });
    await Deno.writeTextFile(file, script);
    // Before Node 22 its WebSocket has to be asked for.
    const child = new Deno.Command("node", { args: ["--experimental-websocket", file], stderr: "piped" });
    const { stdout, stderr } = await child.output();
    await Deno.remove(file);
    assert.equal(new TextDecoder().decode(stdout), "turn-1\n", new TextDecoder().decode(stderr));
    assert.deepEqual(on.local.asked, ["message from Node"]);
  },
});

Deno.test("clients: the recorded conversation is as the zod schemas have it, and holds most of the contract", async () => {
  const events = await recorded("events");
  for (const event of events) anyEvent.parse(event);
  const types = new Set(events.map(({ type }) => type));
  assert.ok(types.size >= 30, [...types].join(" "));
  for (const command of await recorded("commands")) assert.ok(parseCommand(JSON.stringify(command)).ok);
});

Deno.test("clients: the JSON Schema takes the recorded conversation, and no wrong type in it", async () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const check = ajv.compile(schemaDocument);
  for (const kind of KINDS) {
    for (const message of await recorded(kind)) {
      assert.ok(check(message), `${JSON.stringify(message)}: ${ajv.errorsText(check.errors)}`);
    }
  }
  const [result] = (await recorded("events")).filter(({ type }) => type === "stt_result");
  assert.equal(check({ ...result, data: { text: 5, audio_ms: 1 } }), false);
  assert.equal(check({ ...result, type: "stt_nonsense" }), false);
});

Deno.test("clients: the AsyncAPI document is one", () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const check = ajv.compile(asyncApi3);
  assert.ok(check(asyncApiDocument), ajv.errorsText(check.errors?.slice(0, 5)));
});
