/** Which way to reach sound. A new backend is one file and one line here. */
import type { Clock } from "../../pipeline/clock.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { alsaBackend } from "./alsa.ts";
import type { AudioBackend, Devices } from "./device.ts";
import { nullBackend } from "./null.ts";
import { pulseBackend } from "./pulse.ts";
import { wavBackend } from "./wav.ts";
import { webAudioBackend } from "./web_audio.ts";

/** What a backend may need to be made. */
export interface BackendOptions {
  readonly clock: Clock;
  /** Added to the environment of programs that reach the sound server. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Files of the backend `wav`. */
  readonly wavInput?: string;
  readonly wavOutput?: string;
}

/** The backends there are. */
export const BACKENDS = {
  pulse: (options) => pulseBackend(options),
  alsa: (options) => alsaBackend(options),
  web_audio: ({ clock }) => webAudioBackend({ clock }),
  wav: ({ clock, wavInput, wavOutput }) =>
    wavBackend({ clock, ...(wavInput && { input: wavInput }), ...(wavOutput && { output: wavOutput }) }),
  null: ({ clock }) => nullBackend({ clock }),
} as const satisfies Readonly<Record<string, (options: BackendOptions) => AudioBackend>>;

/** A backend's name in the settings. */
export type BackendName = keyof typeof BACKENDS;

/** What was chosen. */
export interface ChosenBackend {
  readonly backend: AudioBackend;
  /** What it reaches now. */
  readonly devices: Devices;
  /** In one sentence: why there is no sound and what to do. Absent where there is. */
  readonly problem?: string;
}

/** Tried in this order. Linux's sound servers outlive the loss of a device better than a library inside us. */
const AUTOMATIC: Readonly<Record<string, readonly BackendName[]>> = {
  linux: ["pulse", "alsa"],
  darwin: ["web_audio"],
  windows: ["web_audio"],
};

/** The named backend, or for `auto` the first that reaches a device; without any, the silent one. Never throws. */
export async function chooseBackend(
  preference: BackendName | "auto",
  options: BackendOptions,
): Promise<ChosenBackend> {
  const names = preference === "auto" ? AUTOMATIC[Deno.build.os] ?? ["web_audio"] : [preference];
  const problems: string[] = [];
  for (const name of names) {
    const backend = BACKENDS[name](options);
    try {
      const devices = await backend.devices();
      if (preference !== "auto" || devices.inputs.length + devices.outputs.length > 0) {
        return { backend, devices };
      }
      problems.push(`${backend.name} has no devices`);
    } catch (error) {
      problems.push(
        error instanceof ParleyError ? error.message.replace(/\.$/, "") : `${backend.name} fails`,
      );
    }
  }
  return {
    backend: BACKENDS.null(options),
    devices: { inputs: [], outputs: [] },
    problem: `There is no sound device (${
      problems.join("; ")
    }): text, the demo and clients' own audio still work.`,
  };
}
