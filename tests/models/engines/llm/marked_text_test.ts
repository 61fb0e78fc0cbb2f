import assert from "node:assert/strict";
import { type MarkedPart, MarkedText } from "../../../../models/engines/llm/marked_text.ts";

/** What comes of `pieces`, with neighbouring deltas of one type put together. */
function read(pieces: readonly string[], marked = new MarkedText()): MarkedPart[] {
  const parts = [...pieces.flatMap((piece) => marked.push(piece)), ...marked.end()];
  return parts.reduce<MarkedPart[]>((joined, part) => {
    const last = joined.at(-1);
    if (part.type === "tool_call" || last?.type !== part.type) return [...joined, part];
    return [...joined.slice(0, -1), { ...part, delta: last.delta + part.delta }];
  }, []);
}

const text = (delta: string): MarkedPart => ({ type: "text", delta });
const thought = (delta: string): MarkedPart => ({ type: "thought", delta });
const call = (name: string, args: unknown): MarkedPart => ({ type: "tool_call", name, args });

const ANSWER = "<think>It is < 5 & > 3.</think>Let me look.<tool_call>\n" +
  '{"name": "calculate", "arguments": {"expression": "a <tool> \\"b\\" é"}}\n</tool_call>' +
  '<tool_call>{"name":"get_time"}</tool_call> a < b <thin <tool_cal';
const PARTS = [
  thought("It is < 5 & > 3."),
  text("Let me look."),
  call("calculate", { expression: 'a <tool> "b" é' }),
  call("get_time", {}),
  text(" a < b <thin <tool_cal"),
];

Deno.test("marked text: cut in two at any character it reads the same", () => {
  for (let at = 0; at <= ANSWER.length; at++) {
    assert.deepEqual(read([ANSWER.slice(0, at), ANSWER.slice(at)]), PARTS, `cut at ${at}`);
  }
});

Deno.test("marked text: given one character at a time it reads the same", () => {
  assert.deepEqual(read([...ANSWER]), PARTS);
});

Deno.test("marked text: text is given on at once, but for what may become a mark", () => {
  const marked = new MarkedText();
  assert.deepEqual(marked.push("Hello <"), [text("Hello ")]);
  assert.deepEqual(marked.push("b"), [text("<b")]);
  assert.deepEqual(marked.push("<think>so"), [thought("so")]);
  assert.deepEqual(marked.push(" far</"), [thought(" far")]);
});

Deno.test("marked text: arguments are found under either name, and inside a string", () => {
  const of = (rest: string) => read([`<tool_call>{"name": "f", ${rest}}</tool_call>`]);
  assert.deepEqual(of('"parameters": {"a": 1}'), [call("f", { a: 1 })]);
  assert.deepEqual(of('"arguments": "{\\"a\\": 1}"'), [call("f", { a: 1 })]);
  assert.deepEqual(of('"arguments": null'), [call("f", {})]);
});

for (
  const [what, json, name] of [
    ["cut off", '{"name": "cancel_timer", "arguments": {"la', "cancel_timer"],
    ["without a name", '{"arguments": {}}', "unreadable_tool_call"],
    ["that is no object", "null", "unreadable_tool_call"],
    ["that is prose", "get the time", "unreadable_tool_call"],
    ["with arguments that are no JSON", '{"name": "f", "arguments": "x y"}', "f"],
  ] as const
) {
  Deno.test(`marked text: a call ${what} is never spoken, and its arguments are refused`, () => {
    assert.deepEqual(read([`Well.<tool_call>${json}</tool_call>`]), [text("Well."), call(name, json)]);
    assert.deepEqual(read([`Well.<tool_call>${json}`]), [text("Well."), call(name, json)], "nor unclosed");
  });
}

Deno.test("marked text: a thought that the prompt has opened is a thought", () => {
  const thinking = () => new MarkedText({ thinking: true });
  assert.deepEqual(read(["So", " then.</thi", "nk>Yes."], thinking()), [thought("So then."), text("Yes.")]);
  assert.deepEqual(read(["So then"], thinking()), [thought("So then")]);
});
