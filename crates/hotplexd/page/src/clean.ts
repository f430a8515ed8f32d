/** Text of agents, tools and strangers made fit to be shown. It is never read as HTML by anybody. */

// Escape sequences of terminals: CSI, OSC (ended by BEL or ST), and those of one letter.
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const TERMINAL = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])/g;

// eslint-disable-next-line no-control-regex -- the same
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

// What changes the order of letters, or has no width: it hides what a command really says.
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\u2028\u2029]/gu;

/** Text without colours of a terminal and without control characters; lines end in \n. */
export function plain(text: string): string {
  let clean = text;
  if (clean.includes("\r")) clean = clean.replaceAll("\r\n", "\n").replaceAll("\r", "\n");
  if (clean.includes("\u001b")) clean = clean.replace(TERMINAL, "");
  return clean.replace(CONTROL, "");
}

/** As `plain`, and what cannot be seen is spelled out: for what somebody is asked to allow. */
export function honest(text: string): string {
  const named = (c: string): string => `⟨U+${(c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}⟩`;
  return plain(text).replace(UNSEEN, named);
}

/** The begin of a text, on one line. */
export function brief(text: string, length = 80): string {
  const line = plain(text.slice(0, length * 4)).replace(/\s+/g, " ").trim();
  const letters = Array.from(line);
  return letters.length <= length ? line : `${letters.slice(0, length - 1).join("")}…`;
}
