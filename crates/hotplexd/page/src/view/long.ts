/** Text that is shown in part until somebody wants all of it. */

import { button, el } from "../dom.ts";

const LINES = 24;
const LETTERS = 3_000;

/** Beyond this it is never shown whole: a browser would stand still. The copy has all of it. */
const MOST_LETTERS = 500_000;

/** A text block that shows its begin, or its end where that is what counts. */
export function longText(text: string, label: string, end = false): HTMLElement {
  const pre = el("pre", { tabindex: "0", role: "group", "aria-label": label });
  const part = end ? endOf(text) : beginOf(text);
  if (part.length === text.length) {
    pre.append(text);
    return pre;
  }
  pre.append(part);
  const more = button(`Show all (${text.length.toLocaleString("en")} characters)`, () => {
    const isCut = text.length > MOST_LETTERS;
    pre.replaceChildren(isCut ? `${text.slice(0, MOST_LETTERS)}\n… (cut off here)` : text);
    pre.focus();
    more.remove();
  }, { class: "more" });
  return end ? el("div", {}, more, pre) : el("div", {}, pre, more);
}

function beginOf(text: string): string {
  let at = -1;
  for (let line = 0; line < LINES; line += 1) {
    at = text.indexOf("\n", at + 1);
    if (at < 0) break;
  }
  return text.slice(0, at < 0 ? LETTERS : Math.min(at, LETTERS));
}

function endOf(text: string): string {
  let at = text.length;
  for (let line = 0; line < LINES; line += 1) {
    at = text.lastIndexOf("\n", at - 1);
    if (at < 0) break;
  }
  return text.slice(Math.max(at + 1, text.length - LETTERS));
}
