/** Nothing that anybody says is run, sent away, or keeps the page from working. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, CDPSession, Page } from "playwright-core";
import { launch } from "./browser.ts";
import { PAYLOADS } from "./hostile.ts";
import { ORIGIN, Served } from "./served.ts";

/** Seconds of work for one payload in each of its places. */
const LIMIT_S = 2;

let browser: Browser;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser.close();
});

/** What happened in the page that must not, whoever told of it. */
async function watch(page: Page, problems: string[]): Promise<void> {
  page.on("pageerror", (error) => problems.push(`error: ${error.message}`));
  page.on("console", (line) => {
    if (line.type() === "error") problems.push(`console: ${line.text()}`);
  });
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("popup", (popup) => problems.push(`popup: ${popup.url()}`));
  page.on("framenavigated", (frame) => {
    if (!frame.url().startsWith(`${ORIGIN}/`)) problems.push(`navigated: ${frame.url()}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${ORIGIN}/`) && url !== "data:,") problems.push(`request: ${url}`);
  });
  await page.exposeFunction("pwned", () => problems.push("executed"));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`against the policy: ${event.violatedDirective} ${event.blockedURI}`);
    });
  });
}

/** Elements and attributes that no message may have. */
function suspicious(): string[] {
  const found: string[] = [];
  for (const element of document.querySelectorAll("[role=log] *, [role=list] *")) {
    if (/^(script|style|link|meta|base|iframe|object|embed|svg|math|img|video|audio|source|template)$/i.test(element.localName)) {
      found.push(element.localName);
    }
    for (const { name, value } of element.attributes) {
      const isAllowed = name !== "style" && !name.startsWith("on") && !/^(src|srcset|srcdoc|action|formaction|ping|xlink:href)$/.test(name);
      const isLink = name === "href" && !/^(https?:|mailto:|\/\?session=)/.test(value);
      if (!isAllowed || isLink) found.push(`${element.localName} ${name}=${value.slice(0, 80)}`);
    }
  }
  return found;
}

/** Seconds of the page's own work so far: the machine's noise is not in it. */
async function work(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0;
}

async function measure(served: Served): Promise<CDPSession> {
  const cdp = await served.page.context().newCDPSession(served.page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  return cdp;
}

/** All the places of one payload. */
function tell(served: Served, turn: number, payload: string): void {
  const tool = { id: `t${turn}`, name: payload.slice(0, 200), input: { command: payload, [payload.slice(0, 50)]: payload }, summary: payload };
  served.tell(turn, "prompt", { text: payload, work_dir: payload, engine: payload, client: payload });
  served.tell(turn, "session_start", { model: payload });
  served.tell(turn, "thinking", { text: payload });
  const half = Math.floor(payload.length / 2);
  served.tell(turn, "delta", { kind: "answer", text: payload.slice(0, half) });
  served.tell(turn, "delta", { kind: "answer", text: payload.slice(half) });
  served.tell(turn, "answer", { text: payload });
  served.tell(turn, "tool_use", { tool });
  served.tell(turn, "approval_request", { approval_id: `a${turn}`, tool, reason: payload, work_dir: payload, expires_at_ms: null });
  const edit = { id: `e${turn}`, name: "Edit", input: { file_path: payload, old_string: payload, new_string: `${payload} ` }, summary: payload };
  served.tell(turn, "tool_use", { tool: edit });
  served.tell(turn, "tool_result", { tool: { id: `e${turn}`, name: "Edit" }, text: payload, is_error: true, duration_ms: 1 });
  served.tell(turn, "notice", { level: payload, code: payload, text: payload });
  served.tell(turn, "danger_block", { operation: payload, reason: payload, rule: payload, suggestions: [payload] });
  served.tell(turn, "raw", { line: payload });
  served.list([{ session_id: payload, title: payload, work_dir: payload, state: "waiting", approvals: [{ approval_id: "x", tool }] }]);
}

test("hostile text is text: as an answer, a thought, a tool, a question, a notice, a session", async (t) => {
  assert.ok(PAYLOADS.length >= 100);
  const problems: string[] = [];
  let served: Served | null = null;
  let worst = 0;
  for (const [at, payload] of PAYLOADS.entries()) {
    // A fresh page now and then, so that each is measured and not all those before it.
    if (at % 25 === 0) {
      await served?.page.close();
      const context = await browser.newContext();
      served = await Served.open(context, "hostile", (page) => watch(page, problems));
    }
    assert.ok(served !== null);
    const cdp = await measure(served);
    const begin = await work(cdp);
    const turn = at + 1;
    tell(served, turn, payload);
    served.tell(turn, "turn_end", { outcome: "failed", error: { message: `end of ${turn} ${payload}` }, stats: {} });
    const end = served.page.getByRole("article", { name: "Notice" }).filter({ hasText: `end of ${turn} ` });
    await end.waitFor({ state: "attached" });
    await served.page.evaluate(() => new Promise(requestAnimationFrame));
    const took = (await work(cdp)) - begin;
    await cdp.detach();
    worst = Math.max(worst, took);
    const name = JSON.stringify(payload.slice(0, 60));
    assert.deepEqual(problems, [], name);
    assert.deepEqual(await served.page.evaluate(suspicious), [], name);
    assert.ok(took < LIMIT_S, `${name} took ${took} s`);
  }
  t.diagnostic(`${PAYLOADS.length} payloads, the slowest ${worst.toFixed(2)} s`);
});

test("hostile text is text where somebody types it, and as the name of a session in the address", async () => {
  const problems: string[] = [];
  const context = await browser.newContext();
  const short = PAYLOADS.filter((payload) => payload.length < 300);
  let served = await Served.open(context, "typed", (page) => watch(page, problems));
  const prompt = served.page.getByRole("textbox", { name: "Prompt" });
  for (const payload of PAYLOADS) {
    // To type thousands of letters takes a browser seconds; a paste of them does not.
    if (payload.length < 1_000) await prompt.fill(payload);
    else await prompt.evaluate((field, text) => ((field as HTMLTextAreaElement).value = text), payload);
    await prompt.press("Enter");
    if (payload.trim() === "") await prompt.fill("");
  }
  assert.deepEqual(problems, []);
  const typed = served.requests.filter((request) => request["type"] === "execute").map((request) => request["prompt"]);
  const lines = (text: unknown): string => String(text).toWellFormed().replaceAll(/\r\n?/g, "\n");
  assert.deepEqual(typed.map(lines), PAYLOADS.filter((payload) => payload.trim() !== "").map(lines));
  await served.page.close();
  for (const payload of short.filter((_, at) => at % 4 === 0)) {
    served = await Served.open(context, payload, (page) => watch(page, problems));
    assert.deepEqual(await served.page.evaluate(suspicious), [], payload);
    const subscribed = served.requests.find((request) => request["type"] === "subscribe");
    assert.equal(subscribed?.["session_id"], new URLSearchParams({ payload }).get("payload")?.toWellFormed());
    await served.page.close();
  }
  assert.deepEqual(problems, []);
});

test("what is asked shows what cannot be seen", async () => {
  const context = await browser.newContext();
  const served = await Served.open(context, "unseen");
  const tool = { id: "t", name: "Bash", input: { command: "cat notes\u202etxt.\u200bsh" }, summary: "cat notes" };
  served.tell(1, "approval_request", { approval_id: "a", tool, reason: null, work_dir: "/srv", expires_at_ms: null });
  await served.page.getByText("cat notes⟨U+202E⟩txt.⟨U+200B⟩sh").waitFor();
  // What somebody types into the reason and ends with Return is a no.
  await served.page.getByRole("textbox", { name: "Why not" }).fill("no");
  await served.page.getByRole("textbox", { name: "Why not" }).press("Enter");
  await served.page.waitForTimeout(0);
  const answers = (): unknown[] => served.requests.map((request) => request["type"]).filter((type) => type === "approve" || type === "deny");
  while (answers().length === 0) await served.page.evaluate(() => new Promise(requestAnimationFrame));
  assert.deepEqual(answers(), ["deny"]);
});
