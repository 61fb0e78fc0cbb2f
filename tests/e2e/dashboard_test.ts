/** The dashboard in a real browser, in front of the real server with the starter engines. */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";
import { type Desk, desk, type DeskOptions, hasBrowser, violations } from "../support/browser.ts";
import { serveTinyModels } from "../support/tiny_models.ts";
import { fixture, hasVirtualAudio, virtualAudio } from "../support/virtual_audio.ts";

/** A test at a desk: nothing may go wrong in any page. */
function atDesk(name: string, act: (on: Desk) => Promise<void>, options: DeskOptions = {}): void {
  Deno.test({
    name: `dashboard: ${name}`,
    ignore: !hasBrowser(),
    async fn() {
      await using on = await desk(options);
      await act(on);
      assert.deepEqual(on.mistakes, []);
    },
  });
}

async function type(page: Page, text: string): Promise<void> {
  await page.getByLabel("Message").fill(text);
  await page.keyboard.press("Enter");
}

const panel = (page: Page, name: string) => page.getByRole("tab", { name }).click();
const turns = (page: Page) => page.getByRole("log").locator(".turn");

atDesk(
  "a typed question is answered, with its tools, its spoken words and where the time went",
  async (on) => {
    const page = await on.open();
    await type(page, "what is six times seven");
    const turn = turns(page).first();
    await turn.locator(".user", { hasText: "what is six times seven" }).waitFor();
    await turn.locator(".tool", { hasText: 'calculate({"expression":"six times seven"})' }).waitFor();
    await turn.locator(".tool .outcome", { hasText: "42" }).waitFor();
    await turn.locator(".heard", { hasText: "That is 42." }).waitFor();
    const waterfall = page.locator("figure", { hasText: "what is six times seven" });
    await waterfall.waitFor();
    const stages = await waterfall.locator("rect title").allTextContents();
    for (const stage of ["llm", "tool", "tts", "playback"]) {
      assert.ok(stages.some((title) => new RegExp(`^${stage}: .* ms$`).test(title)), stages.join());
    }
    await page.getByRole("row", { name: /first token \d+/ }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: /Perfetto/ }).click(),
    ]);
    const { traceEvents } = JSON.parse(await Deno.readTextFile(await download.path()));
    assert.ok(
      traceEvents.some(({ name, ph, dur }: Record<string, unknown>) =>
        name === "playback" && ph === "X" && Number(dur) > 0
      ),
    );
  },
);

atDesk("speech into the browser's microphone is heard, understood and answered with sound", async (on) => {
  const page = await on.open();
  await watchSound(page);
  await page.getByLabel(/Microphone and loudspeaker/).selectOption("browser");
  await page.getByText("connected", { exact: true }).waitFor();
  await page.getByRole("switch", { name: "Keep listening" }).click();
  await page.locator(".state", { hasText: "listening" }).waitFor();
  await turns(page).locator(".user", { hasText: "set a timer for ten minutes" }).waitFor();
  await turns(page).locator(".heard", { hasText: "ten minutes" }).waitFor();
  const { played } = await sound(page);
  assert.ok(
    played.length > 5 && Math.max(...played) > 0.1,
    `${played.length} pieces, ${Math.max(...played)}`,
  );
  await page.locator("figure figcaption", { hasText: /ms voice to voice/ }).first().waitFor();
  await page.getByRole("switch", { name: "Keep listening" }).click();
  await page.locator(".state", { hasText: "idle" }).waitFor();
}, { microphone: ["f5_timer"] });

Deno.test({
  name: "dashboard: speech into the server's own microphone is seen as it is heard",
  ignore: !hasBrowser() || !hasVirtualAudio(),
  async fn() {
    await using room = await virtualAudio();
    await using on = await desk({ room });
    const page = await on.open();
    await page.getByRole("switch", { name: "Keep listening" }).click();
    await page.locator(".state", { hasText: "listening" }).waitFor();
    assert.ok(await loudestBar(page) <= 2, "silence is a line");
    const speaking = room.speak(await fixture("speech/f5_timer.wav"));
    await page.getByRole("img", { name: /You are speaking/ }).waitFor();
    await eventually(async () => await loudestBar(page) > 8);
    await turns(page).locator(".user", { hasText: "set a timer for ten minutes" }).waitFor();
    await speaking;
    assert.deepEqual(on.mistakes, []);
  },
});

/** How high the loudest bar of the level meter is drawn, in pixels: bars are dark, the shading behind them is not. */
function loudestBar(page: Page): Promise<number> {
  return page.locator("canvas.level").evaluate((canvas) => {
    const { width, height } = canvas as HTMLCanvasElement;
    const { data } = (canvas as HTMLCanvasElement).getContext("2d")!.getImageData(0, 0, width, height);
    const rows = new Set<number>();
    for (let at = 0; at < data.length; at += 4) {
      if (data[at]! < 80 && data[at + 3]! > 200) rows.add(Math.floor(at / 4 / width));
    }
    return rows.size;
  });
}

atDesk("speaking over the answer silences it in the browser", async (on) => {
  const page = await on.open();
  await watchSound(page);
  await page.getByLabel(/Microphone and loudspeaker/).selectOption("browser");
  await page.getByText("connected", { exact: true }).waitFor();
  await page.getByRole("switch", { name: "Keep listening" }).click();
  await turns(page).first().locator(".cut", { hasText: "(interrupted)" }).waitFor();
  await turns(page).nth(1).locator(".heard", { hasText: "ten minutes" }).waitFor();
  const { cut } = await sound(page);
  assert.ok(cut > 0, "pieces that were still to sound were stopped");
}, { microphone: ["michael_day", "f5_timer"] });

atDesk("held, the space bar listens; released, it answers; in a text field it is a space", async (on) => {
  const page = await on.open();
  await page.getByLabel(/Microphone and loudspeaker/).selectOption("browser");
  await page.getByText("connected", { exact: true }).waitFor();
  await page.locator("h1").click(); // Out of any field.
  await page.keyboard.down("Space");
  await page.locator(".state", { hasText: "listening" }).waitFor();
  await page.getByRole("button", { name: "Listening …", pressed: true }).waitFor();
  await page.locator(".user", { hasText: "set a timer for ten minutes" }).waitFor();
  await page.keyboard.up("Space");
  await turns(page).locator(".tool", { hasText: "set_timer" }).waitFor();
  await page.getByLabel("Message").focus();
  await page.keyboard.press("Space");
  assert.equal(await page.getByLabel("Message").inputValue(), " ");
  assert.equal(await turns(page).count(), 1);
}, { microphone: ["f5_timer"] });

atDesk("the button talks as long as a mouse or a finger holds it", async (on) => {
  const page = await on.open({ hasTouch: true });
  const state = (name: string) => page.locator(".state", { hasText: name }).waitFor();
  await page.getByLabel(/Microphone and loudspeaker/).selectOption("browser");
  await page.getByText("connected", { exact: true }).waitFor();
  const { x, y, width, height } = (await page.locator("#talk").boundingBox())!;
  const [middleX, middleY] = [x + width / 2, y + height / 2];
  await page.mouse.move(middleX, middleY);
  await page.mouse.down();
  await state("listening");
  await page.mouse.up();
  await state("idle");
  const finger = await page.context().newCDPSession(page);
  await finger.send("Input.dispatchTouchEvent", {
    type: "touchStart",
    touchPoints: [{ x: middleX, y: middleY }],
  });
  await state("listening");
  await finger.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await state("idle");
}, { microphone: ["f5_timer"] });

atDesk("an answer can be stopped, and shows what was not heard", async (on) => {
  const page = await on.open();
  await type(page, "what can you do");
  await page.locator(".state", { hasText: "speaking" }).waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await turns(page).locator(".cut", { hasText: "(interrupted)" }).waitFor();
  assert.notEqual(await turns(page).locator(".unheard").textContent(), "");
});

atDesk("two dashboards stay in step, and a reload loses nothing", async (on) => {
  const [one, other] = [await on.open(), await on.open()];
  await type(one, "hello");
  await turns(other).locator(".heard", { hasText: /\w/ }).waitFor();
  const text = await turns(other).first().innerText();
  assert.equal(await turns(one).first().innerText(), text);
  await one.getByRole("button", { name: "Mute" }).click();
  await other.locator(".state", { hasText: "muted" }).waitFor();
  await other.reload();
  await turns(other).first().waitFor();
  assert.equal(await turns(other).first().innerText(), text);
  await panel(one, "Settings");
  await panel(other, "Settings");
  await one.getByLabel("Silence after which you have finished").fill("640");
  await one.keyboard.press("Tab");
  await eventually(async () =>
    await other.getByLabel("Silence after which you have finished").inputValue() === "640"
  );
});

atDesk("a server that goes away is obvious, and comes back by itself", async (on) => {
  const page = await on.open();
  await type(page, "hello");
  await turns(page).locator(".heard", { hasText: /\w/ }).waitFor();
  await on.restart(async () => {
    await page.getByText("The server cannot be reached; trying again …").waitFor();
    assert.ok(await page.locator("#talk").isDisabled());
  });
  await page.getByText("connected", { exact: true }).waitFor();
  await type(page, "thank you");
  await turns(page).locator(".user", { hasText: "thank you" }).waitFor();
  on.mistakes.length = 0; // The browser tells of refused connections itself.
});

atDesk("a server with a token says that it wants it, and takes it from the address", async (on) => {
  const page = await on.open({ query: "?token=correct-horse-battery" });
  await type(page, "hello");
  await turns(page).locator(".user", { hasText: "hello" }).waitFor();
  await page.goto(on.url);
  await page.getByText("The server wants its token: add ?token=… to this page's address.").waitFor();
  on.mistakes.length = 0; // The browser tells of refused connections itself.
}, { flags: ["--token", "correct-horse-battery"] });

atDesk("what it remembers can be added, found and forgotten", async (on) => {
  const page = await on.open();
  await panel(page, "Memory");
  await page.getByLabel("Remember").fill("my keys are in the blue bag");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByLabel("Look for").fill("keys");
  await page.getByRole("button", { name: "Search" }).click();
  await page.getByRole("listitem").filter({ hasText: "my keys are in the blue bag" }).waitFor();
  await page.getByRole("button", { name: "Forget: my keys are in the blue bag" }).click();
  await page.getByText("Nothing about “keys”.").waitFor();
});

atDesk(
  "a voice can be chosen and heard, a model's way is seen; what makes no sense is refused",
  async (on) => {
    const page = await on.open();
    await panel(page, "Settings");
    await page.getByLabel("Name").selectOption("rms");
    await page.getByRole("button", { name: "Hear it" }).click();
    await turns(page).locator(".heard", { hasText: "This is how I sound." }).waitFor();
    const spoken = on.app.local.session.recent(100).events.findLast(({ type }) => type === "tts_start");
    assert.match(spoken!.json, /"voice":"rms"/);
    await page.getByLabel("Silence after which you have finished").fill("70");
    await page.keyboard.press("Tab");
    await page.getByRole("alert").filter({ hasText: "pause_ms must not exceed endpoint_ms" }).waitFor();
    await page.getByText("Mind: starter-llm").click();
    await page.getByText("time, timers, sums, memories and small talk").waitFor();
    assert.ok(await page.getByRole("button", { name: "Fetch 367 MB and use: smollm2-360m" }).isEnabled());
    const { session } = on.app.local;
    const model = { task: "stt", name: "large" };
    session.publish({
      type: "model_progress",
      data: { ...model, loaded_bytes: 30_000_000, total_bytes: 60_000_000 },
    });
    assert.equal(await page.getByRole("progressbar", { name: /large/ }).getAttribute("value"), "30000000");
    session.publish({ type: "model_ready", data: { ...model, load_ms: 10 } });
    await page.getByRole("progressbar").waitFor({ state: "detached" });
  },
);

Deno.test(
  "dashboard: a model is fetched and takes over with one click",
  { ignore: !hasBrowser() },
  async () => {
    const folder = await Deno.makeTempDir();
    await using hub = await serveTinyModels();
    await using on = await desk({
      flags: ["--models-folder", folder],
      environment: { HF_ENDPOINT: hub.endpoint },
    });
    const page = await on.open();
    await panel(page, "Settings");
    await page.getByText("Mind: starter-llm").click();
    await page.getByRole("button", { name: "Fetch 367 MB and use: smollm2-360m" }).click();
    await page.getByText("Mind: smollm2-360m").waitFor();
    await page.getByRole("button", { name: "Use: starter-llm" }).click();
    await page.getByText("Mind: starter-llm").waitFor();
    await page.getByRole("button", { name: "Use: smollm2-360m", exact: true }).waitFor();
    assert.deepEqual(on.mistakes, []);
    await Deno.remove(folder, { recursive: true });
  },
);

atDesk("the event log filters, inspects, pauses, saves, and shows what was saved", async (on) => {
  const page = await on.open();
  await type(page, "hello");
  await turns(page).locator(".heard", { hasText: /\w/ }).waitFor();
  await panel(page, "Events");
  await page.getByLabel("Filter").fill("llm_result");
  await page.getByText("1 events", { exact: true }).waitFor();
  await page.getByRole("button", { name: /llm_result/ }).click();
  assert.match(await page.locator("pre.json").innerText(), /"finish_reason": "stop"/);
  await page.getByLabel("Filter").fill("");
  await page.getByRole("button", { name: "Pause" }).click();
  const paused = await page.getByText(/^\d+ events$/).innerText();
  await type(page, "thank you");
  await turns(page).locator(".user", { hasText: "thank you" }).waitFor();
  assert.equal(await page.getByText(/^\d+ events$/).innerText(), paused);
  await page.getByRole("button", { name: "Pause" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save", exact: true }).click(),
  ]);
  const text = await Deno.readTextFile(await download.path());
  const events = text.split("\n").map((line) => JSON.parse(line));
  assert.ok(events.some(({ type }) => type === "llm_result"));
  const file = { name: "saved.jsonl", mimeType: "application/jsonl", buffer: Buffer.from(text) };
  await page.getByLabel("Look at a saved session").setInputFiles(file);
  await page.getByRole("button", { name: "Back to what happens now" }).waitFor();
  const shown = page.getByRole("tabpanel").locator(".turn");
  await shown.locator(".user", { hasText: "hello" }).waitFor();
  await page.getByRole("button", { name: "Play it again" }).click();
  await page.getByRole("button", { name: "Stop", exact: true, pressed: true }).waitFor();
  assert.equal(await shown.locator(".heard", { hasText: /\w/ }).count(), 0, "it begins from the beginning");
  await shown.locator(".heard", { hasText: /\w/ }).first().waitFor();
  await page.getByRole("button", { name: "Back to what happens now" }).click();
  await page.getByLabel("Look at a saved session").setInputFiles({
    name: "letter.txt",
    mimeType: "text/plain",
    buffer: Buffer.from("Dear Anna"),
  });
  await page.getByRole("alert").filter({ hasText: '"letter.txt" is not a saved event log' }).waitFor();
});

atDesk("the demo plays by a click", async (on) => {
  const page = await on.open();
  await page.getByRole("button", { name: "Demo" }).click();
  await turns(page).locator(".user", { hasText: "what time is it" }).waitFor();
  await turns(page).locator(".tool", { hasText: "get_time" }).waitFor();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [390, 1280, 2560]) {
    atDesk(`it is accessible in ${colorScheme}, ${width} pixels wide`, async (on) => {
      const page = await on.open({ colorScheme, viewport: { width, height: 900 } });
      await type(page, "what is six times seven");
      await page.locator("figure", { hasText: "six times seven" }).waitFor();
      for (const name of ["Latency", "Settings", "Memory", "Events"]) {
        await panel(page, name);
        assert.deepEqual(await violations(page), [], name);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${name} is ${overflow} pixels too wide`);
        await keep(page, `${name}-${colorScheme}-${width}`);
      }
    });
  }
}

atDesk("it works by keyboard alone", async (on) => {
  const page = await on.open();
  await page.getByRole("tab", { name: "Latency" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.getByText("Taking turns (milliseconds)").waitFor();
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("ArrowLeft");
  await page.getByRole("tab", { name: "Events", selected: true }).waitFor();
});

/** What a page has played: the loudest sample of each piece, and how many pieces were cut. */
interface Sound {
  readonly played: number[];
  cut: number;
}

async function watchSound(page: Page): Promise<void> {
  await page.evaluate(() => {
    const sound: Sound = { played: [], cut: 0 };
    Object.assign(globalThis, { sound });
    const { start, stop } = AudioBufferSourceNode.prototype;
    AudioBufferSourceNode.prototype.start = function (...when) {
      const samples = this.buffer!.getChannelData(0);
      sound.played.push(samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0));
      return start.apply(this, when);
    };
    AudioBufferSourceNode.prototype.stop = function (...when) {
      sound.cut++;
      return stop.apply(this, when);
    };
  });
}

function sound(page: Page): Promise<Sound> {
  return page.evaluate(() => (globalThis as unknown as { sound: Sound }).sound);
}

/** A picture to look at, where somebody wants them. */
async function keep(page: Page, name: string): Promise<void> {
  const folder = Deno.env.get("PARLEY_TEST_SCREENSHOTS");
  if (folder) await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

async function eventually(happened: () => Promise<boolean>): Promise<void> {
  while (!await happened()) await new Promise((resolve) => setTimeout(resolve, 20));
}
