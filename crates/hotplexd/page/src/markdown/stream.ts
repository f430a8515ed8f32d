/**
 * A message in markdown that grows. Only what follows the last blocks that are complete is read
 * again, so that an answer in 200 steps is read twice and not a hundred times.
 */

import { Lexer, type Token, type Tokens, type TokensList } from "marked";
import { el } from "../dom.ts";
import { OUTLINE_TOP, type Outline, block } from "./nodes.ts";
import { isTame } from "./tame.ts";

/** Beyond this a message is shown as it is. */
const LONGEST_MESSAGE = 400_000;

/** So many of the last blocks may still change: a list goes on after an empty line. */
const OPEN_BLOCKS = 2;

interface Block {
  raw: string;
  node: Element;
  /** Level of the heading before it, and of the last one within it. */
  before: number;
  after: number;
  isFinished: boolean;
}

export class Stream {
  readonly node = el("div", { class: "markdown" });
  private text = "";
  private isFinished = false;
  private blocks: Block[] = [];
  /** Blocks that are not read again, and how much of the text they are. */
  private settled = 0;
  private settledLength = 0;
  /** The text as it is, where it is not read as markdown. */
  private plain: Text | null = null;

  /** Shows this text, which is most often the last one and some more. */
  set(text: string, isFinished: boolean): void {
    if (text === this.text && isFinished === this.isFinished) return;
    if (isFinished || !text.startsWith(this.text)) {
      this.settled = 0;
      this.settledLength = 0;
    }
    this.text = text;
    this.isFinished = isFinished;
    const tokens = this.read(text.slice(this.settledLength));
    if (tokens === null) this.asItIs(text);
    else this.show(tokens, isFinished);
  }

  private read(tail: string): TokensList | null {
    if (this.text.length > LONGEST_MESSAGE || !isTame(tail)) return null;
    try {
      return Lexer.lex(tail, { gfm: true });
    } catch {
      // It gives up on what it cannot read.
      return null;
    }
  }

  private asItIs(text: string): void {
    this.blocks = [];
    this.settled = 0;
    this.settledLength = 0;
    if (this.plain !== null && text.startsWith(this.plain.data)) {
      this.plain.appendData(text.slice(this.plain.data.length));
      return;
    }
    this.plain = document.createTextNode(text);
    this.node.replaceChildren(el("p", { class: "raw" }, this.plain));
  }

  private show(tokens: TokensList, isFinished: boolean): void {
    if (this.plain !== null) {
      this.plain = null;
      this.node.replaceChildren();
    }
    // A definition changes what stands elsewhere.
    const mayKeep = Object.keys(tokens.links).length === 0;
    const seen = tokens.filter((token) => token.type !== "space" && token.type !== "def");
    const outline: Outline = { level: this.blocks[this.settled - 1]?.after ?? OUTLINE_TOP };
    seen.forEach((token, at) => {
      const isLast = !isFinished && at === seen.length - 1;
      this.put(this.settled + at, token, outline, !isLast, mayKeep);
    });
    for (const gone of this.blocks.splice(this.settled + seen.length)) gone.node.remove();
    if (!isFinished) this.settle(tokens, seen.length - OPEN_BLOCKS);
  }

  private put(at: number, token: Token, outline: Outline, isFinished: boolean, mayKeep: boolean): void {
    const old = this.blocks[at];
    if (mayKeep && old?.before === outline.level && isKept(old, token, isFinished)) {
      outline.level = old.after;
      return;
    }
    const before = outline.level;
    const node = element(block(token, outline, isFinished));
    this.blocks[at] = { raw: token.raw, node, before, after: outline.level, isFinished };
    if (old === undefined) this.node.append(node);
    else old.node.replaceWith(node);
  }

  /** The first blocks of these will not change any more. */
  private settle(tokens: Token[], count: number): void {
    let length = 0;
    let blocks = 0;
    for (const token of tokens) {
      if (blocks >= count) break;
      length += token.raw.length;
      if (token.type !== "space" && token.type !== "def") blocks += 1;
    }
    if (blocks < 1) return;
    this.settled += blocks;
    this.settledLength += length;
  }
}

/** True if what is shown is what the token says, or can be made so by adding to it. */
function isKept(old: Block, token: Token, isFinished: boolean): boolean {
  if (old.raw === token.raw && old.isFinished === isFinished) return true;
  if (isFinished || old.isFinished || token.type !== "code") return false;
  const content = old.node.querySelector("code")?.firstChild;
  const text = (token as Tokens.Code).text;
  if (!(content instanceof Text) || !token.raw.startsWith(old.raw) || !text.startsWith(content.data)) return false;
  content.appendData(text.slice(content.data.length));
  old.raw = token.raw;
  return true;
}

function element(node: Node): Element {
  return node instanceof Element ? node : el("p", {}, node);
}
