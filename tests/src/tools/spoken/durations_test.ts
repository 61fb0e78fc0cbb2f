import assert from "node:assert/strict";
import { durationAdjective, parseDuration } from "../../../../src/tools/spoken/durations.ts";

Deno.test("durations: as people and models say them, in seconds", () => {
  const cases: Record<string, number> = {
    "ten minutes": 600,
    "ten minute": 600,
    "one hour": 3600,
    "an hour": 3600,
    "a minute": 60,
    "half an hour": 1800,
    "a half hour": 1800,
    "an hour and a half": 5400,
    "one and a half hours": 5400,
    "a quarter of an hour": 900,
    "three quarters of an hour": 2700,
    "two hours and a quarter": 8100,
    "ninety seconds": 90,
    "two minutes and thirty seconds": 150,
    "five and a half minutes": 330,
    "one hundred twenty seconds": 120,
    "two days": 172_800,
    "90s": 90,
    "1h 30m": 5400,
    "1 hour, 5 minutes": 3900,
  };
  for (const [text, seconds] of Object.entries(cases)) {
    assert.equal(parseDuration(text), seconds * 1000, text);
  }
});

Deno.test("durations: anything else is refused with an example", () => {
  for (
    const text of [
      "",
      "ten",
      "minutes",
      "ten minuets",
      "two minutes and",
      "thirty seconds and two minutes",
      "two minutes three minutes",
      "nineteen ninety seconds",
      "ten minutes ago",
    ]
  ) {
    assert.throws(() => parseDuration(text), { code: "VALIDATION_ERROR", message: /ten minutes/ }, text);
  }
});

Deno.test("durations: spoken back as an adjective", () => {
  const said = (text: string) => durationAdjective(parseDuration(text));
  assert.equal(said("600 seconds"), "ten minute");
  assert.equal(said("ninety seconds"), "ninety second");
  assert.equal(said("an hour and a half"), "one hour and thirty minute");
  assert.equal(said("two minutes and thirty seconds"), "two minute and thirty second");
  assert.equal(said("one hour one minute one second"), "one hour and one minute and one second");
});
