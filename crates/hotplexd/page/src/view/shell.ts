/** What stands around the conversation. */

import { brief } from "../clean.ts";
import { button, el, setText } from "../dom.ts";
import type { Composer } from "./composer.ts";
import type { Log } from "./log.ts";
import type { Sessions } from "./sessions.ts";
import type { Start } from "./start.ts";
import type { Status } from "./status.ts";
import { themeButton } from "./theme.ts";

export interface Rooms {
  status: Status;
  log: Log;
  sessions: Sessions;
  composer: Composer;
  start: Start;
}

export interface Actions {
  newSession: () => void;
  endAgent: () => void;
  interrupt(): void;
  notify(): Promise<boolean>;
  isNotifying(): boolean;
  token(token: string): void;
}

export class Shell {
  readonly node: HTMLElement;
  private readonly title = el("h2");
  private readonly place = el("p", { class: "place" });
  private readonly drawer: HTMLButtonElement;
  private readonly side: HTMLElement;
  private readonly tokenField = el("input", { type: "password", id: "token", autocomplete: "off" });
  private readonly tokenForm: HTMLFormElement;

  constructor(rooms: Rooms, actions: Actions) {
    this.drawer = button("Menu", () => {
      this.setDrawer(this.drawer.getAttribute("aria-expanded") !== "true");
    }, { class: "drawer", "aria-expanded": "false", "aria-controls": "side" });
    const notify = button("", () => {
      void actions.notify().then(showNotify);
    });
    const showNotify = (isOn: boolean): void => {
      setText(notify, `Notifications: ${isOn ? "on" : "off"}`);
      notify.setAttribute("aria-pressed", String(isOn));
    };
    showNotify(actions.isNotifying());
    const fresh = button("New session", actions.newSession, { class: "new" });
    this.side = el(
      "nav",
      { id: "side", "aria-label": "Menu" },
      el("h1", {}, "hotplex"),
      fresh,
      rooms.sessions.node,
      el("div", { class: "settings" }, notify, themeButton(), button("End agent", actions.endAgent)),
    );
    this.tokenForm = el(
      "form",
      { class: "token", hidden: true },
      el("label", { for: "token" }, "The daemon wants its token"),
      this.tokenField,
      el("button", { type: "submit" }, "Connect"),
    );
    this.tokenForm.addEventListener("submit", (event) => {
      event.preventDefault();
      actions.token(this.tokenField.value.trim());
      this.tokenField.value = "";
    });
    const head = el(
      "header",
      {},
      this.drawer,
      el("div", { class: "about" }, this.title, this.place),
      rooms.status.state,
      rooms.status.figures,
    );
    const main = el("main", {}, head, this.tokenForm, rooms.start.node, rooms.log.node, rooms.composer.node);
    this.node = el("div", { class: "page" }, this.side, main);
    this.listen(actions, rooms.composer);
  }

  entitle(title: string, workDir: string, model: string): void {
    setText(this.title, title);
    setText(this.place, brief([workDir, model].filter((part) => part !== "").join(" · "), 200));
  }

  askForToken(isNeeded: boolean): void {
    if (this.tokenForm.hidden !== isNeeded) return;
    this.tokenForm.hidden = !isNeeded;
    if (isNeeded) this.tokenField.focus();
  }

  closeDrawer(): void {
    this.setDrawer(false);
  }

  private setDrawer(isOpen: boolean): void {
    this.drawer.setAttribute("aria-expanded", String(isOpen));
    this.side.classList.toggle("open", isOpen);
  }

  private listen(actions: Actions, composer: Composer): void {
    document.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Escape") {
        if (this.drawer.getAttribute("aria-expanded") === "true") this.closeDrawer();
        else actions.interrupt();
      } else if (event.key === "/" && !isWriting(event.target)) {
        event.preventDefault();
        composer.field.focus();
      }
    });
  }
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select");
}
