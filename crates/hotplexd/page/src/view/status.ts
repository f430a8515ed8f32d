/** What the session does, in one word, and what it took so far. */

import type { Link } from "../connection.ts";
import { money } from "../conversation.ts";
import { el, setText } from "../dom.ts";
import type { Listed, State } from "../protocol.ts";

export const WORDS: Record<State, string> = {
  ready: "ready",
  starting: "working",
  working: "working",
  waiting: "waiting for you",
  stopping: "working",
  ended: "ready",
};

export class Status {
  readonly state = el("span", { role: "status", class: "state" }, "connecting");
  readonly figures = el("span", { role: "status", class: "figures" });

  show(link: Link, state: State): void {
    setText(this.state, LINKS[link] ?? WORDS[state]);
    this.state.dataset["state"] = link === "open" ? state : link;
  }

  count(session: Listed | undefined): void {
    const tokens = (session?.tokens ?? 0).toLocaleString("en");
    setText(this.figures, `${money(session?.costUsd ?? 0)} · ${tokens} tokens`);
  }
}

const LINKS: Partial<Record<Link, string>> = {
  connecting: "connecting",
  lost: "reconnecting",
  refused: "no access",
};
