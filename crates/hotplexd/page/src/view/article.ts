/** A message as an article. */

import { brief, plain } from "../clean.ts";
import type { Agent, Message, Notice, Tool, You } from "../conversation.ts";
import { copyButton, el, setText } from "../dom.ts";
import { Stream } from "../markdown/stream.ts";
import type { Answer } from "./approval.ts";
import { longText } from "./long.ts";
import { ToolCard } from "./tool.ts";

const NAMES: Record<Message["kind"], string> = { you: "You", agent: "Agent", tool: "Tool", notice: "Notice" };

/** What is shown of a message. */
export interface Article {
  readonly node: HTMLElement;
  /** Shows what the message says now. */
  update(): void;
  /** Another second is over. */
  tick(nowMs: number): void;
}

export function articleOf(message: Message, answer: (answer: Answer) => void): Article {
  const node = el("article", { class: message.kind, "aria-label": NAMES[message.kind] });
  switch (message.kind) {
    case "you":
      return still(node, youView(message));
    case "notice":
      return still(node, noticeView(node, message));
    case "agent":
      return new AgentArticle(node, message);
    case "tool":
      return toolArticle(node, message, answer);
  }
}

function nothing(): void {
  // A message that does not change.
}

function still(node: HTMLElement, parts: Node[]): Article {
  node.append(...parts);
  return { node, update: nothing, tick: nothing };
}

function youView(message: You): Node[] {
  return [longText(plain(message.text), "Text")];
}

function noticeView(node: HTMLElement, message: Notice): Node[] {
  node.classList.add(message.level);
  const parts: Node[] = [el("strong", {}, brief(message.title, 120))];
  if (message.text !== "") parts.push(longText(plain(message.text), "Details"));
  if (message.hints.length > 0) {
    parts.push(el("ul", {}, ...message.hints.map((hint) => el("li", {}, brief(hint, 400)))));
  }
  return parts;
}

function toolArticle(node: HTMLElement, message: Tool, answer: (answer: Answer) => void): Article {
  const card = new ToolCard(message, answer);
  node.append(card.node);
  return {
    node,
    update: () => {
      card.update();
    },
    tick: (nowMs) => {
      card.tick(nowMs);
    },
  };
}

class AgentArticle implements Article {
  private readonly stream = new Stream();
  private readonly thought = el("pre", { tabindex: "0", role: "group", "aria-label": "Thinking" });
  private readonly thinking = el("details", { class: "thinking" }, el("summary", {}, "Thinking"), this.thought);
  private readonly copy: HTMLElement;

  constructor(
    readonly node: HTMLElement,
    private readonly message: Agent,
  ) {
    this.copy = copyButton("Copy answer", () => message.text);
    this.thinking.hidden = true;
    node.append(this.thinking, this.stream.node, this.copy);
    this.update();
  }

  update(): void {
    const { thinking, text, isOpen } = this.message;
    if (thinking !== "") {
      this.thinking.hidden = false;
      setText(this.thought, plain(thinking));
    }
    this.stream.set(plain(text), !isOpen);
    this.copy.hidden = isOpen || text === "";
    // A screen reader says it when it is finished, and not each word again.
    this.node.setAttribute("aria-busy", String(isOpen));
  }

  tick(): void {
    nothing();
  }
}
