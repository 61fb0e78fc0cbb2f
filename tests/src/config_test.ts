import assert from "node:assert/strict";
import { exampleSettings } from "../../src/example_settings.ts";
import { readConfig } from "../../src/config.ts";
import { settings, settingsHelp } from "../../src/settings.ts";

const read = (flags: string[] = [], environment: Record<string, string> = {}, file?: string) =>
  readConfig({ flags, environment, ...(file !== undefined && { file }) }).config;

Deno.test("config: flags win over the environment, that over the file, that over defaults", () => {
  assert.equal(read().port, 8765);
  assert.equal(read([], {}, "port = 1000").port, 1000);
  assert.equal(read([], { PARLEY_PORT: "2000" }, "port = 1000").port, 2000);
  assert.equal(read(["--port", "3000"], { PARLEY_PORT: "2000" }, "port = 1000").port, 3000);
});

Deno.test("config: every setting has a flag, a variable and a line of help", () => {
  assert.ok(settings.length > 20);
  for (const { flag, variable, description } of settings) {
    assert.match(flag, /^[a-z][a-z0-9-]*$/);
    assert.match(variable, /^PARLEY_[A-Z0-9_]+$/);
    assert.ok(description, `${flag} says what it is`);
    assert.ok(settingsHelp().includes(`--${flag}`));
  }
});

Deno.test("config: nested settings, lists and switches are read from anywhere", () => {
  const config = read(["--continuous", "--turn-taking-endpoint-ms=500"], {
    PARLEY_ALLOWED_ORIGINS: "https://a.example, https://b.example",
    PARLEY_DEVELOPMENT: "yes",
  }, '[audio]\nbackend = "null"');
  assert.equal(config.continuous, true);
  assert.equal(config.turn_taking.endpoint_ms, 500);
  assert.deepEqual(config.allowed_origins, ["https://a.example", "https://b.example"]);
  assert.equal(config.development, true);
  assert.equal(config.audio.backend, "null");
  assert.equal(read(["--no-continuous"], {}, "continuous = true").continuous, false);
});

Deno.test("config: what is wrong is named, with what is allowed", () => {
  const wrong: [Parameters<typeof read>, RegExp][] = [
    [[["--port", "x"]], /--port is "x", not a number/],
    [[["--port", "99999"]], /port is 99999: .*65535/],
    [[["--nonsense"]], /nonsense.*--help/],
    [[[], { PARLEY_CONTINUOUS: "perhaps" }], /PARLEY_CONTINUOUS is "perhaps"; use true or false/],
    [[[], {}, "nonsense = 1"], /no setting nonsense/],
    [[[], {}, "[audio]\nbackend = 'gramophone'"], /audio\.backend is "gramophone": .*"pulse"/],
    [[[], {}, "port = "], /not valid TOML/],
    [[[], {}, "audio = 3"], /audio/],
    [[["--turn-taking-pause-ms", "900"]], /pause_ms must not exceed endpoint_ms/],
    [[["--token", "short"]], /token: Too small/], // And not what it was.
  ];
  for (const [parameters, message] of wrong) {
    assert.throws(() => read(...parameters), { code: "VALIDATION_ERROR", message });
  }
});

Deno.test("config: the example says what is the default, and all of it can be uncommented", () => {
  const example = exampleSettings();
  const uncommented = example.replace(/^# (?=\[|\w+ = )/gm, "");
  const config = read([], {}, uncommented);
  const { personalities, workflows, hooks, ...rest } = config;
  assert.deepEqual({ ...rest, personalities: {}, workflows: {}, hooks: [] }, read([]));
  assert.deepEqual([Object.keys(personalities), Object.keys(workflows), hooks.length], [["pirate"], [
    "morning",
  ], 1]);
  for (const { path, description } of settings) {
    assert.ok(example.includes(`# ${path.at(-1)} = `) && example.includes(description), path.join("."));
  }
  assert.deepEqual(read([], {}, example), read([]), "as it is, it changes nothing");
});

Deno.test("config: a settings file names tables that flags cannot, and each is checked", () => {
  const file = (text: string) => () => read([], {}, text);
  assert.throws(file("personality = 'nobody'"), { message: /personality is "nobody".*\[personalities\]/ });
  assert.throws(file("[[hooks]]\nname = 'x'\nevents = ['*']"), {
    message: /hooks\.0.*either url or command/,
  });
  assert.throws(file("[personalities.pirate]\nvoise = 'rms'"), { message: /personalities\.pirate\.voise/ });
  assert.throws(file("[sessions]\nresume_s = -1"), { message: /sessions\.resume_s is -1/ });
});
