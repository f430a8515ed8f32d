/** The conversation: turns with their articles, drawn at most once a frame, and where it is scrolled to. */

import type { Message, Turn } from "../conversation.ts";
import { button, el, setText } from "../dom.ts";
import type { Answer } from "./approval.ts";
import { countDown } from "./approval.ts";
import { type Article, articleOf } from "./article.ts";

/** Nearer to the end than this means that somebody follows it. */
const NEAR_PX = 60;

/** Drawing may take this part of the time; a hidden page draws seldom. */
const SHARE = 4;
const HIDDEN_PAUSE_MS = 500;

/** What somebody does with a prompt that waits. */
export interface Queue {
  remove(turn: Turn): void;
  edit(turn: Turn): void;
}

interface Shown {
  node: HTMLElement;
  footer: HTMLElement;
  tools: HTMLElement;
}

/** One session's articles. It is kept while another session is shown. */
export class Transcript {
  readonly node = el("div", { class: "transcript" });
  private readonly turns = new Map<Turn, Shown>();
  private readonly articles = new Map<Message, Article>();
  private readonly dirty = new Set<Message>();
  private readonly ticking = new Set<Article>();
  private isDue = false;
  private pauseUntil = 0;

  constructor(
    private readonly answer: (answer: Answer) => void,
    private readonly queue: Queue,
    private readonly drawn: (draw: () => void) => void,
  ) {}

  turnAdded(turn: Turn, next: Turn | null): void {
    const footer = el("p", { class: "footer" });
    const tools = el("div", { class: "queued" });
    const node = el("div", { class: "turn" }, tools, footer);
    this.turns.set(turn, { node, footer, tools });
    this.later(() => {
      this.node.insertBefore(node, next === null ? null : (this.turns.get(next)?.node ?? null));
    });
  }

  turnChanged(turn: Turn): void {
    this.later(() => {
      const shown = this.turns.get(turn);
      if (shown === undefined) return;
      shown.node.dataset["state"] = turn.state;
      setText(shown.footer, turn.footer);
      shown.tools.replaceChildren(...(turn.state === "queued" ? this.queueButtons(turn) : []));
    });
  }

  messageAdded(turn: Turn, message: Message): void {
    this.later(() => {
      const article = articleOf(message, this.answer);
      this.articles.set(message, article);
      if (message.kind === "tool") this.ticking.add(article);
      const shown = this.turns.get(turn);
      if (shown === undefined) return;
      const next = turn.messages[turn.messages.lastIndexOf(message) + 1];
      const before = next === undefined ? undefined : this.articles.get(next)?.node;
      shown.node.insertBefore(article.node, before ?? shown.tools);
    });
  }

  messageChanged(message: Message): void {
    this.dirty.add(message);
    this.schedule();
  }

  /** Shows how long things have taken by now. */
  tick(nowMs: number): void {
    for (const article of this.ticking) {
      article.tick(nowMs);
      const card = article.node.firstElementChild;
      const state = card instanceof HTMLElement ? card.dataset["state"] : "done";
      if (state !== "running" && state !== "asking") this.ticking.delete(article);
      const left = article.node.querySelector<HTMLElement>(".expiry");
      if (left !== null) countDown(left);
    }
  }

  private waiting: (() => void)[] = [];

  private later(work: () => void): void {
    this.waiting.push(work);
    this.schedule();
  }

  private schedule(): void {
    if (this.isDue) return;
    this.isDue = true;
    const pause = Math.max(0, this.pauseUntil - performance.now());
    const draw = (): void => {
      this.isDue = false;
      const begin = performance.now();
      this.drawn(() => {
        this.draw();
      });
      const end = performance.now();
      this.pauseUntil = end + (end - begin) * SHARE;
    };
    // A page that is not seen gets no frames, and needs none.
    if (document.hidden) setTimeout(draw, HIDDEN_PAUSE_MS);
    else if (pause > 0) setTimeout(draw, pause);
    else requestAnimationFrame(draw);
  }

  private draw(): void {
    const work = this.waiting;
    this.waiting = [];
    for (const one of work) one();
    for (const message of this.dirty) this.articles.get(message)?.update();
    this.dirty.clear();
  }

  private queueButtons(turn: Turn): Node[] {
    const edit = button("Edit", () => {
      this.queue.edit(turn);
    });
    const remove = button("Remove", () => {
      this.queue.remove(turn);
    });
    return [el("span", {}, "Waits in line"), edit, remove];
  }
}

/** The place where a transcript is scrolled. */
export class Log {
  readonly node: HTMLElement;
  private readonly scroller: HTMLElement;
  private readonly latest: HTMLButtonElement;
  private shown: Transcript | null = null;
  private follows = true;
  private lastTop = 0;
  private readonly sizes: ResizeObserver;

  constructor() {
    this.scroller = el("div", { class: "log", role: "log", "aria-label": "Conversation", tabindex: "0" });
    this.latest = button("Latest", () => {
      this.follow();
    }, { class: "latest", hidden: true });
    this.node = el("section", { class: "conversation", "aria-label": "Conversation" }, this.scroller, this.latest);
    this.scroller.addEventListener("scroll", () => {
      this.scrolled();
    }, { passive: true });
    // What comes into sight is measured then, and may be higher than it was thought to be.
    this.sizes = new ResizeObserver(() => {
      if (this.follows) this.toEnd();
    });
    this.sizes.observe(this.scroller);
  }

  show(transcript: Transcript): void {
    if (this.shown !== null) this.sizes.unobserve(this.shown.node);
    this.shown = transcript;
    this.scroller.replaceChildren(transcript.node);
    this.sizes.observe(transcript.node);
    this.follow();
  }

  /** Draws, and stays at the end if that is where somebody looks. */
  around(transcript: Transcript, draw: () => void): void {
    const follows = transcript === this.shown && this.follows;
    draw();
    if (follows) this.toEnd();
  }

  follow(): void {
    this.follows = true;
    this.latest.hidden = true;
    this.toEnd();
  }

  /** Only who scrolls up looks at something else than the end: text that grows moves nobody. */
  private scrolled(): void {
    const top = this.scroller.scrollTop;
    if (this.isAtEnd()) this.follows = true;
    else if (top < this.lastTop) this.follows = false;
    this.lastTop = top;
    this.latest.hidden = this.follows;
  }

  private isAtEnd(): boolean {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  private toEnd(): void {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }
}
