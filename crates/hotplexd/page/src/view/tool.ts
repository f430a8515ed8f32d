/** A tool call as a card: what it does, whether it may, what came out. */

import { brief, plain } from "../clean.ts";
import { type Tool, duration } from "../conversation.ts";
import { copyButton, el, setText } from "../dom.ts";
import { text } from "../protocol.ts";
import { type Answer, approvalView } from "./approval.ts";
import { diffView, editsOf } from "./diff.ts";
import { longText } from "./long.ts";

const STATES: Record<Tool["state"], string> = {
  running: "running",
  asking: "waits for you",
  done: "done",
  failed: "failed",
  lost: "not finished",
};

export class ToolCard {
  readonly node: HTMLElement;
  private readonly state = el("span", { class: "state" });
  private readonly time = el("span", { class: "time" });
  private readonly question = el("div");
  private readonly input = el("div", { class: "input" });
  private readonly output = el("div", { class: "output" });
  /** What is shown, so that nothing is made twice. */
  private shownCall: Tool["call"] | null = null;
  private shownApproval = "";
  private shownOutput: string | null = null;

  constructor(
    private readonly tool: Tool,
    private readonly answer: (answer: Answer) => void,
  ) {
    const name = el("strong", {}, brief(tool.call.name, 60));
    const summary = el("span", { class: "summary" }, brief(tool.call.summary, 160));
    const head = el("div", { class: "head" }, name, summary, this.time, this.state);
    this.node = el("div", { class: "card" }, head, this.question, this.input, this.output);
    this.update();
  }

  update(): void {
    const tool = this.tool;
    this.node.dataset["state"] = tool.state;
    setText(this.state, tool.answer === "" ? STATES[tool.state] : `${STATES[tool.state]} · ${tool.answer}`);
    this.tick(Date.now());
    this.showQuestion();
    // While it is asked about, the question shows it.
    this.input.hidden = tool.state === "asking";
    if (this.shownCall !== tool.call) {
      this.shownCall = tool.call;
      this.input.replaceChildren(...inputView(tool));
    }
    if (tool.state !== "running" && tool.state !== "asking" && this.shownOutput !== tool.output) {
      this.shownOutput = tool.output;
      const output = plain(tool.output);
      const copy = copyButton("Copy output", () => output);
      this.output.replaceChildren(...(output === "" ? [] : [longText(output, "Output"), copy]));
    }
  }

  /** How long it has run. */
  tick(nowMs: number): void {
    const tool = this.tool;
    const isRunning = tool.state === "running" && tool.startedMs > 0;
    const time = isRunning ? Math.max(0, nowMs - tool.startedMs) : tool.durationMs;
    setText(this.time, time < 100 ? "" : duration(isRunning ? Math.floor(time / 1000) * 1000 : time));
  }

  private showQuestion(): void {
    const approval = this.tool.state === "asking" ? this.tool.approval : null;
    const id = approval?.id ?? "";
    if (id === this.shownApproval) return;
    this.shownApproval = id;
    this.question.replaceChildren(...(approval === null ? [] : [approvalView(approval, this.answer)]));
  }
}

/** What the tool was given, in the form that says most. */
function inputView(tool: Tool): Node[] {
  const { name, input } = tool.call;
  const edit = editsOf(name, input);
  if (edit !== null) return [el("p", { class: "file" }, plain(edit.file)), diffView(edit.edits)];
  const todos = todoList(input["todos"]);
  if (todos !== null) return [todos];
  if (typeof input["command"] === "string") return [longText(plain(input["command"]), "Command")];
  const keys = Object.keys(input);
  if (keys.length === 0) return [];
  return [el("details", {}, el("summary", {}, "Input"), longText(plain(JSON.stringify(input, null, 2)), "Input"))];
}

const MARKS: Record<string, string> = { completed: "☑", in_progress: "▶", pending: "☐" };

function todoList(todos: unknown): HTMLElement | null {
  if (!Array.isArray(todos)) return null;
  const items = (todos as unknown[]).map((entry) => {
    const todo = typeof entry === "object" && entry !== null ? (entry as Record<string, unknown>) : {};
    return el("li", {}, `${MARKS[text(todo["status"])] ?? "☐"} ${brief(text(todo["content"]), 300)}`);
  });
  return el("ul", { class: "todos" }, ...items);
}
