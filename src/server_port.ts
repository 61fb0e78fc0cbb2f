/** What the server as a whole can tell and do, whichever session asks. */
import { systemClock } from "../pipeline/clock.ts";
import type { MachineAudio } from "./audio/machine.ts";
import type { EventLoopLag } from "./event_loop_lag.ts";
import type { MetricsSample } from "./metrics.ts";
import type { ModelService } from "./models/model_service.ts";
import { SERVER_VERSION } from "./protocol/version.ts";
import type { RunningServer } from "./server/server.ts";
import type { ServerPort } from "./sessions/ports.ts";
import type { SessionRegistry } from "./sessions/registry.ts";

/** What the whole server is made of, as far as it tells of itself. */
export interface ServerPortParts {
  readonly models: ModelService;
  readonly audio: MachineAudio;
  readonly lag: EventLoopLag;
  readonly startedMs: number;
  readonly server: () => RunningServer | undefined;
  readonly sessions: () => SessionRegistry;
}

/** What the metrics show of the server as it is now. */
export function metricsSample({ lag, startedMs, server, sessions }: ServerPortParts): MetricsSample {
  return {
    clients: server()?.clients ?? 0,
    sessions: sessions().counts.sessions,
    droppedEvents: server()?.droppedEvents ?? 0,
    residentBytes: Deno.memoryUsage().rss,
    eventLoopLagP99Ms: lag.percentiles().p99,
    uptimeMs: systemClock.now() - startedMs,
  };
}

/** What any session may ask the server as a whole. */
export function serverPort(
  { models, audio, lag, startedMs, server, sessions }: ServerPortParts,
): ServerPort {
  const devices = async () => {
    const { inputs, outputs } = await audio.devices();
    const onWire = ({ id, name, isDefault }: typeof inputs[number]) => ({ id, name, is_default: isDefault });
    return { inputs: inputs.map(onWire), outputs: outputs.map(onWire) };
  };
  return {
    devices: async () => ({ ...await devices(), selected: audio.selected }),
    selectDevice: (choice) => audio.select(choice),
    models,
    eventLoopLag: () => lag.percentiles(),
    droppedEvents: () => server()?.droppedEvents ?? 0,
    async systemInfo() {
      const { rss, heapUsed } = Deno.memoryUsage();
      return {
        version: SERVER_VERSION,
        uptime_ms: Math.round(systemClock.now() - startedMs),
        memory: { rss, heap_used: heapUsed },
        platform: `${Deno.build.os} ${Deno.build.arch}`,
        deno: Deno.version.deno,
        models: models.engines.names,
        devices: await devices(),
        sessions: sessions().counts.sessions,
        clients: server()?.clients ?? 0,
      };
    },
  };
}
