/** PulseAudio and PipeWire, through `parec` and `pacat`. */
import { z } from "zod";
import type { Clock } from "../../pipeline/clock.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import type { AudioBackend, DeviceInfo } from "./device.ts";
import { processLoudspeaker, processMicrophone, type SoundProgram } from "./process.ts";

/** How a backend that runs programs is set up. */
export interface ProgramBackendOptions {
  readonly clock: Clock;
  /** Added to the environment of the programs. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** What the server may hold back in each direction. Less makes it stutter on a busy machine. */
const CAPTURE_LATENCY_MS = 20;
const PLAYBACK_LATENCY_MS = 40;

/** The backend; the sound server changes rates itself. */
export function pulseBackend({ clock, environment }: ProgramBackendOptions): AudioBackend {
  const program = (command: string, latencyMs: number, id?: string) => (rateHz: number): SoundProgram => ({
    command,
    args: [
      "--raw",
      "--format=float32le",
      "--channels=1",
      `--rate=${rateHz}`,
      `--latency-msec=${latencyMs}`,
      "--process-time-msec=10",
      "--client-name=Parley",
      ...(id === undefined ? [] : [`--device=${id}`]),
    ],
    ...(environment && { environment }),
  });
  return {
    name: "PulseAudio",
    devices: async () => {
      const [sources, sinks, server] = await Promise.all([
        list("sources", environment),
        list("sinks", environment),
        info(environment),
      ]);
      // A monitor is a loudspeaker's own sound: the assistant would hear itself.
      const microphones = sources.filter(({ properties }) => properties["device.class"] !== "monitor");
      return {
        inputs: microphones.map((device) => toDevice(device, server.default_source_name)),
        outputs: sinks.map((device) => toDevice(device, server.default_sink_name)),
      };
    },
    microphone: (id) =>
      processMicrophone({
        clock,
        program: program("parec", CAPTURE_LATENCY_MS, id),
        latencyMs: CAPTURE_LATENCY_MS / 2,
      }),
    loudspeaker: (id) =>
      processLoudspeaker({
        clock,
        program: program("pacat", PLAYBACK_LATENCY_MS, id),
        latencyMs: PLAYBACK_LATENCY_MS,
      }),
  };
}

const pulseDevice = z.object({
  name: z.string(),
  description: z.string(),
  properties: z.record(z.string(), z.string()).default({}),
});
const serverInfo = z.object({ default_source_name: z.string(), default_sink_name: z.string() });

function toDevice({ name, description }: z.output<typeof pulseDevice>, defaultName: string): DeviceInfo {
  return { id: name, name: description || name, isDefault: name === defaultName };
}

async function list(what: string, environment?: Readonly<Record<string, string>>) {
  return z.array(pulseDevice).parse(JSON.parse(await pactl(["list", what], environment)));
}

async function info(environment?: Readonly<Record<string, string>>) {
  return serverInfo.parse(JSON.parse(await pactl(["info"], environment)));
}

/** How long the sound server may take to answer. */
const PATIENCE_MS = 2000;

async function pactl(
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<string> {
  let output: Deno.CommandOutput;
  try {
    output = await new Deno.Command("pactl", {
      args: ["--format=json", ...args],
      stdin: "null",
      stderr: "null",
      env: { LC_ALL: "C", ...environment },
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).output();
  } catch (cause) {
    throw new ParleyError("DEVICE_ERROR", "pactl is not installed; install pulseaudio-utils.", { cause });
  }
  if (output.success) return new TextDecoder().decode(output.stdout);
  throw new ParleyError("DEVICE_ERROR", "PulseAudio does not answer; start it or PipeWire.");
}
