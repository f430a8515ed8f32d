/** A question of the agent: what it wants to do, where, why, until when; and the answers. */

import { honest } from "../clean.ts";
import { button, el, setText } from "../dom.ts";
import { type Approval, type Json, list, object, text } from "../protocol.ts";
import { diffView, editsOf } from "./diff.ts";

/** What somebody decided. */
export interface Answer {
  approval: Approval;
  allow: boolean;
  /** Why not. */
  message: string;
  /** The tool's input with the answers in it. */
  updatedInput: Json | null;
}

/** The tool by which an agent asks its user something. */
const QUESTION_TOOL = "AskUserQuestion";

/** Letters of a command that are shown; a longer one can be scrolled. */
const LONGEST = 100_000;

export function approvalView(approval: Approval, answer: (answer: Answer) => void): HTMLElement {
  const questions = approval.tool.name === QUESTION_TOOL ? questionsOf(approval.tool.input) : [];
  const isQuestion = questions.length > 0;
  const form = el("form", { class: "approval" });
  form.append(el("p", { class: "ask" }, isQuestion ? "The agent asks you" : `The agent wants to use ${honest(approval.tool.name)}`));
  if (isQuestion) form.append(...questions.map((question) => question.node));
  else form.append(...target(approval));
  form.append(facts(approval));
  const reason = el("input", { type: "text", "aria-label": "Why not", placeholder: "Why not (the agent is told)" });
  const decide = (allow: boolean): void => {
    const updatedInput = allow && isQuestion ? answered(approval.tool.input, questions) : null;
    answer({ approval, allow, message: reason.value, updatedInput });
  };
  const allow = button("Allow", () => {
    decide(true);
  }, { class: "allow" });
  const deny = button("Deny", () => {
    decide(false);
  }, { class: "deny" });
  form.append(el("div", { class: "choice" }, allow, deny, reason));
  form.addEventListener("submit", (event) => {
    // Return in the reason is a no; nothing is ever allowed by accident.
    event.preventDefault();
    decide(false);
  });
  return form;
}

/** What it would do: the command, the change, or the whole input. */
function target(approval: Approval): Node[] {
  const { name, input } = approval.tool;
  const edit = editsOf(name, input);
  if (edit !== null) return [el("p", { class: "file" }, honest(edit.file)), diffView(edit.edits, honest)];
  const shown = typeof input["command"] === "string" ? input["command"] : JSON.stringify(input, null, 2);
  const pre = el("pre", { class: "command", tabindex: "0", role: "group", "aria-label": "What it would do" });
  pre.append(honest(shown.slice(0, LONGEST)));
  const nodes: Node[] = [pre];
  if (shown.length > LONGEST) nodes.push(el("p", { class: "warning" }, `${shown.length - LONGEST} more characters are not shown.`));
  const rest = Object.entries(input).filter(([key]) => key !== "command");
  if (typeof input["command"] === "string" && rest.length > 0) {
    nodes.push(el("p", { class: "rest" }, honest(rest.map(([key, value]) => `${key}: ${typeof value === "string" ? value : JSON.stringify(value)}`).join("\n")).slice(0, LONGEST)));
  }
  return nodes;
}

function facts(approval: Approval): HTMLElement {
  const entries: [string, string][] = [
    ["Directory", approval.workDir],
    ["Reason", approval.reason],
  ];
  const said = entries.filter(([, value]) => value !== "");
  const facts = el("dl", {}, ...said.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, honest(value))]));
  if (approval.expiresAtMs > 0) {
    const left = el("dd", { class: "expiry", "data-expires": String(approval.expiresAtMs) });
    facts.append(el("dt", {}, "Denied in"), left);
    countDown(left);
  }
  return facts;
}

/** Shows how long somebody has to answer, and is called again each second. */
export function countDown(left: HTMLElement): void {
  const seconds = Math.max(0, Math.round((Number(left.dataset["expires"]) - Date.now()) / 1000));
  setText(left, seconds >= 60 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${seconds} s`);
}

interface Question {
  text: string;
  node: HTMLElement;
  chosen(): string;
}

function questionsOf(input: Json): Question[] {
  return list(input["questions"]).map((entry, at) => questionView(object(entry), at));
}

function questionView(question: Json, at: number): Question {
  const asked = text(question["question"]);
  const several = question["multiSelect"] === true;
  const inputs: HTMLInputElement[] = [];
  const choices = list(question["options"]).map((option) => {
    const label = text(object(option)["label"]);
    const box = el("input", { type: several ? "checkbox" : "radio", name: `question-${at}`, value: label });
    inputs.push(box);
    const about = honest(text(object(option)["description"]));
    return el("label", {}, box, el("span", {}, honest(label), about === "" ? null : el("small", {}, ` ${about}`)));
  });
  const other = el("input", { type: "text", "aria-label": "Another answer", placeholder: "Another answer" });
  const node = el("fieldset", {}, el("legend", {}, honest(asked)), ...choices, other);
  const chosen = (): string => {
    const picked = inputs.filter((box) => box.checked).map((box) => box.value);
    if (other.value !== "") picked.push(other.value);
    return picked.join(", ");
  };
  return { text: asked, node, chosen };
}

function answered(input: Json, questions: Question[]): Json {
  return { ...input, answers: Object.fromEntries(questions.map((question) => [question.text, question.chosen()])) };
}
