/** What every failure of a remote engine must be like. */
import assert from "node:assert/strict";
import { ParleyError } from "../../../../pipeline/errors.ts";

/** A key that no message may hold. */
export const KEY = "sk-not-to-be-told";

/** The promise rejects with such a `ParleyError`, whose message is a sentence without a secret. */
export async function assertFails(promise: Promise<unknown>, code: string, message = /./): Promise<void> {
  await assert.rejects(promise, (error) => {
    assert.ok(error instanceof ParleyError, String(error));
    assert.equal(error.code, code, error.message);
    assert.match(error.message, /^[A-Z].*[.?]$/);
    assert.match(error.message, message);
    assert.ok(!Deno.inspect(error, { depth: 20 }).includes(KEY), "tells the key");
    return true;
  });
}
