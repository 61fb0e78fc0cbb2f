/** What a way of reaching microphones and loudspeakers must offer. */
import type { Loudspeaker, Microphone } from "../../pipeline/audio.ts";

/** A microphone or loudspeaker that can be chosen. */
export interface DeviceInfo {
  readonly id: string;
  /** As a person knows it. */
  readonly name: string;
  readonly isDefault: boolean;
}

/** The devices there are. */
export interface Devices {
  readonly inputs: readonly DeviceInfo[];
  readonly outputs: readonly DeviceInfo[];
}

/** One sound system. */
export interface AudioBackend {
  /** As a person knows it. */
  readonly name: string;
  /** Lists devices. Throws `DEVICE_ERROR` when the sound system does not answer. */
  devices(): Promise<Devices>;
  /** A microphone by its id, or the default one. Nothing is opened before its `open()`. */
  microphone(id?: string): Microphone;
  /** A loudspeaker, likewise. */
  loudspeaker(id?: string): Loudspeaker;
}
