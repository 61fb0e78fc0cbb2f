/** Composition: the one file that knows pipeline, models and everything in src. */
import { type Clock, systemClock } from "../pipeline/clock.ts";
import { ParleyError } from "../pipeline/errors.ts";
import type { Fact } from "../pipeline/events.ts";
import { type MachineAudio, openMachineAudio } from "./audio/machine.ts";
import { nullBackend } from "./audio/null.ts";
import { SwitchableMicrophone } from "./audio/switchable_microphone.ts";
import type { Config } from "./config_schema.ts";
import { EventLoopLag } from "./event_loop_lag.ts";
import { openMemory } from "./memory/memory.ts";
import { ModelService } from "./models/model_service.ts";
import { openObservers } from "./observers.ts";
import { type LocalSession, openSession, type SharedParts } from "./open_session.ts";
import { firstChoices } from "./session_settings.ts";
import type { EventBody } from "./protocol/events.ts";
import { SERVER_VERSION } from "./protocol/version.ts";
import { prepareDashboard } from "./server/dashboard.ts";
import { type RunningServer, type ServerOptions, startServer } from "./server/server.ts";
import { openServices } from "./services/services.ts";
import { metricsSample, serverPort, type ServerPortParts } from "./server_port.ts";
import { LOCAL_SESSION, type OpenSession, SessionRegistry } from "./sessions/registry.ts";
import { SessionStore } from "./sessions/session_store.ts";

/** How the app is started. */
export interface AppOptions {
  /** Called with every fact of the local session. */
  readonly onFact?: (fact: Fact) => void;
  /** Called with everything that happens to models. */
  readonly onModelEvent?: (event: EventBody) => void;
  /** Aborting it ends the app's start; afterwards dispose the app. */
  readonly signal?: AbortSignal;
  /** For child processes that reach the sound server. Default: the process's own. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A server that runs. Disposing ends everything it started. */
export interface App extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly loadMs: number;
  readonly models: ModelService;
  readonly audio: MachineAudio;
  readonly local: LocalSession;
  readonly lag: EventLoopLag;
}

/** Loads the engines, opens the devices, and listens. Leaves nothing behind when any of that fails. */
export async function startApp(config: Config, options: AppOptions = {}): Promise<App> {
  const { onFact = () => {}, environment } = options;
  const clock = systemClock;
  const startedMs = clock.now();
  const ending = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ending.signal]) : ending.signal;
  await using parts = new AsyncDisposableStack();
  parts.defer(() => ending.abort("session_closed"));

  const running: { server?: RunningServer; sessions?: SessionRegistry } = {};
  prepareDashboard();
  // Side by side, and both awaited whatever happens to the other, so that neither is left behind.
  const starting = [
    startModels(config, { ...options, signal, sessions: () => running.sessions?.all() ?? [] })
      .then((models) => parts.use(models)),
    openMachineAudio(config.audio, { clock, signal, ...(environment && { environment }) }),
  ] as const;
  await Promise.allSettled(starting);
  const [models, audio] = await Promise.all(starting);
  const { engines } = models;

  const memory = parts.use(openMemory({ clock, ...(config.memory_file && { path: config.memory_file }) }));
  const lag = parts.use(new EventLoopLag());
  const whole: ServerPortParts = {
    models,
    audio,
    lag,
    startedMs,
    server: () => running.server,
    sessions: () => sessions,
  };
  const observers = parts.use(openObservers({
    config,
    environment: environment ?? Deno.env.toObject(),
    sample: () => metricsSample(whole),
    sessions: () => sessions,
  }));
  const store = openStore(config, clock);
  if (store) parts.use(store);
  const shared: SharedParts = {
    config,
    clock,
    engines,
    memory,
    ...(store && { store }),
    server: serverPort(whole),
    systemInfo: systemInfoSince(startedMs),
    observers,
    signal,
  };
  const sessions = running.sessions = parts.use(sessionsOf(shared));
  const local = openLocal(shared, audio);
  sessions.add(local);
  parts.use(local.session.watch(onFact));
  watchDevices(audio, local);
  const services = openServices({ engines, maxRequests: config.limits.requests });
  const server = running.server = parts.use(
    await startServer({ ...serverOptions(config), sessions, services, metrics: observers.metrics }),
  );
  const loadMs = clock.now() - startedMs;
  local.session.record({ type: "ready", models: engines.names, loadMs }, { atMs: clock.now() });

  // In reverse order of their making: the server before its sessions, those before the engines they use.
  const everything = parts.move();
  return {
    url: server.url,
    port: server.port,
    loadMs,
    models,
    audio,
    local,
    lag,
    async [Symbol.asyncDispose]() {
      await everything.disposeAsync();
    },
  };
}

/** What the assistant can say of the server. */
function systemInfoSince(startedMs: number): SharedParts["systemInfo"] {
  return () => ({
    version: SERVER_VERSION,
    uptimeMs: systemClock.now() - startedMs,
    memoryBytes: Deno.memoryUsage().rss,
  });
}

interface StartModelsOptions extends AppOptions {
  readonly signal: AbortSignal;
  readonly sessions: () => readonly OpenSession[];
}

/** Loads the models, whose doings every session is told of. A voice that none of them has is `NOT_FOUND`. */
async function startModels(
  config: Config,
  { environment = Deno.env.toObject(), signal, onModelEvent = () => {}, sessions }: StartModelsOptions,
): Promise<ModelService> {
  await using stack = new AsyncDisposableStack();
  const models = stack.use(
    await ModelService.start({
      settings: config.models,
      environment,
      signal,
      tell(event) {
        onModelEvent(event);
        for (const { session } of sessions()) session.publish(event);
      },
      onExchange: () => sessions().forEach(({ settings }) => settings.announce()),
    }),
  );
  const { voice } = firstChoices(config);
  const { voices } = models.engines.tts;
  if (voice !== undefined && !voices.includes(voice) && !models.isStoodInFor("tts")) {
    throw new ParleyError("NOT_FOUND", `There is no voice "${voice}"; there are ${voices.join(", ")}.`, {
      recoverable: false,
    });
  }
  stack.move();
  return models;
}

/** The sessions that clients open: without devices, their sound comes from and goes to their clients. */
function sessionsOf(shared: SharedParts): SessionRegistry {
  const { config: { limits, sessions }, clock } = shared;
  return new SessionRegistry({
    capacity: limits.sessions,
    clock,
    resumeMs: sessions.resume_s * 1000,
    create: (id) =>
      openSession(shared, {
        id,
        microphone: new SwitchableMicrophone(),
        loudspeaker: nullBackend({ clock }).loudspeaker(),
      }),
  });
}

/** The session that owns the machine's devices. */
function openLocal(shared: SharedParts, audio: MachineAudio): LocalSession {
  return openSession(shared, {
    id: LOCAL_SESSION,
    microphone: new SwitchableMicrophone(audio.microphone),
    loudspeaker: audio.loudspeaker,
    ...(audio.hasMicrophone && { deviceName: () => audio.microphoneName }),
  });
}

/** Where sessions are kept, if they are to be. */
function openStore({ sessions: { file, keep_days } }: Config, clock: Clock): SessionStore | undefined {
  if (file === undefined) return undefined;
  return new SessionStore({ path: file, nowMs: () => clock.now(), keepMs: keep_days * 86_400_000 });
}

/** A lost device is told once; what was being said to it is complete, as nothing more of it will come. */
function watchDevices(audio: MachineAudio, { session, conversation }: LocalSession): void {
  const tell = (fact: Fact) => session.record(fact, { atMs: systemClock.now() });
  audio.onLost = ({ code, message }) => {
    tell({ type: "error", code, message });
    conversation.endUtterance();
  };
  audio.onBack = () => {
    const { state, muted } = conversation;
    tell({ type: "status", state, muted, detail: "The sound devices are back." });
  };
}

function serverOptions(config: Config): Omit<ServerOptions, "sessions" | "services" | "metrics"> {
  const { host, port, token, allowed_origins, limits, replay_events } = config;
  return {
    hostname: host,
    port,
    ...(token && { token }),
    allowedOrigins: allowed_origins,
    maxClients: limits.clients,
    limits: {
      commandsPerSecond: limits.commands_per_second,
      messageBytes: limits.message_bytes,
      queueBytes: limits.queue_bytes,
      replayEvents: replay_events,
    },
  };
}
