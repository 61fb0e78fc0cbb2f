/** How fast the dashboard is: its first picture, its weight, scrolling, an hour's events, and speech through the browser. */
import { gzipSync } from "node:zlib";
import { chromium, type Page } from "playwright-core";
import { dashboardAsset } from "../../src/server/dashboard.ts";
import { percentilesOf } from "../../src/sessions/metrics.ts";
import { CHROMIUM, desk } from "../support/browser.ts";
import { voiceToVoiceMs } from "../support/room_times.ts";
import { startServerProcess } from "../support/server_process.ts";
import { fixture, pause, type VirtualAudio, virtualAudio } from "../support/virtual_audio.ts";
import type { Figure } from "./report.ts";
import { SPOKEN } from "./spoken.ts";

const LOADS = 20;
const LOGGED = 10_000;
/** A turn every ten seconds. */
const TURNS_AN_HOUR = 360;
const SPOKEN_TURNS = 10;
const RECORDING = new URL("../fixtures/protocol/events.jsonl", import.meta.url);

/** Every figure, one after the other. */
export async function dashboardFigures(): Promise<Figure[]> {
  return [await weight(), await firstPaint(), ...await manyEvents(), ...await throughTheBrowser()];
}

async function weight(): Promise<Figure> {
  const names = ["index.html", "app.css", "main.js", "capture_worklet.js"];
  const assets = await Promise.all(names.map((name) => dashboardAsset(name)!));
  const bytes = assets.reduce((sum, { body }) => sum + gzipSync(body).length, 0);
  return { name: "dashboard, gzipped", value: bytes / 1000, unit: "kB", limit: 150, over: "all its files" };
}

async function firstPaint(): Promise<Figure> {
  await using on = await desk();
  const times: number[] = [];
  for (let load = 0; load < LOADS; load++) {
    const page = await on.open();
    times.push(await page.evaluate(painted));
    await page.context().close();
  }
  const { p95 } = percentilesOf(times);
  return {
    name: "first contentful paint, p95",
    value: p95,
    unit: "ms",
    limit: 300,
    over: `${LOADS} first visits`,
  };
}

/** When the page showed something for the first time, in milliseconds from its request. Runs in the page. */
function painted(): Promise<number> {
  return new Promise((resolve) => {
    new PerformanceObserver((list) => {
      const first = list.getEntriesByName("first-contentful-paint")[0];
      if (first) resolve(first.startTime);
    }).observe({ type: "paint", buffered: true });
  });
}

/** An hour of real turns, told again; the log is then scrolled from end to end, a screen at a time. */
async function manyEvents(): Promise<Figure[]> {
  await using on = await desk();
  const page = await on.open();
  const { session } = on.app.local;
  const recorded = (await Deno.readTextFile(RECORDING)).trim().split("\n").map((line) => JSON.parse(line));
  const turn = recorded.filter(({ turn_id }) =>
    turn_id === recorded.find(({ type }) => type === "tool_call").turn_id
  );
  for (let count = 0; count < TURNS_AN_HOUR; count++) {
    const id = crypto.randomUUID();
    for (const { type, data } of turn) session.publish({ type, data }, { turnId: id });
    await pause(5);
  }
  await page.getByRole("tab", { name: "Events" }).click();
  await page.waitForFunction(
    (count) => Number.parseInt(document.querySelector(".tools span")?.textContent ?? "") > count,
    LOGGED,
  );
  const frames = await scrolled(page);
  const { p95 } = percentilesOf(frames);
  const heap = await heapBytes(page);
  const over = `${TURNS_AN_HOUR * turn.length} events`;
  return [
    { name: "a frame while the event log scrolls, p95", value: p95, unit: "ms", limit: 17, over },
    { name: "the tab's heap after an hour of turns", value: heap / 1e6, unit: "MB", limit: 200, over },
  ];
}

function scrolled(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const rows = document.querySelector(".rows")!;
    const times: number[] = [];
    let before = await new Promise<number>(requestAnimationFrame);
    for (let frame = 0; frame < 300; frame++) {
      rows.scrollTop += 800;
      const now = await new Promise<number>(requestAnimationFrame);
      times.push(now - before);
      before = now;
    }
    return times;
  });
}

async function heapBytes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize;
}

/**
 * The same recordings, spoken into the same virtual room, once to the server's own devices and once to a browser in
 * front of it: what the second takes longer.
 */
async function throughTheBrowser(): Promise<Figure[]> {
  await using room = await virtualAudio();
  const own = await throughOwnDevices(room);
  const browsers = await throughBrowser(room);
  const [ofTheServer, ofTheBrowser] = [percentilesOf(own).p50, percentilesOf(browsers).p50];
  const over = `${SPOKEN_TURNS} turns each, server's own devices ${ofTheServer.toFixed(0)} ms`;
  return [
    { name: "voice to voice through the browser, p50", value: ofTheBrowser, unit: "ms", over },
    {
      name: "what the browser adds to voice to voice",
      value: ofTheBrowser - ofTheServer,
      unit: "ms",
      limit: 60,
      over,
    },
  ];
}

async function throughOwnDevices(room: VirtualAudio): Promise<number[]> {
  await using server = await startServerProcess(["--continuous"], room.environment);
  await using client = await server.connect();
  return await spokenTurns(
    room,
    async (from) => void await client.next("turn_end", { from }),
    () => client.events.length,
  );
}

async function throughBrowser(room: VirtualAudio): Promise<number[]> {
  await using server = await startServerProcess(["--audio-backend", "null"]);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--use-fake-ui-for-media-stream"],
    ignoreDefaultArgs: ["--mute-audio"], // Without a window the browser would be silent.
    env: { ...Deno.env.toObject(), ...room.environment },
  });
  try {
    const page = await browser.newPage({ permissions: ["microphone"] });
    await page.goto(server.url.replace("ws:", "http:").replace("/ws", "/"));
    await page.getByLabel(/Microphone and loudspeaker/).selectOption("browser");
    await page.getByText("connected", { exact: true }).waitFor();
    await page.getByRole("switch", { name: "Keep listening" }).click();
    await page.locator(".state", { hasText: "listening" }).waitFor();
    await pause(1000);
    const ended = async (turn: number) => {
      await page.locator(".turn .heard").nth(turn).waitFor();
      await page.locator(".state", { hasText: "listening" }).waitFor();
    };
    let turn = 0;
    return await spokenTurns(room, () => ended(turn++), () => 0);
  } finally {
    await browser.close();
  }
}

/** Speaks, waits until the turn has ended, and measures what the room heard. */
async function spokenTurns(
  room: VirtualAudio,
  ended: (from: number) => Promise<void>,
  now: () => number,
): Promise<number[]> {
  const values: number[] = [];
  for (let turn = 0; turn < SPOKEN_TURNS; turn++) {
    const from = now();
    const recording = await room.record();
    await room.speak(await fixture(`speech/${SPOKEN[turn % SPOKEN.length]}.wav`));
    await ended(from);
    await pause(500);
    const value = voiceToVoiceMs(await recording.stop());
    if (value === undefined) throw new Error(`Turn ${turn + 1} was not answered`);
    values.push(value);
  }
  return values;
}
