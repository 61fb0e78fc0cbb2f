import assert from "node:assert/strict";
import type { AudioFrame, Microphone } from "../../../pipeline/audio.ts";
import { channel } from "../../../pipeline/channel.ts";
import { systemClock } from "../../../pipeline/clock.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { starterFiles } from "../../../models/selection.ts";
import {
  checkDeno,
  checkDisk,
  checkMemory,
  checkMicrophone,
  checkModels,
  checkPermissions,
  checkPort,
  checkSound,
} from "../../../src/cli/doctor_checks.ts";
import { isWholeOnnx } from "../../../src/cli/onnx_file.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";

const STARTER = starterFiles();

Deno.test("doctor: this machine's Deno, permissions, disk and memory are in order", async () => {
  for (const result of [checkDeno(), await checkPermissions(), await checkDisk(), checkMemory()]) {
    assert.equal(result.ok, true, result.message);
    assert.equal(result.remedy, undefined);
  }
});

Deno.test("doctor: an old Deno is told, a newer one is not", () => {
  assert.equal(checkDeno("2.8.9").ok, false);
  assert.equal(checkDeno("1.46.0").ok, false);
  assert.equal(checkDeno("2.10.0").ok, true);
  assert.equal(checkDeno("3.0.0").ok, true);
});

Deno.test("doctor: says which permissions are missing", async () => {
  const result = await checkPermissions((name) => Promise.resolve(name !== "run" && name !== "ffi"));
  assert.equal(result.ok, false);
  assert.match(result.remedy!, /--allow-run --allow-ffi/);
});

Deno.test("doctor: a port in use, a free one, and an address that is not here", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const taken = checkPort({ host: "127.0.0.1", port });
  assert.equal(taken.ok, false);
  assert.match(taken.message, /in use/);
  assert.equal(checkPort({ host: "127.0.0.1", port: 0 }).ok, true);
  assert.match(checkPort({ host: "192.0.2.1", port: 0 }).message, /Cannot listen on 192\.0\.2\.1/);
});

Deno.test("doctor: the starter models are whole", async () => {
  const result = await checkModels(STARTER);
  assert.equal(result.ok, true, result.message);
});

Deno.test("doctor: a missing, broken or cut-off model file is named", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(`${folder}/onnx`);
    Deno.writeTextFileSync(`${folder}/config.json`, "{");
    Deno.writeFileSync(
      `${folder}/onnx/model.onnx`,
      Deno.readFileSync(new URL(STARTER[0]!)).subarray(0, -1000),
    );
    const { ok, message, remedy } = await checkModels([`file://${folder}/`]);
    assert.equal(ok, false);
    assert.match(message, /config\.json is not JSON/);
    assert.match(message, /tokenizer\.json is missing/);
    assert.match(message, /model\.onnx is not a whole ONNX model/);
    assert.match(remedy!, /models\/starter/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("doctor: a model cut off anywhere is not whole", () => {
  const model = Deno.readFileSync(new URL(STARTER[0]!));
  assert.equal(isWholeOnnx(model), true);
  for (const share of [0.001, 0.1, 0.5, 0.999]) {
    assert.equal(isWholeOnnx(model.subarray(0, Math.floor(model.length * share))), false, String(share));
  }
});

Deno.test("doctor: a web page, a pointer file or nothing is no model", () => {
  for (
    const text of ["", "<!DOCTYPE html><title>404</title>", "version https://git-lfs.github.com/spec/v1\n"]
  ) {
    assert.equal(isWholeOnnx(new TextEncoder().encode(text)), false, text);
  }
});

Deno.test("doctor: sound needs a microphone and a loudspeaker", async () => {
  const found = (microphones: string[], loudspeakers: string[]) =>
    checkSound(() => Promise.resolve({ backend: "pulse", microphones, loudspeakers }));
  assert.equal((await found(["a"], ["b"])).ok, true);
  assert.match((await found([], ["b"])).message, /0 microphones and 1 loudspeakers by pulse/);
  const failed = await checkSound(() =>
    Promise.reject(new ParleyError("DEVICE_ERROR", "There is no sound server."))
  );
  assert.equal(failed.message, "There is no sound server.");
  assert.ok(failed.remedy);
});

/** Delivers frames of 100 ms at `amplitude` for as long as anybody listens. */
function humming(amplitude: number): Microphone {
  return {
    async *open({ signal, sampleRateHz }): AsyncIterable<AudioFrame> {
      for (let startMs = 0;; startMs += 100) {
        await settle();
        signal.throwIfAborted();
        const samples = new Float32Array(sampleRateHz / 10).fill(amplitude);
        yield { samples, sampleRateHz, startMs, gap: false };
      }
    },
  };
}

Deno.test("doctor: a microphone that hears, one that is muted, one that is lost", async () => {
  const heard = await checkMicrophone(humming(0.01), systemClock);
  assert.deepEqual([heard.ok, heard.message], [true, "-40 dB"]);
  const muted = await checkMicrophone(humming(0), systemClock);
  assert.equal(muted.ok, false);
  assert.match(muted.message, /digital silence/);
  const lost: Microphone = {
    open() {
      throw new ParleyError("DEVICE_ERROR", "The microphone is gone.");
    },
  };
  assert.equal((await checkMicrophone(lost, systemClock)).message, "The microphone is gone.");
});

Deno.test("doctor: a microphone that delivers nothing is not waited for longer than five seconds", async () => {
  const clock = new FakeClock();
  const dead: Microphone = {
    open: ({ signal }) => channel<AudioFrame>({ capacity: 1, signal }),
  };
  const checking = checkMicrophone(dead, clock);
  await clock.advance(5000);
  const { ok, message } = await checking;
  assert.equal(ok, false);
  assert.match(message, /delivers nothing/);
});

Deno.test("doctor: too little memory is told with what is needed", () => {
  const { ok, remedy } = checkMemory(300e6);
  assert.equal(ok, false);
  assert.match(remedy!, /700 MB/);
});
