/** A hundred thousand messages that no client of ours would send. */
import assert from "node:assert/strict";
import { type CommandName, COMMANDS } from "../../../src/protocol/commands.ts";
import { BatchTimer } from "../../../src/server/batch_timer.ts";
import { Client } from "../../../src/server/client.ts";
import { Outbox } from "../../../src/server/outbox.ts";
import { SessionRegistry } from "../../../src/sessions/registry.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { fakeSession } from "../../support/fake_session.ts";
import { placesOf, seeded, valueOf, withAt } from "../../support/generated.ts";
import { LIMITS } from "../../support/server_stage.ts";

const MESSAGES = 100_000;
const names = Object.keys(COMMANDS) as CommandName[];
type Random = (below: number) => number;

const WRONG = [null, true, -1, 0.5, 1e308, "", "\u0000", "x".repeat(300), [], [[]], {}, { a: { b: [1] } }];

/** A valid command, more or less. */
function command(random: Random, id: string): Record<string, unknown> {
  const type = names[random(names.length)]!;
  return { type, data: valueOf(COMMANDS[type], random), id };
}

/** Each makes one kind of message. */
const KINDS: readonly ((random: Random, id: string) => string | ArrayBuffer)[] = [
  (random) => String.fromCharCode(...Array.from({ length: random(200) }, () => random(65_536))),
  (random) => Uint8Array.from({ length: random(300) }, () => random(256)).buffer,
  (random, id) => JSON.stringify(command(random, id)),
  function bitsOfOne(random, id) {
    const text = [...JSON.stringify(command(random, id))];
    for (let i = 1 + random(4); i > 0; i--) text[random(text.length)] = String.fromCharCode(32 + random(96));
    return text.join("");
  },
  (random, id) => JSON.stringify(command(random, id)).slice(0, random(80)),
  function wrongSomewhere(random, id) {
    const { type, data } = command(random, id);
    const places = placesOf(COMMANDS[type as CommandName]);
    const { path, wrong } = places[random(places.length)] ?? { path: [], wrong: WRONG };
    return JSON.stringify({ type, data: withAt(data, path, wrong[random(wrong.length)]), id });
  },
  (random, id) =>
    JSON.stringify({
      ...command(random, id),
      [["type", "data", "id"][random(3)]!]: WRONG[random(WRONG.length)],
    }),
  (random, id) => `{"type":"ping","id":"${id}","data":${"[".repeat(random(3000))}`,
];

Deno.test("fuzz: a hundred thousand messages, no crash, an answer to each id, nothing kept", async () => {
  const local = fakeSession("local", 1000);
  const sessions = new SessionRegistry({
    capacity: 3,
    create: (id) => fakeSession(id, 1000),
    clock: new FakeClock(),
    resumeMs: 1000,
  });
  sessions.add(local);
  using batches = new BatchTimer();
  const answers = new Map<string, number>();
  const take = (event: { id?: string }) => {
    if (event.id !== undefined) answers.set(event.id, (answers.get(event.id) ?? 0) + 1);
  };
  const socket = {
    readyState: WebSocket.OPEN,
    bufferedAmount: 0,
    send(data: string | Uint8Array) {
      if (typeof data !== "string") return;
      const message = JSON.parse(data);
      (Array.isArray(message) ? message : [message]).forEach(take);
    },
    close: (code: number) => assert.fail(`closed with ${code}`),
  };
  const random = seeded(20_261_121);
  const outbox = new Outbox(socket, 1e9, batches);
  const limits = { ...LIMITS, commandsPerSecond: 1e9 };
  using client = new Client({ outbox, sessions, limits, clients: () => 1, count: () => {} });
  client.open("local", {});
  let asked = 0;
  for (let i = 0; i < MESSAGES; i++) {
    const text = KINDS[i % KINDS.length]!(random, `id-${i}`);
    const id = idOf(text);
    client.receive(text);
    if (id !== undefined) {
      asked++;
      await settled();
      assert.equal(answers.get(id), 1, `${text}`);
    }
    answers.clear();
    local.asked.length = 0;
  }
  assert.ok(asked > MESSAGES / 3, `${asked}`);
  assert.ok(sessions.counts.sessions <= 3);
  assert.ok(local.session.logSize.events <= 1300);
  await sessions[Symbol.asyncDispose]();
});

/** The id that must be answered, if the message has one. */
function idOf(message: string | ArrayBuffer): string | undefined {
  try {
    const value: unknown = JSON.parse(String(message));
    if (typeof value !== "object" || value === null || !("id" in value)) return undefined;
    return typeof value.id === "string" && value.id.length <= 200 ? value.id : undefined;
  } catch {
    return undefined;
  }
}

/** Long enough for the handlers, which wait for nothing but each other. */
async function settled(): Promise<void> {
  for (let i = 0; i < 12; i++) await Promise.resolve();
}
