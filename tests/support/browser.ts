/** A real browser in front of a real server: what a person at the dashboard would do and see. */
import axe from "axe-core";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { concatSamples } from "../../pipeline/audio.ts";
import { type App, startApp } from "../../src/app.ts";
import { encodeWav } from "../../src/audio/wav.ts";
import { readConfig } from "../../src/config.ts";
import { fixture, type VirtualAudio } from "./virtual_audio.ts";

/** Where the browser is. */
export const CHROMIUM = Deno.env.get("PARLEY_TEST_CHROMIUM") ?? "/usr/bin/chromium";

/** Whether there is a browser. Where there is none, tests of the dashboard are ignored. */
export function hasBrowser(): boolean {
  try {
    return Deno.statSync(CHROMIUM).isFile;
  } catch {
    return false;
  }
}

/** A server and a browser. */
export interface Desk extends AsyncDisposable {
  readonly app: App;
  readonly url: string;
  /** Opens the dashboard as somebody who was never here, and waits until it is connected. */
  open(options?: BrowserContextOptions & { readonly query?: string }): Promise<Page>;
  /** What went wrong in any page: exceptions, and messages of the console that are errors. */
  readonly mistakes: string[];
  /** Ends the server and starts another in its place. */
  restart(whileAway: () => Promise<void>): Promise<void>;
}

/** How a desk is set up. */
export interface DeskOptions {
  /** Further settings, as flags. */
  readonly flags?: readonly string[];
  /** For the server, beside the process's own. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The server's own microphone and loudspeaker. Default: none. */
  readonly room?: VirtualAudio;
  /** Recordings that the browser's microphone hears, once, each after a second of silence. */
  readonly microphone?: readonly string[];
}

/** Starts both. */
export async function desk(
  { flags = [], environment = {}, room, microphone }: DeskOptions = {},
): Promise<Desk> {
  const start = (port: number) =>
    startApp(
      readConfig({
        flags: ["--port", `${port}`, "--development", "--audio-backend", room ? "pulse" : "null", ...flags],
        environment: {},
      }).config,
      { environment: { ...Deno.env.toObject(), ...room?.environment, ...environment } },
    );
  let app = await start(0);
  const folder = await Deno.makeTempDir();
  const browser = await launch(microphone && await heard(microphone, folder));
  const { port } = app;
  const mistakes: string[] = [];
  return {
    get app() {
      return app;
    },
    url: `http://127.0.0.1:${port}/`,
    mistakes,
    async open({ query = "", ...options } = {}) {
      const context = await browser.newContext({ permissions: ["microphone"], ...options });
      const page = await context.newPage();
      page.on("pageerror", ({ message }) => mistakes.push(message));
      page.on("console", (message) => {
        if (message.type() === "error") mistakes.push(message.text());
      });
      await page.goto(`http://127.0.0.1:${port}/${query}`);
      await page.getByText("connected", { exact: true }).waitFor();
      return page;
    },
    async restart(whileAway) {
      await app[Symbol.asyncDispose]();
      await whileAway();
      app = await start(port);
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await app[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** What axe-core finds against WCAG 2.1 AA, one line a finding. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(() =>
    // Loaded by the line above; the page's own types do not know it.
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run()
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

function launch(microphone: string | undefined): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--autoplay-policy=user-gesture-required",
      "--use-fake-ui-for-media-stream",
      "--use-fake-device-for-media-stream",
      ...(microphone ? [`--use-file-for-fake-audio-capture=${microphone}%noloop`] : []),
    ],
  });
}

async function heard(names: readonly string[], folder: string): Promise<string> {
  const recordings = await Promise.all(names.map((name) => fixture(`speech/${name}.wav`)));
  const { sampleRateHz } = recordings[0]!;
  const silence = new Float32Array(sampleRateHz);
  const path = `${folder}/microphone.wav`;
  const samples = concatSamples([
    ...recordings.flatMap((recording) => [silence, recording.samples]),
    silence,
    silence,
    silence,
  ]);
  await Deno.writeFile(path, encodeWav({ samples, sampleRateHz }));
  return path;
}
