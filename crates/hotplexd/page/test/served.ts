/** The page's files with the headers of the daemon, and a WebSocket on which a test says what it wants. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BrowserContext, Page, WebSocketRoute } from "playwright-core";
import { PATIENCE_MS } from "./browser.ts";

export const ORIGIN = "http://127.0.0.1:9";

/** The policy that the daemon sends, from its sources. */
const POLICY = (/const POLICY: &str = "([^"]*)"/.exec(readFileSync(join(process.cwd(), "../src/page.rs"), "utf8"))?.[1] ?? "").replaceAll(/\\\n\s*/g, "");

const KINDS: Record<string, [file: string, kind: string]> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/page.js": ["page.js", "text/javascript; charset=utf-8"],
  "/page.css": ["page.css", "text/css; charset=utf-8"],
};

/** A page whose daemon is the test. */
export class Served {
  private socket: WebSocketRoute | null = null;
  readonly requests: Record<string, unknown>[] = [];
  private seq = 0;

  private constructor(
    readonly page: Page,
    readonly session: string,
  ) {}

  static async open(context: BrowserContext, session: string, prepare?: (page: Page) => Promise<void>): Promise<Served> {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const served = new Served(page, session);
    await page.route(`${ORIGIN}/**`, async (route) => {
      const known = KINDS[new URL(route.request().url()).pathname];
      if (known === undefined) {
        await route.fulfill({ status: 404 });
        return;
      }
      const headers = { "content-security-policy": POLICY, "content-type": known[1], "x-content-type-options": "nosniff" };
      await route.fulfill({ headers, body: readFileSync(join("dist", known[0]), "utf8") });
    });
    await page.routeWebSocket(/\/ws\/v1\/agent$/, (socket) => {
      served.socket = socket;
      socket.onMessage((message) => {
        served.answer(JSON.parse(String(message)) as Record<string, unknown>);
      });
    });
    await prepare?.(page);
    await page.goto(`${ORIGIN}/?${new URLSearchParams({ session }).toString()}`);
    await page.getByRole("status").filter({ hasText: /^ready$/ }).waitFor();
    return served;
  }

  private answer(request: Record<string, unknown>): void {
    this.requests.push(request);
    if (request["type"] === "version") this.say("version", { version: "0", engines: [], roots: ["/srv"] });
    if (request["type"] === "list") this.list([]);
    if (request["type"] === "subscribe") this.say("subscribed", { first: 1, last: 0, state: "ready", queued: 0 });
  }

  /** Something that is no event of a turn. */
  say(event: string, data: object): void {
    this.socket?.send(JSON.stringify({ event, data, session_id: this.session }));
  }

  list(sessions: object[]): void {
    this.socket?.send(JSON.stringify({ event: "list", data: { sessions } }));
  }

  /** An event of a turn. */
  tell(turn: number, event: string, data: object): void {
    this.seq += 1;
    this.socket?.send(JSON.stringify({ event, data, session_id: this.session, turn, seq: this.seq, at_ms: Date.now() }));
  }
}
