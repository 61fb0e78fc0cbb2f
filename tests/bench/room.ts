/** Turns measured where a person would: between the microphone and the loudspeaker of a virtual room. */
import { interruptionMs, voiceToVoiceMs } from "../support/room_times.ts";
import { startServerProcess, type TestClient } from "../support/server_process.ts";
import { fixture, pause, type VirtualAudio, virtualAudio } from "../support/virtual_audio.ts";
import { type Figure, latencyFigures } from "./report.ts";
import { SPOKEN } from "./spoken.ts";

/** How much is measured. */
export interface RoomBenchOptions {
  readonly turns: number;
  readonly interruptions: number;
  /** Turns, spoken and typed together, after which memory is looked at. */
  readonly memoryTurns: number;
}

/** Latencies, the event loop's lag and memory of one server over all its turns. */
export async function roomFigures(options: RoomBenchOptions): Promise<Figure[]> {
  await using room = await virtualAudio();
  await using server = await startServerProcess(["--continuous"], room.environment);
  await using client = await server.connect();
  const voiceToVoice = await spokenTurns(room, client, options.turns);
  const { data: { event_loop_lag_ms: lag } } = await client.ask(
    "get_performance_metrics",
    {},
    "performance_metrics",
  );
  const interruptions = await interruptedTurns(room, client, options.interruptions);
  const memory = await memoryOver(client, options.memoryTurns - options.turns - options.interruptions);
  const over = `one run of ${options.memoryTurns} turns`;
  return [
    ...latencyFigures("voice to voice, at the devices", voiceToVoice, { p50: 600, p95: 1000, over: "turns" }),
    ...latencyFigures("user's voice to silence when interrupting", interruptions, {
      p95: 200,
      over: "turns",
    }),
    { name: "event-loop lag, p99", value: lag.p99, unit: "ms", limit: 10, over: `${options.turns} turns` },
    { name: "resident memory at the end", value: memory.endMb, unit: "MB", limit: 700, over },
    {
      name: "resident memory, last fifth of it against the fifth before",
      value: memory.growthMb,
      unit: "MB",
      limit: 10,
      over,
    },
    { name: "ready after start", value: server.startedInMs, unit: "ms", limit: 5000, over: "warm" },
  ];
}

async function spokenTurns(room: VirtualAudio, client: TestClient, turns: number): Promise<number[]> {
  const values: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const from = client.events.length;
    const recording = await room.record();
    await room.speak(await fixture(`speech/${SPOKEN[turn % SPOKEN.length]}.wav`));
    await client.next("turn_end", { from });
    await pause(200);
    const value = voiceToVoiceMs(await recording.stop());
    if (value === undefined) throw new Error(`Turn ${turn + 1} was not answered`);
    values.push(value);
  }
  return values;
}

async function interruptedTurns(room: VirtualAudio, client: TestClient, turns: number): Promise<number[]> {
  const values: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const from = client.events.length;
    const recording = await room.record();
    await client.ask("say", {
      text: "One two three four five six seven eight nine ten eleven twelve thirteen.",
    });
    await client.next("voice_speaking", { from, where: (event) => event.data.speaking });
    await pause(600);
    await room.speak(await fixture(`speech/${SPOKEN[turn % SPOKEN.length]}.wav`));
    await client.next("turn_end", { from, where: (event) => event.data.reason !== "interrupted" });
    await pause(200);
    const value = interruptionMs(await recording.stop());
    if (value === undefined) throw new Error(`Turn ${turn + 1} was not interrupted`);
    values.push(value);
  }
  return values;
}

/** Typed turns, whose answers are cut short: what they leave behind is the same. */
async function memoryOver(client: TestClient, turns: number): Promise<{ endMb: number; growthMb: number }> {
  const samples: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const from = client.events.length;
    await client.ask("message", { text: turn % 2 ? "tell me a joke please" : "what is six times seven" });
    await client.next("tts_progress", { from });
    await pause(300);
    await client.ask("interrupt");
    await client.next("turn_end", { from });
    samples.push((await client.ask("get_system_info", {}, "system_info")).data.memory.rss / 1e6);
  }
  const fifth = Math.max(1, Math.floor(samples.length / 5));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    endMb: samples.at(-1)!,
    growthMb: mean(samples.slice(-fifth)) - mean(samples.slice(-2 * fifth, -fifth)),
  };
}
