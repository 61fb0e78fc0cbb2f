/** A real server with services over engines that a test writes down, and OpenAI's own client to ask it. */
import OpenAI from "openai";
import type { Engines } from "../../pipeline/engines.ts";
import type { ServerOptions } from "../../src/server/server.ts";
import type { ServedEngines } from "../../src/services/models.ts";
import { openServices, type ServicesOptions } from "../../src/services/services.ts";
import { fakeEngines } from "./fake_engines.ts";
import { type Stage, stage } from "./server_stage.ts";

/** What of it a test decides. */
export interface ServiceStageOptions extends Partial<Omit<ServicesOptions, "engines">> {
  readonly engines?: Partial<Engines>;
  /** Real engines in the place of fakes. */
  readonly pool?: ServicesOptions["engines"];
  readonly server?: Partial<ServerOptions>;
}

/** What the fake engines are called. */
export const NAMES = {
  vad: "fake-vad",
  turn: "fake-turn",
  stt: "fake-stt",
  llm: "fake-llm",
  tts: "fake-tts",
};

/** A server, where its services are, and a client of them. */
export interface Services extends AsyncDisposable {
  readonly server: Stage;
  readonly url: string;
  readonly client: OpenAI;
}

/** Starts a server with services. Engines that are not given are {@linkcode fakeEngines}. */
export async function serviceStage(options: ServiceStageOptions = {}): Promise<Services> {
  const { engines, pool, server, maxRequests = 4, ...rest } = options;
  const served: ServedEngines = { ...fakeEngines(), names: NAMES, ...engines };
  const services = openServices({
    engines: pool ?? { lease: () => ({ ...served, [Symbol.dispose]: () => {} }) },
    maxRequests,
    ...rest,
  });
  const on = await stage({ ...server, services });
  const url = `${on.http}/v1`;
  return {
    server: on,
    url,
    client: new OpenAI({ baseURL: url, apiKey: "none", maxRetries: 0 }),
    [Symbol.asyncDispose]: () => on[Symbol.asyncDispose](),
  };
}

/** Rejections of OpenAI's client, as `assert.rejects` compares them. */
export function failing(
  status: number,
  message: RegExp,
  more: { param?: string | null; code?: string } = {},
) {
  return { status, message, ...more };
}
