/** What it looks like, for everybody: light, dark, small, by keyboard, read aloud, long. Makes the pictures of the docs. */

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { Chat, PATIENCE_MS, launch } from "./browser.ts";
import { Daemon } from "./daemon.ts";
import { Served } from "./served.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Where the pictures go; those of the docs are written only when asked for. */
const PICTURES = process.env["HOTPLEX_PICTURES"] ?? join(".build", "pictures");

let browser: Browser;
let daemon: Daemon;

before(async () => {
  mkdirSync(PICTURES, { recursive: true });
  browser = await launch();
  daemon = await Daemon.start();
});

after(async () => {
  await browser.close();
  await daemon.stop();
});

const ANSWER = `The daemon waits **10 s** for the header. I made that a setting:

| setting | before | now |
|---|---|---|
| \`header_timeout\` | 10 s, fixed | 10 s by default |

\`\`\`rust
/// How long a client may take for its header.
pub(crate) fn header_timeout(&self) -> Duration {
    self.limits.header_timeout.unwrap_or(DEFAULT)
}
\`\`\`

- [x] the setting, with a test
- [ ] the [documentation](https://example.org/docs)`;

/** A line of the agent as it is, for what has several lines. */
function said(block: object): string {
  const message = { id: "msg_1", type: "message", role: "assistant", model: "stand-in-1", content: [block] };
  return `!raw ${JSON.stringify({ type: "assistant", message, parent_tool_use_id: null, session_id: "s", uuid: "u" })}`;
}

const EDIT = {
  file_path: "src/config/limits.rs",
  old_string: "const HEADER: Duration = Duration::from_secs(10);\n\nfn limits() {",
  new_string: "const DEFAULT: Duration = Duration::from_secs(10);\n\nfn limits() {",
};

/** A conversation with something of everything, through the daemon and the stand-in agent. */
async function fill(chat: Chat): Promise<void> {
  const thought = { type: "thinking", thinking: "The time limit is a constant.", signature: "c2ln" };
  await chat.send([said(thought), `!tool Edit ${JSON.stringify(EDIT)}`, said({ type: "text", text: ANSWER })].join("\n"));
  await chat.sees(chat.articles("Tool").locator("ins", { hasText: "DEFAULT" }));
  await chat.button("Allow").click();
  await chat.sees(chat.articles("Agent").filter({ hasText: "documentation" }));
  await chat.is("ready");
  await chat.send('!tool Bash {"command":"cargo test -p hotplexd --test gateway","description":"run the tests"}');
  await chat.is("waiting for you");
  await chat.sees(chat.button("Allow"));
}

/** The same as a person would have it, for the pictures. */
function tellStory(served: Served): void {
  const workDir = "/srv/projects/gateway";
  const prompt = (turn: number, text: string): void => {
    served.tell(turn, "prompt", { text, work_dir: workDir, engine: "default", client: "" });
  };
  const edit = { id: "t1", name: "Edit", input: EDIT, summary: EDIT.file_path };
  const bash = { id: "t2", name: "Bash", input: { command: "cargo test -p hotplexd --test gateway" }, summary: "cargo test" };
  prompt(1, "How long may a client take for its header? Make that a setting.");
  served.tell(1, "session_start", { model: "claude-opus" });
  served.tell(1, "thinking", { text: "The time limit is a constant." });
  served.tell(1, "tool_use", { tool: edit });
  served.tell(1, "tool_result", { tool: { id: "t1", name: "Edit" }, text: "The file src/config/limits.rs has been updated.", is_error: false, duration_ms: 12 });
  served.tell(1, "answer", { text: ANSWER });
  served.tell(1, "turn_end", { outcome: "completed", stats: { total_duration_ms: 8400, total_tokens: 3120, total_cost_usd: 0.0271 } });
  prompt(2, "Run the tests.");
  served.tell(2, "state", { state: "waiting", queued: 0 });
  served.tell(2, "approval_request", { approval_id: "2:r", tool: bash, reason: null, work_dir: workDir, expires_at_ms: Date.now() + 299_000 });
  const session = (id: string, title: string, state: string, minutes: number): object => ({
    session_id: id, title, state, work_dir: workDir, last_active_ms: 1e12 - minutes, cost_usd: 0.0419, tokens: 5210, approvals: [],
  });
  served.list([
    session(served.session, "How long may a client take for its header?", "waiting", 0),
    session("docs", "Write the chapter about TLS", "working", 1),
    session("review", "Review the last ten commits", "ready", 2),
  ]);
}

async function picture(name: string, options: BrowserContextOptions): Promise<void> {
  const served = await Served.open(await browser.newContext(options), "gateway");
  tellStory(served);
  await served.page.getByRole("button", { name: "Allow" }).waitFor();
  await served.page.getByRole("status").filter({ hasText: "waiting for you" }).waitFor();
  await served.page.evaluate(() => new Promise(requestAnimationFrame));
  await served.page.screenshot({ path: join(PICTURES, name) });
}

/** Everything that axe finds, its advice too. */
async function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } };
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
  });
}

async function withAxe(colorScheme: "light" | "dark"): Promise<BrowserContext> {
  const context = await browser.newContext({ colorScheme, viewport: { width: 1100, height: 760 } });
  await context.addInitScript({ content: AXE });
  return context;
}

test("axe finds nothing, in light and in dark; markdown, diff and question are there", async () => {
  for (const scheme of ["light", "dark"] as const) {
    const chat = await Chat.open(await withAxe(scheme), daemon, `looks ${scheme}`);
    assert.deepEqual(await violations(chat.page), [], `empty, ${scheme}`);
    await fill(chat);
    const agent = chat.articles("Agent");
    await chat.sees(agent.getByRole("cell", { name: "10 s by default" }));
    await chat.sees(agent.locator(".c-keyword", { hasText: "fn" }));
    await chat.sees(chat.articles("Tool").locator("ins", { hasText: "DEFAULT" }));
    await chat.sees(chat.articles("Tool").locator("del", { hasText: "HEADER" }));
    await agent.getByText("Thinking").first().click();
    await chat.sees(agent.getByText("The time limit is a constant."));
    assert.deepEqual(await violations(chat.page), [], scheme);
    await chat.button("Deny").click();
    await chat.is("ready");
    assert.deepEqual(chat.problems, []);
  }
});

test("a phone shows it without scrolling sideways, and its list in a menu", async () => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await context.addInitScript({ content: AXE });
  const chat = await Chat.open(context, daemon, "phone");
  await fill(chat);
  const widths = await chat.page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.deepEqual(widths, [390, 390]);
  // Without being scrolled to: it is at the end, and the end is what is shown.
  const isSeen = (button: Node): boolean => (button as Element).getBoundingClientRect().bottom <= window.innerHeight - 40;

  await chat.page.waitForFunction(isSeen, await chat.button("Allow").elementHandle());
  for (const button of ["Send", "Stop", "Allow", "Deny"]) {
    const box = await chat.button(button).boundingBox();
    assert.ok(box !== null && box.x >= 0 && box.x + box.width <= 390, button);
  }
  // A finger needs some room.
  const low = await chat.page.evaluate(() =>
    [...document.querySelectorAll("button")].filter((one) => one.offsetHeight > 0 && one.offsetHeight < 24).map((one) => one.textContent),
  );
  assert.deepEqual(low, []);
  assert.equal(await chat.sessions.isVisible(), false);
  await chat.button("Menu").tap();
  await chat.sees(chat.sessions.getByRole("listitem"));
  assert.deepEqual(await violations(chat.page), []);
  await chat.button("New session").tap();
  await chat.is("ready");
  assert.equal(await chat.sessions.isVisible(), false);
  assert.deepEqual(chat.problems, []);
});

test("pictures: light, dark, a phone", async () => {
  const viewport = { width: 1000, height: 860 };
  await picture("page-light.png", { viewport, colorScheme: "light" });
  await picture("page-dark.png", { viewport, colorScheme: "dark" });
  await picture("page-phone.png", { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true });
});

test("a session of 10 000 events scrolls, from the end to the begin", async () => {
  const chat = await Chat.open(await browser.newContext(), daemon, "long");
  await chat.send("!text the first\n!flood 10000 40\n!text the last");
  await chat.articles("Agent").filter({ hasText: "the last" }).waitFor({ timeout: 4 * PATIENCE_MS });
  await chat.is("ready");
  assert.equal(await chat.log.getByRole("article").count(), 10_003);
  const isSeen = async (text: string): Promise<void> => {
    const article = chat.articles("Agent").filter({ hasText: text }).locator(".markdown");
    await chat.page.waitForFunction(
      (node) => {
        const box = (node as Element).getBoundingClientRect();
        return box.top >= 0 && box.bottom <= window.innerHeight;
      },
      await article.elementHandle(),
    );
  };
  await isSeen("the last");
  await chat.log.focus();
  await chat.log.press("Home");
  await isSeen("the first");
  await chat.button("Latest").click();
  await isSeen("the last");
  await chat.send("still quick");
  await chat.sees(chat.articles("Agent").filter({ hasText: "echo: still quick" }));
  assert.deepEqual(chat.problems, []);
});

test("Return sends, Shift-Return makes a line, the slash goes to the prompt, the arrow brings back", async () => {
  const chat = await Chat.open(await browser.newContext(), daemon, "keys");
  await chat.log.focus();
  await chat.page.keyboard.press("/");
  await chat.page.keyboard.type("first");
  await chat.page.keyboard.press("Shift+Enter");
  await chat.page.keyboard.type("second");
  await chat.page.keyboard.press("Enter");
  await chat.sees(chat.articles("Agent").filter({ hasText: /echo: first\s+second/ }));
  assert.equal(await chat.prompt.inputValue(), "");
  await chat.page.keyboard.press("ArrowUp");
  assert.equal(await chat.prompt.inputValue(), "first\nsecond");
});

test("code has colours in each language that is known, and stays the same text", async () => {
  const served = await Served.open(await browser.newContext(), "colours");
  const table = [
    ["rust", 'fn main() { let a = "x"; } // y'],
    ["ts", "const a: number = 1; // `${b}`"],
    ["python", "def f(x):\n    return 'y'"],
    ["html", "<p class=\"a\"><script>let b = 1;</script></p>"],
    ["sh", 'if test -e "$a"; then echo b; fi'],
    ["json", '{"a": [1, true, null]}'],
    ["go", "func main() { return nil }"],
    ["yaml", "a: 1\nb: [c, d]"],
    ["diff", "-old\n+new"],
    ["sql", "SELECT a FROM b WHERE c = 'd'"],
  ] as const;
  const text = table.map(([language, code]) => `\`\`\`${language}\n${code}\n\`\`\``).join("\n\n");
  served.tell(1, "answer", { text: `${text}\n\n\`\`\`nobody-knows\nplain\n\`\`\`` });
  const blocks = served.page.locator(".code code");
  await blocks.filter({ hasText: "plain" }).waitFor();
  assert.deepEqual(await blocks.allTextContents(), [...table.map(([, code]) => code), "plain"]);
  const coloured = await blocks.evaluateAll((all) => all.map((one) => one.querySelector("span") !== null));
  assert.deepEqual(coloured, [...table.map(() => true), false]);
});

test("code, answers and output are copied as they were said", async () => {
  const context = await browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const served = await Served.open(context, "copies");
  served.tell(1, "answer", { text: "See:\n\n```js\nlet a = 1 < 2;\n```" });
  const long = Array.from({ length: 100 }, (_, at) => `line ${at}`).join("\n");
  served.tell(1, "tool_use", { tool: { id: "t", name: "Bash", input: { command: "seq" }, summary: "seq" } });
  served.tell(1, "tool_result", { tool: { id: "t", name: "Bash" }, text: long, is_error: false, duration_ms: 5 });
  served.tell(1, "turn_end", { outcome: "completed", stats: {} });
  const table = [
    ["Copy code", "let a = 1 < 2;"],
    ["Copy answer", "See:\n\n```js\nlet a = 1 < 2;\n```"],
    ["Copy output", long],
  ] as const;
  for (const [name, text] of table) {
    const copy = served.page.getByRole("button", { name });
    await copy.click();
    await copy.filter({ hasText: "Copied" }).waitFor();
    assert.equal(await served.page.evaluate(() => navigator.clipboard.readText()), text);
  }
  assert.equal(await served.page.getByText("line 99").count(), 0);
  await served.page.getByRole("button", { name: "Show all" }).click();
  await served.page.getByText("line 99").waitFor();
});

test("a page that nobody looks at tells that a session waits", async () => {
  const context = await browser.newContext({ permissions: ["notifications"] });
  const served = await Served.open(context, "notifies", async (page) => {
    await page.addInitScript(() => {
      const told: string[] = [];
      const Notification = function (title: string, { body }: { body: string }): void {
        told.push(`${title}: ${body}`);
      };
      Object.assign(Notification, { permission: "granted", requestPermission: () => Promise.resolve("granted") });
      Object.assign(window, { told, Notification });
      document.hasFocus = () => false;
      Object.defineProperty(document, "hidden", { get: () => true });
    });
  });
  await served.page.getByRole("button", { name: "Notifications: off" }).click();
  await served.page.getByRole("button", { name: "Notifications: on" }).waitFor();
  const tool = { id: "t", name: "Bash", input: { command: "make" }, summary: "make world" };
  const session = { session_id: "notifies", title: "build it", approvals: [{ approval_id: "a", tool }] };
  served.list([{ ...session, state: "working", approvals: [] }]);
  served.list([{ ...session, state: "waiting" }]);
  served.list([{ ...session, state: "ready", approvals: [] }]);
  await served.page.waitForFunction(() => document.title.startsWith("(2) "));
  const told = await served.page.evaluate(() => (window as unknown as { told: string[] }).told);
  assert.deepEqual(told, ["build it waits for you: make world", "build it is ready: "]);
});

test("a question of the agent is answered with what was chosen", async () => {
  const served = await Served.open(await browser.newContext(), "questions");
  const questions = [
    { question: "Which one?", options: [{ label: "A", description: "the first" }, { label: "B" }] },
    { question: "Which ones?", multiSelect: true, options: [{ label: "C" }, { label: "D" }] },
  ];
  const tool = { id: "q", name: "AskUserQuestion", input: { questions }, summary: "Which one?" };
  served.tell(1, "approval_request", { approval_id: "1:q", tool, reason: null, work_dir: "/srv", expires_at_ms: null });
  await served.page.getByRole("radio", { name: "B" }).check();
  await served.page.getByRole("checkbox", { name: "C" }).check();
  await served.page.getByRole("checkbox", { name: "D" }).check();
  await served.page.getByRole("button", { name: "Allow" }).click();
  const answer = (): Record<string, unknown> | undefined => served.requests.find((request) => request["type"] === "approve");
  while (answer() === undefined) await served.page.evaluate(() => new Promise((done) => setTimeout(done, 5)));
  assert.deepEqual(answer()?.["updated_input"], { questions, answers: { "Which one?": "B", "Which ones?": "C, D" } });
});
