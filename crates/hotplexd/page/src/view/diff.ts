/** What an edit changes, as lines. */

import { structuredPatch } from "diff";
import { plain } from "../clean.ts";
import { el } from "../dom.ts";
import { type Json, list, object, text } from "../protocol.ts";

interface Edit {
  before: string;
  after: string;
}

/** Lines of context around a change. */
const CONTEXT = 3;

/** A comparison that takes longer is not worth it: then all of the old stands before all of the new. */
const PATIENCE_MS = 100;

const LONGEST = 200_000;

/** The file and the changes of a tool that edits; null for other tools. */
export function editsOf(name: string, input: Json): { file: string; edits: Edit[] } | null {
  const file = text(input["file_path"]) || text(input["path"]) || text(input["notebook_path"]);
  const edits = list(input["edits"]).map(object);
  if (edits.length > 0) return { file, edits: edits.map(editOf) };
  if (typeof input["new_string"] === "string") return { file, edits: [editOf(input)] };
  if (typeof input["new_source"] === "string") return { file, edits: [{ before: "", after: input["new_source"] }] };
  if (/^write|^create/i.test(name) && typeof input["content"] === "string") {
    return { file, edits: [{ before: "", after: input["content"] }] };
  }
  return null;
}

function editOf(edit: Json): Edit {
  return { before: text(edit["old_string"]), after: text(edit["new_string"]) };
}

export function diffView(edits: Edit[], show: (text: string) => string = plain): HTMLElement {
  const pre = el("pre", { class: "diff", tabindex: "0", role: "group", "aria-label": "Changes" });
  edits.forEach((edit, at) => {
    if (at > 0) pre.append(line(" ", "⋯"));
    for (const one of linesOf(show(edit.before), show(edit.after))) pre.append(line(one[0] ?? " ", one.slice(1)));
  });
  return pre;
}

function linesOf(before: string, after: string): string[] {
  const patch =
    before.length + after.length > LONGEST
      ? undefined
      : structuredPatch("", "", before, after, "", "", { context: CONTEXT, timeout: PATIENCE_MS });
  if (patch === undefined) return [...marked("-", before), ...marked("+", after)];
  const lines = patch.hunks.flatMap((hunk, at) => (at > 0 ? [" ⋯", ...hunk.lines] : hunk.lines));
  return lines.filter((one) => !one.startsWith("\\"));
}

function marked(sign: string, text: string): string[] {
  return text === "" ? [] : text.split("\n").map((one) => sign + one);
}

function line(sign: string, text: string): HTMLElement {
  const name = sign === "+" ? "ins" : sign === "-" ? "del" : "span";
  return el(name, {}, `${sign} ${text}\n`);
}
