/** The list of sessions with what each does now. */

import { of } from "../address.ts";
import { brief, honest } from "../clean.ts";
import { button, el, setText } from "../dom.ts";
import type { Approval, Listed } from "../protocol.ts";
import { WORDS } from "./status.ts";

export interface Choice {
  open(session: string, workDir: string): void;
  answer(session: string, approval: Approval, allow: boolean): void;
}

interface Item {
  node: HTMLElement;
  link: HTMLAnchorElement;
  title: HTMLElement;
  state: HTMLElement;
  place: HTMLElement;
  questions: HTMLElement;
  asked: string;
}

export class Sessions {
  readonly node = el("ul", { role: "list", "aria-label": "Sessions", class: "sessions" });
  private readonly items = new Map<string, Item>();

  constructor(private readonly choice: Choice) {}

  /** The current one is shown although nothing has happened in it yet. */
  show(sessions: Listed[], current: string, workDir: string): void {
    const all = sessions.some((one) => one.id === current) ? sessions : [blank(current, workDir), ...sessions];
    const order = [...all].sort((one, other) => other.lastActiveMs - one.lastActiveMs || (one.id < other.id ? -1 : 1));
    for (const [id, item] of this.items) {
      if (all.every((one) => one.id !== id)) {
        item.node.remove();
        this.items.delete(id);
      }
    }
    order.forEach((session, at) => {
      const item = this.item(session);
      this.fill(item, session, session.id === current);
      // Only what moves is moved: focus is lost with it.
      if (this.node.children[at] !== item.node) this.node.insertBefore(item.node, this.node.children[at] ?? null);
    });
  }

  private item(session: Listed): Item {
    const known = this.items.get(session.id);
    if (known !== undefined) return known;
    const title = el("span", { class: "title" });
    const state = el("span", { class: "state" });
    const place = el("span", { class: "place" });
    const link = el("a", {}, title, state, place);
    const questions = el("div", { class: "questions" });
    const item: Item = { node: el("li", {}, link, questions), link, title, state, place, questions, asked: "" };
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      this.choice.open(session.id, place.title);
    });
    this.items.set(session.id, item);
    return item;
  }

  private fill(item: Item, session: Listed, isCurrent: boolean): void {
    if (isCurrent) item.node.setAttribute("aria-current", "true");
    else item.node.removeAttribute("aria-current");
    item.link.href = of({ session: session.id, workDir: session.workDir });
    setText(item.title, brief(session.title) || brief(honest(session.id)));
    item.title.title = brief(honest(session.id), 200);
    const queued = session.queued > 0 ? ` · ${session.queued} waiting` : "";
    setText(item.state, WORDS[session.state] + queued);
    item.state.dataset["state"] = session.state;
    setText(item.place, brief(session.workDir.split("/").at(-1) ?? ""));
    item.place.title = session.workDir;
    this.ask(item, session, isCurrent);
  }

  /** What another session waits for can be answered from here. */
  private ask(item: Item, session: Listed, isCurrent: boolean): void {
    const open = isCurrent ? [] : session.approvals;
    const asked = open.map((approval) => approval.id).join(" ");
    if (asked === item.asked) return;
    item.asked = asked;
    item.questions.replaceChildren(...open.map((approval) => this.question(session.id, approval)));
  }

  private question(session: string, approval: Approval): Node {
    const name = brief(approval.tool.name, 40);
    const answer = (allow: boolean) => (): void => {
      this.choice.answer(session, approval, allow);
    };
    const what = el("span", { class: "what" }, `${name}: ${brief(approval.tool.summary, 120)}`);
    return el(
      "div",
      { class: "question" },
      what,
      button("Approve", answer(true), { "aria-label": `Approve ${name}` }),
      button("Refuse", answer(false), { "aria-label": `Refuse ${name}` }),
    );
  }
}

function blank(id: string, workDir: string): Listed {
  return {
    id,
    engine: "",
    state: "ended",
    queued: 0,
    workDir,
    title: "",
    turns: 0,
    lastActiveMs: Number.MAX_SAFE_INTEGER,
    rssBytes: 0,
    costUsd: 0,
    tokens: 0,
    approvals: [],
  };
}
