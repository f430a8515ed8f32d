/**
 * Which text may be read as markdown. The reader works with regular expressions; some of them take
 * time that grows with the square of a paragraph, and nesting takes the stack. Text beyond these
 * bounds, which no person writes, is shown as it is.
 */

/** Letters without an empty line between them. */
const LONGEST_PARAGRAPH = 8_000;

/** Quotes and lists in each other. */
const DEEPEST = 12;

/** Brackets, stars and the like on end. */
const LONGEST_RUN = 120;

const RUN = /([[\](){}<>*_~`!\\#|+-])(?:\1){119}/;

// What opens a block within a block, as often as it stands at the begin of a line.
const MARKERS = /^(?:[ \t]*(?:>|[-+*](?=[ \t])|\d{1,9}[.)](?=[ \t])))+/;

const INDENTED = /^[ \t]*/;

export function isTame(text: string): boolean {
  if (text.length > LONGEST_RUN && RUN.test(text)) return false;
  let paragraph = 0;
  let isFence = false;
  for (const line of text.split("\n")) {
    if (/^ {0,3}(?:```|~~~)/.test(line)) isFence = !isFence;
    if (isFence) continue;
    paragraph = line.trim() === "" ? 0 : paragraph + line.length + 1;
    if (paragraph > LONGEST_PARAGRAPH) return false;
    if (depth(line) > DEEPEST) return false;
  }
  return true;
}

function depth(line: string): number {
  const head = line.slice(0, 400);
  const markers = (MARKERS.exec(head)?.[0] ?? "").replace(/[^>*+.)-]/g, "").length;
  const indent = (INDENTED.exec(head)?.[0] ?? "").length / 4;
  return markers === 0 ? 0 : markers + indent;
}
