/** ALSA without a sound server, through `arecord` and `aplay`. */
import { ParleyError } from "../../pipeline/errors.ts";
import type { AudioBackend, DeviceInfo } from "./device.ts";
import { processLoudspeaker, processMicrophone, type SoundProgram } from "./process.ts";
import type { ProgramBackendOptions } from "./pulse.ts";

/** Sound moves in stretches of 10 ms, of which the device holds a few: fewer and it stutters. */
const PERIOD_MS = 10;
const CAPTURE_BUFFER_MS = 100;
const PLAYBACK_BUFFER_MS = 60;

/** The backend. The device `default` goes through ALSA's own configuration, which changes rates. */
export function alsaBackend({ clock, environment }: ProgramBackendOptions): AudioBackend {
  const program = (command: string, bufferMs: number, id = "default") => (rateHz: number): SoundProgram => ({
    command,
    args: [
      "--quiet",
      "--file-type=raw",
      "--format=FLOAT_LE",
      "--channels=1",
      `--rate=${rateHz}`,
      `--period-time=${PERIOD_MS * 1000}`,
      `--buffer-time=${bufferMs * 1000}`,
      `--device=${id}`,
    ],
    ...(environment && { environment }),
  });
  return {
    name: "ALSA",
    devices: async () => ({
      inputs: await cards("arecord", environment),
      outputs: await cards("aplay", environment),
    }),
    microphone: (id) =>
      processMicrophone({ clock, program: program("arecord", CAPTURE_BUFFER_MS, id), latencyMs: PERIOD_MS }),
    loudspeaker: (id) =>
      processLoudspeaker({
        clock,
        program: program("aplay", PLAYBACK_BUFFER_MS, id),
        latencyMs: PLAYBACK_BUFFER_MS,
      }),
  };
}

/** `card 1: PCH [HDA Intel PCH], device 0: ALC257 Analog [ALC257 Analog]` */
const CARD = /^card \d+: (\S+) \[(.*?)\], device (\d+): .*?\[(.*?)\]/gm;

/** The cards there are, and the configured default where a program can open one. */
async function cards(
  command: "arecord" | "aplay",
  environment?: Readonly<Record<string, string>>,
): Promise<DeviceInfo[]> {
  const listed = await run(command, ["--list-devices"], environment);
  const found = [...listed.matchAll(CARD)].map(([, card, cardName, device, name]) => ({
    id: `plughw:CARD=${card},DEV=${device}`,
    name: `${cardName}, ${name}`,
    isDefault: false,
  }));
  const names = await run(command, ["--list-pcms"], environment);
  const hasDefault = /^default$/m.test(names) && (found.length > 0 || /^pulse$|^pipewire$/m.test(names));
  return hasDefault ? [{ id: "default", name: "ALSA default", isDefault: true }, ...found] : found;
}

async function run(
  command: string,
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stderr: "null",
      env: { LC_ALL: "C", ...environment },
    }).output();
    return new TextDecoder().decode(stdout);
  } catch (cause) {
    throw new ParleyError("DEVICE_ERROR", `${command} is not installed; install alsa-utils.`, { cause });
  }
}
