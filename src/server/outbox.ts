/** What waits to be sent to one client. A client that reads too slowly loses progress first, then its connection. */
import { type AudioFrame, samplesToPcm16 } from "../../pipeline/audio.ts";

/** What of a socket an outbox needs. */
export interface OutboxSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code: number, reason: string): void;
}

/** Close code "try again later": the client was too slow. */
const TOO_SLOW = 1013;

/** Sends at once while the client keeps up. */
export class Outbox {
  /** Progress events and sound left out because the client was slow. */
  dropped = 0;
  readonly #socket: OutboxSocket;
  readonly #capacityBytes: number;

  constructor(socket: OutboxSocket, capacityBytes: number) {
    this.#socket = socket;
    this.#capacityBytes = capacityBytes;
  }

  /**
   * `droppable`: progress or sound. Everything else either arrives or ends the connection. False once there is
   * nobody to send to.
   */
  send(data: string | Uint8Array<ArrayBuffer>, droppable = false): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    const { bufferedAmount } = this.#socket;
    // Progress stops at half the room, so that results still find some.
    if (droppable && bufferedAmount > this.#capacityBytes / 2) this.dropped++;
    else if (bufferedAmount > this.#capacityBytes) this.#socket.close(TOO_SLOW, "Reads too slowly");
    else this.#socket.send(data);
    return this.#socket.readyState === WebSocket.OPEN;
  }
}

/** Sound as clients get it: the number of its `tts_progress`, its rate (both uint32, little-endian), PCM16 mono. */
export function soundFrame(seq: number, { samples, sampleRateHz }: AudioFrame): Uint8Array<ArrayBuffer> {
  const pcm = samplesToPcm16(samples);
  const frame = new Uint8Array(8 + pcm.length);
  const header = new DataView(frame.buffer);
  header.setUint32(0, seq, true);
  header.setUint32(4, sampleRateHz, true);
  frame.set(pcm, 8);
  return frame;
}
