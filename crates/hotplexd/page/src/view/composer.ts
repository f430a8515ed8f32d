/** Where prompts are written. Return sends, Shift-Return makes a line, Escape interrupts. */

import { button, el, setText } from "../dom.ts";

/** Letters of a paste that is put in at once, for which there is no undo. */
const LONG_PASTE = 2_000;

export interface Commands {
  send(prompt: string): void;
  stop(): void;
}

export class Composer {
  readonly node: HTMLElement;
  readonly field = el("textarea", { "aria-label": "Prompt", rows: "1", placeholder: "What is to be done?" });
  private readonly note = el("p", { class: "note", hidden: true });
  private readonly stopButton: HTMLButtonElement;
  private history: string[] = [];

  constructor(private readonly commands: Commands) {
    this.stopButton = button("Stop", () => {
      commands.stop();
    }, { class: "stop", title: "Interrupt (Escape)" });
    const send = el("button", { type: "submit", class: "send", title: "Return sends, Shift-Return makes a line" }, "Send");
    const form = el("form", { class: "composer" }, this.note, this.field, this.stopButton, send);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.field.addEventListener("keydown", (event) => {
      this.pressed(event);
    });
    this.field.addEventListener("beforeinput", (event) => {
      this.inserted(event);
    });
    this.setRunning(false);
    this.node = form;
  }

  setRunning(isRunning: boolean): void {
    if (!isRunning && document.activeElement === this.stopButton) this.field.focus();
    this.stopButton.disabled = !isRunning;
  }

  /** What becomes of prompts that could not be sent yet. */
  setNote(note: string): void {
    this.note.hidden = note === "";
    setText(this.note, note);
  }

  /** Puts a text back, before what is being written. */
  restore(prompt: string): void {
    this.field.value = this.field.value === "" ? prompt : `${prompt}\n${this.field.value}`;
    this.field.focus();
  }

  /** A browser takes seconds to put a thousand lines in by its own means. */
  private inserted(event: InputEvent): void {
    const text = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
    if (event.inputType !== "insertFromPaste" || text.length < LONG_PASTE) return;
    event.preventDefault();
    this.field.setRangeText(text, this.field.selectionStart, this.field.selectionEnd, "end");
  }

  private send(): void {
    const prompt = this.field.value;
    if (prompt.trim() === "") return;
    this.field.value = "";
    this.history = [prompt, ...this.history.slice(0, 49)];
    // Half a letter cannot be said in JSON.
    this.commands.send(prompt.toWellFormed());
    this.field.focus();
  }

  private pressed(event: KeyboardEvent): void {
    // Return that chooses a word of an input method sends nothing.
    if (event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && (this.field.value === "" || this.history.includes(this.field.value))) {
      const at = this.history.indexOf(this.field.value);
      const earlier = this.history[at + 1];
      if (earlier === undefined) return;
      event.preventDefault();
      this.field.value = earlier;
    }
  }
}
