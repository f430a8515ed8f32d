/** What can be chosen before a session's first prompt: where the agent works, and which engine. */

import { el } from "../dom.ts";
import type { Version } from "../protocol.ts";

export class Start {
  private readonly dir = el("input", { type: "text", id: "work-dir", list: "roots", autocomplete: "off", spellcheck: "false" });
  private readonly roots = el("datalist", { id: "roots" });
  private readonly engines = el("select", { id: "engine" });
  private readonly engineRow = el("p", { hidden: true }, el("label", { for: "engine" }, "Engine"), this.engines);
  readonly node = el(
    "div",
    { class: "start" },
    el("p", {}, el("label", { for: "work-dir" }, "Work directory"), this.dir),
    this.roots,
    this.engineRow,
  );

  get workDir(): string {
    return this.dir.value.trim();
  }

  set workDir(dir: string) {
    this.dir.value = dir;
  }

  /** The engine that was chosen; empty for the daemon's own choice. */
  get engine(): string {
    return this.engineRow.hidden ? "" : this.engines.value;
  }

  offer(version: Version): void {
    this.dir.placeholder = version.roots[0] ?? "";
    this.roots.replaceChildren(...version.roots.map((root) => el("option", { value: root })));
    const chosen = this.engines.value;
    this.engines.replaceChildren(
      ...version.engines.map(({ name, isDefault }) =>
        el("option", { value: name, selected: chosen === "" ? isDefault : name === chosen }, name),
      ),
    );
    this.engineRow.hidden = version.engines.length < 2;
  }
}
