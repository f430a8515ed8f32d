/** What the page makes of frames and of text, without a browser. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { brief, honest, plain } from "../src/clean.ts";
import { Conversation, type Watcher } from "../src/conversation.ts";
import { isTame } from "../src/markdown/tame.ts";
import { readFrame } from "../src/protocol.ts";

function nothing(): void {
  // Nobody looks.
}

const WATCHER: Watcher = { turnAdded: nothing, turnChanged: nothing, messageAdded: nothing, messageChanged: nothing, stateChanged: nothing };

/** A conversation after these events, each `[seq, turn, event, data]`. */
function after(events: [seq: number, turn: number, event: string, data: object][]): Conversation {
  const conversation = new Conversation(WATCHER);
  for (const [seq, turn, event, data] of events) {
    const frame = readFrame(JSON.stringify({ event, data, session_id: "s", seq, turn }));
    assert.ok(frame !== null);
    conversation.take(frame);
  }
  return conversation;
}

/** Turns in words: the state, and what was said. */
function words(conversation: Conversation): string[] {
  return conversation.turns.map(({ state, messages }) => {
    const said = messages.map((message) => (message.kind === "tool" ? `${message.call.name} ${message.state}` : message.text));
    return `${state}: ${said.join(", ")}`;
  });
}

test("a finished piece takes the place of its deltas, and no event counts twice", () => {
  const conversation = after([
    [1, 1, "prompt", { text: "p" }],
    [2, 1, "delta", { kind: "answer", text: "a" }],
    [3, 1, "delta", { kind: "answer", text: "b" }],
    [3, 1, "delta", { kind: "answer", text: "b" }],
    [4, 1, "answer", { text: "ab" }],
    [5, 1, "answer", { text: "c" }],
    [6, 1, "turn_end", { outcome: "completed" }],
  ]);
  assert.deepEqual(words(conversation), ["over: p, ab, c"]);
});

test("a turn in line stands behind the one that runs, whenever that speaks", () => {
  const conversation = after([
    [1, 1, "prompt", { text: "first" }],
    [2, 2, "prompt", { text: "second" }],
    [3, 1, "answer", { text: "one" }],
  ]);
  assert.deepEqual(words(conversation), ["running: first, one", "queued: second"]);
});

test("after a restart open turns are closed, their numbers are free, and earlier numbers of events count", () => {
  const conversation = after([
    [900, 1, "prompt", { text: "before" }],
    [901, 1, "tool_use", { tool: { id: "t", name: "Bash" } }],
    [0, 0, "gap", { after: 901, first: 500, reason: "restarted" }],
    [500, 1, "prompt", { text: "after" }],
  ]);
  const [before, anew] = words(conversation);
  assert.match(before ?? "", /^over: before, Bash lost, The daemon was started again/);
  assert.equal(anew, "running: after");
});

test("frames that are none, and events that nobody knows, do no harm", () => {
  for (const line of ["", "[]", "null", "{}", '{"event":1}', "{"]) assert.equal(readFrame(line), null, line);
  const events = ["prompt", "tool_use", "tool_result", "approval_request", "approval_closed", "turn_end", "state", "dance"];
  after(events.map((event, at) => [at + 1, 1, event, {}]));
});

test("text is shown without what drives a terminal or hides letters", () => {
  const table: [string, string][] = [
    ["a\r\nb\rc", "a\nb\nc"],
    ["\u001b[31mred\u001b[0m", "red"],
    ["\u001b]8;;javascript:x\u0007link\u001b]8;;\u0007", "link"],
    ["\u0000a\u0008b\u009bc", "abc"],
    ["\ttab", "\ttab"],
  ];
  for (const [text, shown] of table) assert.equal(plain(text), shown);
  assert.equal(honest("a\u202eb\u200bc"), "a⟨U+202E⟩b⟨U+200B⟩c");
  assert.equal(brief(` ${"x".repeat(100)}\ny`, 10), "xxxxxxxxx…");
});

test("what people write is read as markdown, what is beyond all measure is not", () => {
  const long = "word ".repeat(1_000);
  const tame = ["", "# a\n\n- b\n  - c\n\n> d", `${long}\n\n${long}`, `\`\`\`\n${"x".repeat(50_000)}\n\`\`\``, "---\n***"];
  const wild = [long.repeat(2), "> ".repeat(20), "[".repeat(200), `${"  ".repeat(60)}- x`];
  for (const text of tame) assert.ok(isTame(text), text.slice(0, 40));
  for (const text of wild) assert.ok(!isTame(text), text.slice(0, 40));
});
