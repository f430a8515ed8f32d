/** Chromium without a window, and the page in it as a person or a screen reader finds it. */

import { type Browser, type BrowserContext, type Locator, type Page, chromium } from "playwright-core";
import type { Daemon } from "./daemon.ts";

/** Beyond this something hangs. */
export const PATIENCE_MS = 30_000;

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env["HOTPLEX_CHROMIUM"] ?? "",
    // Its own sandbox does not work for root, nor in most containers.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
    timeout: 2 * PATIENCE_MS,
  });
}

/** The page with a session opened. */
export class Chat {
  /** What went wrong in the page, and what it asked others for. */
  readonly problems: string[] = [];

  private constructor(readonly page: Page) {}

  static async open(context: BrowserContext, daemon: Daemon, session: string): Promise<Chat> {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const chat = new Chat(page);
    chat.watch(daemon.origin);
    await page.goto(daemon.url(session));
    await chat.is("ready");
    return chat;
  }

  private watch(origin: string): void {
    this.page.on("pageerror", (error) => this.problems.push(`error: ${error.message}`));
    this.page.on("console", (line) => {
      // A connection that is refused while the daemon is away is said by the browser, not by the page.
      if (line.type() === "error" && !line.text().includes("WebSocket")) this.problems.push(`console: ${line.text()}`);
    });
    this.page.on("dialog", (dialog) => {
      this.problems.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    this.page.on("popup", (popup) => this.problems.push(`popup: ${popup.url()}`));
    this.page.on("request", (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !url.startsWith("data:,")) this.problems.push(`request: ${url}`);
    });
  }

  get prompt(): Locator {
    return this.page.getByRole("textbox", { name: "Prompt" });
  }

  button(name: string): Locator {
    return this.page.getByRole("button", { name, exact: true });
  }

  get log(): Locator {
    return this.page.getByRole("log", { name: "Conversation" });
  }

  articles(name: "You" | "Agent" | "Tool" | "Notice"): Locator {
    return this.log.getByRole("article", { name, exact: true });
  }

  get sessions(): Locator {
    return this.page.getByRole("list", { name: "Sessions" });
  }

  async send(prompt: string): Promise<void> {
    await this.prompt.fill(prompt);
    await this.button("Send").click();
  }

  /** Waits until the status says this. */
  async is(state: string): Promise<void> {
    await this.page.getByRole("status").filter({ hasText: new RegExp(`^${state}$`) }).waitFor();
  }

  /** Waits until this is seen. */
  async sees(locator: Locator): Promise<void> {
    await locator.first().waitFor();
  }
}
