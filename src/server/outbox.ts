/** What waits to be sent to one client. A client that reads too slowly loses progress first, then its connection. */
import { type AudioFrame, samplesToPcm16 } from "../../pipeline/audio.ts";
import type { Batched, BatchTimer } from "./batch_timer.ts";

/** What of a socket an outbox needs. */
export interface OutboxSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code: number, reason: string): void;
}

/** Close code "try again later": the client was too slow. */
const TOO_SLOW = 1013;

/** Sends at once while the client keeps up, or in batches to a client that takes them. */
export class Outbox implements Batched {
  /** Progress events and sound left out because the client was slow. */
  dropped = 0;
  readonly #socket: OutboxSocket;
  readonly #capacityBytes: number;
  readonly #batches: BatchTimer;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #isBatching = false;

  constructor(socket: OutboxSocket, capacityBytes: number, batches: BatchTimer) {
    this.#socket = socket;
    this.#capacityBytes = capacityBytes;
    this.#batches = batches;
  }

  /** Events that come together are sent as one message, a JSON array. */
  get isBatching(): boolean {
    return this.#isBatching;
  }

  set isBatching(wanted: boolean) {
    this.flush();
    this.#isBatching = wanted;
  }

  /**
   * `droppable`: progress or sound. Everything else either arrives or ends the connection. False once there is
   * nobody to send to.
   */
  send(data: string | Uint8Array<ArrayBuffer>, droppable = false): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    const waitingBytes = this.#socket.bufferedAmount + this.#waitingBytes;
    // Progress stops at half the room, so that results still find some.
    if (droppable && waitingBytes > this.#capacityBytes / 2) this.dropped++;
    else if (waitingBytes > this.#capacityBytes) this.#socket.close(TOO_SLOW, "Reads too slowly");
    else if (this.#isBatching && typeof data === "string") this.#add(data);
    else {
      this.flush(); // Nothing overtakes what came before it.
      this.#socket.send(data);
    }
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Sends what waits. */
  flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(waiting.length === 1 ? waiting[0]! : `[${waiting.join(",")}]`);
  }

  /** Sends what waits and ends the connection. */
  close(code: number, reason: string): void {
    this.flush();
    this.#socket.close(code, reason);
  }

  #add(event: string): void {
    this.#waitingBytes += event.length;
    if (this.#waiting.push(event) === 1) this.#batches.request(this);
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
