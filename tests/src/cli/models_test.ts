/** `deno task models`, and what a start says of better ones. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { readConfig } from "../../../src/config.ts";
import { models } from "../../../src/cli/models.ts";
import { modelNews, offerBetterModels } from "../../../src/cli/better_models.ts";
import { ProgressLine } from "../../../src/cli/progress_line.ts";
import { Terminal } from "../../../src/cli/terminal.ts";
import { type CatalogModel, findModel } from "../../../models/catalog.ts";
import { serveModels } from "../../support/model_hub.ts";
import { serveTinyModels } from "../../support/tiny_models.ts";

/** A screen that keeps what is written. */
function page(interactive = false) {
  const screen = { text: "", interactive, write: (text: string) => void (screen.text += text) };
  return screen;
}

const MAIN = new URL("../../../main.ts", import.meta.url).href;

/** Runs the command as a user does. */
async function run(args: readonly string[], environment: Record<string, string>) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", MAIN, "models", ...args],
    env: { NO_COLOR: "1", ...environment },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), error: text(stderr) };
}

Deno.test("models command: pulled, listed, shown, carried to another folder and removed", async () => {
  const folder = await Deno.makeTempDir();
  await using hub = await serveTinyModels();
  const here = { PARLEY_MODELS_FOLDER: `${folder}/here`, HF_ENDPOINT: hub.endpoint };
  const there = { PARLEY_MODELS_FOLDER: `${folder}/there`, HF_ENDPOINT: "http://127.0.0.1:9" };

  const pulled = await run(["pull", "smollm2-360m", "whisper-base.en"], here);
  assert.equal(pulled.code, 0, pulled.error);
  assert.match(pulled.out, /✓ smollm2-360m \(q8\) is here/);
  assert.match(pulled.out, /\d+\.\d of \d+\.\d MB/);
  const listed = await run([], here);
  assert.match(listed.out, /^✓ smollm2-360m/m);
  assert.match(listed.out, /^ {2}qwen3-0.6b +627 MB/m);
  assert.match(listed.out, /^ {2}light +190 MB/m);
  assert.match((await run(["show", "smollm2-360m"], here)).out, /q8 +367 MB to fetch.*is here/);

  const precise = await run(["pull", "smollm2-360m", "--models-llm-dtype", "q4"], here);
  assert.match(precise.out, /✓ smollm2-360m \(q4\) is here/, precise.error);

  const bundle = `${folder}/models.tar`;
  assert.equal((await run(["export", bundle, "smollm2-360m"], here)).code, 0);
  const imported = await run(["import", bundle], there);
  assert.deepEqual([imported.code, imported.out], [0, "smollm2-360m is here.\n"], imported.error);
  assert.match((await run(["list"], there)).out, /^✓ smollm2-360m/m);
  const again = await run(["pull", "smollm2-360m"], there);
  assert.equal(again.code, 0, "what is here is not asked for, even where there is no network");

  assert.equal((await run(["remove", "smollm2-360m"], there)).code, 0);
  assert.match((await run([], there)).out, /^ {2}smollm2-360m/m);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("models command: what cannot be done is said in a sentence", async () => {
  const folder = await Deno.makeTempDir();
  const { config } = readConfig({ flags: ["--models-folder", folder], environment: {} });
  const refused: [readonly string[], string, RegExp][] = [
    [["fly"], "VALIDATION_ERROR", /no "models fly".*\n.*models list/],
    [["show", "nobody"], "NOT_FOUND", /no model "nobody"/],
    [["pull"], "VALIDATION_ERROR", /Name a model or a profile/],
    [["export"], "VALIDATION_ERROR", /Name the file/],
    [["export", `${folder}/x.tar`, "qwen3-0.6b"], "NOT_FOUND", /pull it first/],
    [["import"], "VALIDATION_ERROR", /Name the file/],
    [["import", `${folder}/nothing.tar`], "NOT_FOUND", /no such file/],
    [["remove", "qwen3-0.6b"], "NOT_FOUND", /not on this machine/],
    [["remove", "starter-llm"], "VALIDATION_ERROR", /ships with Parley/],
    [["export", `${folder}/x.tar`, "starter"], "VALIDATION_ERROR", /ships with Parley/],
  ];
  for (const [args, code, message] of refused) {
    await assert.rejects(models(config, args, { screen: page() }), { code, message }, args.join(" "));
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("models command: who fetches what does not fit this machine is told", async () => {
  const folder = await Deno.makeTempDir();
  const files = ["config.json", "tokenizer.json", "tokenizer_config.json", "onnx/model_q4f16.onnx"];
  await using hub = await serveModels({
    "HuggingFaceTB/SmolLM2-360M-Instruct": Object.fromEntries(
      files.map((path) => [path, new Uint8Array(9)]),
    ),
  });
  const environment = {
    PARLEY_MODELS_FOLDER: folder,
    HF_ENDPOINT: hub.endpoint,
    PARLEY_MODELS_DEVICE: "cpu",
  };
  const { code, out } = await run(["pull", "smollm2-360m", "--models-llm-dtype", "q4f16"], environment);
  assert.equal(code, 0);
  assert.match(out, /smollm2-360m needs more memory .*or a graphics processor/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("models command: a folder that cannot be used is said in a sentence, without its path", async () => {
  const folder = await Deno.makeTempDir();
  const [bundle, inTheWay] = [`${folder}/models.tar`, `${folder}/file`];
  await using hub = await serveTinyModels();
  const here = { PARLEY_MODELS_FOLDER: folder, HF_ENDPOINT: hub.endpoint };
  assert.equal((await run(["pull", "whisper-base.en"], here)).code, 0);
  assert.equal((await run(["export", bundle, "whisper-base.en"], here)).code, 0);
  await Deno.writeTextFile(inTheWay, "not a folder");
  const { config } = readConfig({ flags: ["--models-folder", inTheWay], environment: {} });
  const refused = { code: "UNAVAILABLE", message: /^The folder of the models cannot be used: (?!.*\/)/ };
  for (const args of [["list"], ["pull", "qwen3-0.6b"], ["remove", "qwen3-0.6b"], ["import", bundle]]) {
    await assert.rejects(models(config, args, { screen: page() }), refused, args.join(" "));
  }
  const nowhere = await run(["export", `${inTheWay}/models.tar`, "whisper-base.en"], here);
  assert.deepEqual([nowhere.code, nowhere.error], [1, "That file cannot be written; name one elsewhere.\n"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("models command: without a network a pull says so in the end, and is no crash", async () => {
  const folder = await Deno.makeTempDir();
  await using hub = await serveTinyModels({ token: "needed" });
  const { code, error } = await run(["pull", "smollm2-360m"], {
    PARLEY_MODELS_FOLDER: folder,
    HF_ENDPOINT: hub.endpoint,
  });
  assert.equal(code, 1);
  assert.match(error, /set HF_TOKEN/);
  assert.doesNotMatch(error, /at .*\.ts:/, "no stack");
  await Deno.remove(folder, { recursive: true });
});

Deno.test("progress line: one line for all downloads, rewritten in place; a line a tenth where it cannot be", () => {
  let nowMs = 0;
  const terminal = page(true);
  {
    using progress = new ProgressLine(terminal, () => nowMs);
    progress.update("a", { loadedBytes: 20e6, totalBytes: 40e6 }); // Half of it was here already.
    nowMs = 1000;
    progress.update("b", { loadedBytes: 0, totalBytes: 60e6 });
    nowMs = 2000;
    progress.update("b", { loadedBytes: 30e6, totalBytes: 60e6 });
    const bar = "█".repeat(12) + "░".repeat(12);
    assert.ok(
      terminal.text.endsWith(`\r\x1b[K${bar} 50.0 of 100.0 MB at 15.0 MB/s, 4 s left`),
      terminal.text,
    );
    progress.line("a is here");
  }
  assert.ok(terminal.text.endsWith("\r\x1b[Ka is here\n"));
  const log = page();
  using lines = new ProgressLine(log, () => nowMs);
  for (let loadedBytes = 0; loadedBytes <= 1000; loadedBytes++) {
    lines.update("a", { loadedBytes, totalBytes: 1000 });
  }
  assert.equal(log.text.trimEnd().split("\n").length, 10);
});

interface Offered {
  readonly text: string;
  readonly adopted: readonly string[];
  readonly asked: number;
}

/** What a start with such models says and does. */
async function offer(
  { flags = [], missing = [], runsStarter = true, firstTime = true, typed }: {
    readonly flags?: readonly string[];
    readonly missing?: readonly CatalogModel[];
    readonly runsStarter?: boolean;
    readonly firstTime?: boolean;
    /** Nobody sits there where it is left out. */
    readonly typed?: string;
  },
): Promise<Offered> {
  const screen = page();
  let asked = 0;
  const adopted: string[] = [];
  const service = {
    missing,
    runsStarter,
    megabytesOf: ({ variants }: CatalogModel) => variants[0]!.megabytes,
    firstTime: () => Promise.resolve(firstTime),
    adopt: (models: readonly CatalogModel[]) => void adopted.push(...models.map(({ name }) => name)),
  };
  await offerBetterModels({ models: service }, readConfig({ flags, environment: {} }).config, {
    terminal: new Terminal(screen),
    question: {
      isAnswerable: typed !== undefined,
      answer: () => (asked++, Promise.resolve(typed ?? "")),
    },
  });
  return { text: screen.text, adopted, asked };
}

const LIGHT = ["smart-turn-v3", "moonshine-base", "kokoro-82m"];

Deno.test("first start: one line says what light adds and weighs, and nobody is asked where nobody sits", async () => {
  const { text, adopted, asked } = await offer({});
  assert.match(
    text,
    /^ {2}models +better ears and a natural voice: --pull, or `deno task models pull light` \(190 MB\)\n$/,
  );
  assert.deepEqual([adopted, asked], [[], 0]);
});

Deno.test("first start: at a terminal it asks once, ever; only a yes is a yes", async () => {
  for (const typed of ["y\n", " YES \n"]) {
    const { adopted, asked, text } = await offer({ typed });
    assert.deepEqual([adopted, asked], [LIGHT, 1]);
    assert.match(text, /each takes over when it is here/);
  }
  for (const typed of ["\n", "n\n", "yesterday\n", ""]) {
    assert.deepEqual((await offer({ typed })).adopted, [], JSON.stringify(typed));
  }
  const later = await offer({ typed: "y\n", firstTime: false });
  assert.deepEqual([later.adopted, later.asked], [[], 0]);
});

Deno.test("first start: --pull fetches without asking; better models or a chosen starter are left alone", async () => {
  for (const flags of [["--pull"], ["--models-auto-pull"]]) {
    const { adopted, asked } = await offer({ flags, typed: "n\n" });
    assert.deepEqual([adopted, asked], [LIGHT, 0]);
  }
  assert.equal((await offer({ runsStarter: false, typed: "y\n" })).text, "");
  assert.equal((await offer({ flags: ["--models-profile", "starter"], typed: "y\n" })).text, "");
});

Deno.test("first start: what is wished for and missing is named with its command, and fetched with --pull", async () => {
  const missing = [findModel("qwen3-0.6b"), findModel("kokoro-82m")];
  const flags = ["--models-profile", "balanced"];
  const told = await offer({ flags, missing, typed: "y\n" });
  assert.match(
    told.text,
    /missing +qwen3-0\.6b, kokoro-82m \(741 MB\): `deno task models pull qwen3-0\.6b kokoro-82m`/,
  );
  assert.deepEqual([told.adopted, told.asked], [[], 0]);
  const precise = await offer({ flags: [...flags, "--models-llm-dtype", "q4"], missing });
  assert.match(precise.text, /pull qwen3-0\.6b kokoro-82m --models-llm-dtype q4`/);
  assert.deepEqual((await offer({ flags: [...flags, "--pull"], missing })).adopted, [
    "qwen3-0.6b",
    "kokoro-82m",
  ]);
});

Deno.test("model news: a fifth at a time, the end, and what went wrong", () => {
  const screen = page();
  const tell = modelNews(new Terminal(screen));
  const model = { task: "llm", name: "big" };
  for (let loaded_bytes = 0; loaded_bytes <= 100e6; loaded_bytes += 1e6) {
    tell({ type: "model_progress", data: { ...model, loaded_bytes, total_bytes: 100e6 } });
  }
  tell({ type: "model_ready", data: { ...model, load_ms: 5 } });
  tell({ type: "model_error", data: { ...model, code: "MODEL_ERROR", message: "It broke." } });
  assert.deepEqual(screen.text.trimEnd().split("\n"), [
    ...[20, 40, 60, 80, 100].map((percent) => `big: ${percent} % of 100 MB`),
    "big is ready.",
    "big: It broke.",
  ]);
});

Deno.test("models command: a proxy that the environment names is used, for the hub and for where it redirects", async () => {
  const folder = await Deno.makeTempDir();
  await using hub = await serveTinyModels();
  const asked: string[] = [];
  // What a proxy is asked has the whole address; it alone knows who "hub.test" is.
  const proxy = createServer(async (request, response) => {
    asked.push(request.url!);
    const answer = await fetch(request.url!.replace("http://hub.test", hub.endpoint), {
      headers: request.headers as Record<string, string>,
      redirect: "manual",
    });
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => name !== "transfer-encoding"));
    response.writeHead(answer.status, headers);
    response.end(new Uint8Array(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = proxy.address() as AddressInfo;
  const { code, error } = await run(["pull", "smollm2-360m"], {
    PARLEY_MODELS_FOLDER: folder,
    HF_ENDPOINT: "http://hub.test",
    HTTP_PROXY: `http://127.0.0.1:${port}`,
    NO_PROXY: "",
  });
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  assert.equal(code, 0, error);
  assert.ok(asked.some((url) => url.startsWith("http://hub.test/api/models/")), asked.join(" "));
  assert.ok(asked.some((url) => url.endsWith("/onnx/model_quantized.onnx") && !url.includes("hub.test")));
  await Deno.remove(folder, { recursive: true });
});
