import assert from "node:assert/strict";
import { apiKeyOf } from "../../../../models/engines/remote/api_key.ts";
import { assertFails, KEY } from "./assert_fails.ts";

async function withFile(content: string | Uint8Array, body: (path: string) => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, typeof content === "string" ? new TextEncoder().encode(content) : content);
    await body(path);
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("api key: none is named, none is used", async () => {
  assert.equal(await apiKeyOf({}), undefined);
});

Deno.test("api key: a variable holds it", async () => {
  const name = "PARLEY_TEST_API_KEY";
  await assertFails(apiKeyOf({ api_key_env: name }), "VALIDATION_ERROR", /PARLEY_TEST_API_KEY/);
  try {
    Deno.env.set(name, `${KEY}\n`);
    assert.equal(await apiKeyOf({ api_key_env: name }), KEY);
    Deno.env.set(name, `${KEY}\r\nx-injected: yes`);
    await assertFails(apiKeyOf({ api_key_env: name }), "VALIDATION_ERROR", /PARLEY_TEST_API_KEY/);
  } finally {
    Deno.env.delete(name);
  }
});

Deno.test("api key: a file holds it, and nothing else", async () => {
  await withFile(`${KEY}\n`, async (path) => {
    assert.equal(await apiKeyOf({ api_key_file: path }), KEY);
  });
  const wrong = ["", "\n", `${KEY}\n${KEY}`, new Uint8Array(100).fill(0xff), "a".repeat(100_000)];
  for (const content of wrong) {
    await withFile(content, (path) => assertFails(apiKeyOf({ api_key_file: path }), "VALIDATION_ERROR"));
  }
});

Deno.test("api key: a file that is not there is NOT_FOUND, and its path is not told", async () => {
  await assertFails(apiKeyOf({ api_key_file: "/no/such/key" }), "NOT_FOUND", /^[^/]*$/);
  await assertFails(apiKeyOf({ api_key_file: "/" }), "NOT_FOUND", /^[^/]*$/);
});

Deno.test("api key: it is in one place only", async () => {
  await assertFails(apiKeyOf({ api_key_env: "A", api_key_file: "b" }), "VALIDATION_ERROR", /only one/);
});
