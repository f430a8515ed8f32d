/** Colours of code: spans from the tokens of highlight.js, never its HTML. */

import hljs from "highlight.js/lib/core";
import type { Emitter, LanguageFn } from "highlight.js";
import bash from "highlight.js/lib/languages/bash";
import c from "highlight.js/lib/languages/c";
import cpp from "highlight.js/lib/languages/cpp";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import dockerfile from "highlight.js/lib/languages/dockerfile";
import go from "highlight.js/lib/languages/go";
import ini from "highlight.js/lib/languages/ini";
import java from "highlight.js/lib/languages/java";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import makefile from "highlight.js/lib/languages/makefile";
import markdown from "highlight.js/lib/languages/markdown";
import python from "highlight.js/lib/languages/python";
import ruby from "highlight.js/lib/languages/ruby";
import rust from "highlight.js/lib/languages/rust";
import sql from "highlight.js/lib/languages/sql";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const LANGUAGES: Record<string, LanguageFn> = {
  bash, c, cpp, css, diff, dockerfile, go, ini, java, javascript, json, makefile, markdown, python, ruby, rust, sql,
  typescript, xml, yaml,
};

/** More than this is shown without colours: the grammars are regular expressions. */
const LONGEST_CODE = 30_000;
const LONGEST_LINE = 1_000;

/** What highlight.js tells of the code, as nodes. The library calls this interface private: its version is pinned. */
class Spans implements Emitter {
  readonly root = document.createDocumentFragment();
  private readonly open: ParentNode[] = [this.root];

  startScope(scope: string): void {
    const span = document.createElement("span");
    span.className = `c-${scope.split(".", 1)[0] ?? ""}`;
    this.top().append(span);
    this.open.push(span);
  }

  endScope(): void {
    if (this.open.length > 1) this.open.pop();
  }

  // The library calls both by both names.
  openNode(scope: string): void {
    this.startScope(scope);
  }

  closeNode(): void {
    this.endScope();
  }

  addText(text: string): void {
    this.top().append(text);
  }

  __addSublanguage(emitter: Emitter): void {
    if (emitter instanceof Spans) this.top().append(emitter.root);
  }

  finalize(): void {
    this.open.length = 1;
  }

  toHTML(): string {
    return "";
  }

  private top(): ParentNode {
    return this.open.at(-1) ?? this.root;
  }
}

for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);
hljs.configure({ __emitter: Spans });

/** Nodes for code in this language; without colours if nobody knows it. */
export function highlighted(code: string, language: string): Node[] {
  const name = language.toLowerCase();
  if (hljs.getLanguage(name) === undefined || !isOrdinary(code)) return [document.createTextNode(code)];
  const { _emitter: spans } = hljs.highlight(code, { language: name, ignoreIllegals: true });
  const root: unknown = spans;
  return root instanceof Spans && root.root.textContent === code ? [root.root] : [document.createTextNode(code)];
}

function isOrdinary(code: string): boolean {
  return code.length <= LONGEST_CODE && code.split("\n").every((line) => line.length <= LONGEST_LINE);
}
