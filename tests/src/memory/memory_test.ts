import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { openMemory } from "../../../src/memory/memory.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const clock = new FakeClock();

function remembering(...texts: string[]) {
  const memory = openMemory({ clock });
  for (const text of texts) memory.store(text);
  return memory;
}

/** A folder that is gone when the test is over. */
function temporaryFolder() {
  const path = Deno.makeTempDirSync();
  return { path, [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }) };
}

const FACTS = [
  "my keys are in the blue bag",
  "my favorite color is blue",
  "my favorite food is pizza",
  "i live in london",
  "i like sushi",
  "my sister is called kate",
  "i parked on level five",
  "i am allergic to eggs",
  "my meeting is at half past nine",
];

Deno.test("memory: finds by the telling words of the question, in any form", () => {
  using memory = remembering(...FACTS);
  const cases: Record<string, string[]> = {
    "keys": ["my keys are in the blue bag"],
    "key": ["my keys are in the blue bag"],
    "favorite color": ["my favorite color is blue"],
    "where i live": ["i live in london"],
    "where do i live": ["i live in london"],
    "what does my sister's": ["my sister is called kate"],
    "parking": ["i parked on level five"],
    "ALLERGIC": ["i am allergic to eggs"],
    "liked": ["i like sushi"],
    "blue": ["my favorite color is blue", "my keys are in the blue bag"],
  };
  for (const [query, texts] of Object.entries(cases)) {
    assert.deepEqual(memory.search(query, 5).map(({ text }) => text), texts, query);
  }
});

Deno.test("memory: finds nothing rather than something else", () => {
  using memory = remembering(...FACTS);
  for (const query of ["favorite movie", "dog", "where am i", "", "?!", "colo*", "sister OR keys", "my"]) {
    assert.deepEqual(memory.search(query, 5), [], query);
  }
});

Deno.test("memory: nothing in a query is read as search syntax", () => {
  using memory = remembering('say "hello" AND wave', "near the door");
  assert.equal(memory.search('"hello" AND', 5)[0]?.text, 'say "hello" AND wave');
  for (
    const query of ['"', "NEAR(", "text:door", "door*", "^door", "door -near", "'; DROP TABLE memories; --"]
  ) {
    assert.doesNotThrow(() => memory.search(query, 5), query);
  }
  assert.equal(memory.list().length, 2);
});

Deno.test("memory: of the same subject the newest comes first, whatever its length", () => {
  using memory = remembering(
    "my keys are in the car",
    "my favorite color is blue",
    "my keys are on the top shelf of the wardrobe",
    "my favorite color is a very dark red",
  );
  assert.match(memory.search("keys", 1)[0]!.text, /shelf/);
  assert.deepEqual(memory.search("favorite color", 5).map(({ text }) => text), [
    "my favorite color is a very dark red",
    "my favorite color is blue",
  ]);
});

Deno.test("memory: the same text again keeps its id and becomes the newest", async () => {
  using memory = openMemory({ clock });
  const first = memory.store("my keys are in the car");
  memory.store("my keys are at home");
  await clock.advance(1000);
  assert.deepEqual(memory.store(" My keys  are in the CAR "), first);
  assert.deepEqual(memory.list().map(({ text }) => text), ["my keys are in the car", "my keys are at home"]);
});

Deno.test("memory: what is forgotten is neither listed nor found", () => {
  using memory = openMemory({ clock });
  const { memoryId } = memory.store("the code is one two three");
  memory.forget(memoryId);
  assert.deepEqual(memory.list(), []);
  assert.deepEqual(memory.search("code", 5), []);
  assert.throws(() => memory.forget(memoryId), { code: "NOT_FOUND" });
  assert.throws(() => memory.forget("1 OR 1=1"), { code: "NOT_FOUND" });
  assert.notEqual(memory.store("the code is four").memoryId, memoryId);
});

Deno.test("memory: texts and results are bounded", () => {
  using memory = remembering("a good day", "a good week", "a good year");
  assert.equal(memory.search("good", 2).length, 2);
  assert.equal(memory.search("good", -1).length, 0);
  assert.throws(() => memory.store("  "), { code: "VALIDATION_ERROR" });
  assert.throws(() => memory.store("x".repeat(1001)), { code: "PAYLOAD_TOO_LARGE" });
  assert.doesNotThrow(() => memory.search("word ".repeat(100_000) + "good", 5));
});

Deno.test("memory: holds no more than its limit, until something is forgotten", () => {
  using memory = openMemory({ clock });
  for (let i = 0; i < 10_000; i++) memory.store(`fact number ${i}`);
  assert.throws(() => memory.store("one more"), { code: "CONFLICT" });
  assert.equal(memory.store("fact number 7").text, "fact number 7");
  memory.forget(memory.list()[0]!.memoryId);
  assert.equal(memory.store("one more").text, "one more");
});

Deno.test("memory: survives in its file, also when the process dies without closing it", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/memory.db`;
  {
    using memory = openMemory({ clock, path });
    memory.store("my keys are in the blue bag");
  }
  {
    using memory = openMemory({ clock, path });
    memory.store("my name is anna");
    // What a process that dies now leaves behind: the file and its write-ahead log, as they are.
    for (const end of ["", "-wal"]) Deno.copyFileSync(path + end, `${folder.path}/copy.db${end}`);
  }
  using recovered = openMemory({ clock, path: `${folder.path}/copy.db` });
  assert.deepEqual(recovered.search("keys", 1)[0]?.text, "my keys are in the blue bag");
  assert.deepEqual(recovered.search("name", 1)[0]?.text, "my name is anna");
});

Deno.test("memory: a file that is not its own is refused and left as it is", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/other.db`;
  const files: Record<string, () => void> = {
    "text": () => Deno.writeTextFileSync(path, "a letter to a friend\n".repeat(100)),
    "another program's": () => {
      using database = new DatabaseSync(path);
      database.exec("CREATE TABLE letters (text)");
    },
    "another version's": () => {
      openMemory({ clock, path })[Symbol.dispose]();
      using database = new DatabaseSync(path);
      database.exec("PRAGMA user_version = 99");
    },
  };
  for (const [kind, write] of Object.entries(files)) {
    write();
    const before = Deno.readFileSync(path);
    assert.throws(() => openMemory({ clock, path }), { code: "CONFLICT", recoverable: false }, kind);
    assert.deepEqual(Deno.readFileSync(path), before, kind);
    Deno.removeSync(path);
  }
});

Deno.test("memory: a damaged file is refused and left as it is", () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/memory.db`;
  {
    using memory = openMemory({ clock, path });
    for (let i = 0; i < 500; i++) memory.store(`fact number ${i} ${"and more ".repeat(20)}`);
  }
  const whole = Deno.readFileSync(path);
  const scratched = whole.slice();
  scratched.fill(0xa5, 4096, whole.length / 2);
  for (const damaged of [whole.slice(0, whole.length / 2), scratched]) {
    Deno.writeFileSync(path, damaged);
    assert.throws(() => openMemory({ clock, path }), { code: "UNAVAILABLE", recoverable: false });
    assert.deepEqual(Deno.readFileSync(path), damaged);
  }
});

Deno.test("memory: where there is no folder it says so without naming it", () => {
  using folder = temporaryFolder();
  assert.throws(
    () => openMemory({ clock, path: `${folder.path}/nowhere/memory.db` }),
    (error: Error) => /folder exists/.test(error.message) && !error.message.includes(folder.path),
  );
});
