/** Markdown tokens as nodes. Raw HTML is text; images are links; links go to http, https and mailto. */

import type { Token, Tokens } from "marked";
import { copyButton, el } from "../dom.ts";
import { highlighted } from "./code.ts";

/** The level of the heading before, so that no level is left out. */
export interface Outline {
  level: number;
}

/** The page's own headings are above those of messages. */
export const OUTLINE_TOP = 2;

export function block(token: Token, outline: Outline, isFinished: boolean): Node {
  switch (token.type) {
    case "heading":
      return heading(token as Tokens.Heading, outline);
    case "paragraph":
      return el("p", {}, ...inline(token.tokens ?? []));
    case "code":
      return code(token as Tokens.Code, isFinished);
    case "blockquote":
      return el("blockquote", {}, ...blocks(token.tokens ?? [], outline, isFinished));
    case "list":
      return items(token as Tokens.List, outline, isFinished);
    case "table":
      return table(token as Tokens.Table);
    case "hr":
      return el("hr");
    case "space":
    case "def":
      return document.createTextNode("");
    case "html":
      return el("p", { class: "raw" }, token.raw.trimEnd());
    case "text":
      return token.tokens === undefined ? wordsOf(token) : fragment(inline(token.tokens));
    default:
      return fragment(inline([token]));
  }
}

function blocks(tokens: Token[], outline: Outline, isFinished: boolean): Node[] {
  return tokens.map((token) => block(token, outline, isFinished));
}

function fragment(nodes: Node[]): DocumentFragment {
  const all = document.createDocumentFragment();
  all.append(...nodes);
  return all;
}

function heading(token: Tokens.Heading, outline: Outline): Node {
  outline.level = Math.min(OUTLINE_TOP + token.depth, outline.level + 1, 6);
  const name = `h${outline.level}` as "h3";
  return el(name, {}, ...inline(token.tokens));
}

function items(token: Tokens.List, outline: Outline, isFinished: boolean): Node {
  const start = typeof token.start === "number" ? token.start : 1;
  const list = token.ordered ? el("ol", start === 1 ? {} : { start: String(start) }) : el("ul");
  for (const item of token.items) {
    list.append(el("li", item.task ? { class: "task" } : {}, ...blocks(item.tokens, outline, isFinished)));
  }
  return list;
}

function table(token: Tokens.Table): Node {
  const cell = (name: "th" | "td", one: Tokens.TableCell): Node =>
    el(name, one.align === null ? {} : { class: `to-${one.align}` }, ...inline(one.tokens));
  const head = el("tr", {}, ...token.header.map((one) => cell("th", one)));
  const rows = token.rows.map((row) => el("tr", {}, ...row.map((one) => cell("td", one))));
  const grid = el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows));
  // What scrolls must be reached by keyboard.
  return el("div", { class: "wide", tabindex: "0", role: "group", "aria-label": "Table" }, grid);
}

function code(token: Tokens.Code, isFinished: boolean): Node {
  const language = (token.lang ?? "").split(/[\s,{]/, 1)[0] ?? "";
  const pre = el("pre", { tabindex: "0", role: "group", "aria-label": "Code" });
  const content = el("code");
  content.append(...(isFinished ? highlighted(token.text, language) : [document.createTextNode(token.text)]));
  pre.append(content);
  const bar = el("div", { class: "bar" }, el("span", {}, language.slice(0, 30)), copyButton("Copy code", () => token.text));
  return el("div", { class: "code" }, bar, pre);
}

/** Nodes of what stands within a line. */
export function inline(tokens: Token[]): Node[] {
  return tokens.map(word);
}

function word(token: Token): Node {
  const within = "tokens" in token ? token.tokens : undefined;
  const inner = (): Node[] => (within === undefined ? [wordsOf(token)] : inline(within));
  switch (token.type) {
    case "strong":
      return el("strong", {}, ...inner());
    case "em":
      return el("em", {}, ...inner());
    case "del":
      return el("del", {}, ...inner());
    case "codespan":
      return el("code", {}, (token as Tokens.Codespan).text);
    case "br":
      return el("br");
    case "link":
      return link((token as Tokens.Link).href, inner());
    case "image":
      return link((token as Tokens.Image).href, [document.createTextNode(`[image: ${(token as Tokens.Image).text}]`)]);
    case "checkbox":
      return document.createTextNode((token as Tokens.Checkbox).checked ? "☑ " : "☐ ");
    case "html":
      return document.createTextNode(token.raw);
    default:
      return fragment(inner());
  }
}

function wordsOf(token: Token): Text {
  const said: unknown = (token as Tokens.Text).text;
  return document.createTextNode(typeof said === "string" ? said : token.raw);
}

const SCHEMES = ["http:", "https:", "mailto:"];

/** A link, or the text with its address beside it if it must not be one. */
function link(href: string, inner: Node[]): Node {
  const target = safe(href);
  if (target === null) return fragment([...inner, document.createTextNode(href === "" ? "" : ` (${href})`)]);
  return el("a", { href: target, title: target, target: "_blank", rel: "noopener noreferrer nofollow" }, ...inner);
}

/** Where a link of an agent may go; null for any other place. A path of this site is one of them. */
export function safe(href: string): string | null {
  let url: URL;
  try {
    url = new URL(href);
  } catch {
    return null;
  }
  // With a name before the host an address looks like another one.
  if (!SCHEMES.includes(url.protocol) || url.username !== "" || url.password !== "") return null;
  return url.href;
}
