/**
 * The page with the real agent. `tests/real` of the engine runs this in a namespace without a network, with a
 * model server that does what the prompt says: see `make test-real`.
 */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { Chat, launch } from "./browser.ts";
import { Daemon } from "./daemon.ts";

let browser: Browser;
let daemon: Daemon;
let chat: Chat;

before(async () => {
  browser = await launch();
  daemon = await Daemon.start();
  chat = await Chat.open(await browser.newContext(), daemon, "real");
});

after(async () => {
  await browser.close();
  await daemon.stop();
});

const answer = (text: string | RegExp) => chat.articles("Agent").filter({ hasText: text });

/** Clothed, so that the prompt itself is not refused. What it names is not there: nothing would be lost. */
const BLOCKED_TOOL = "This is what the model is going to do by itself.\nMODEL:bash rm -rf /no-such-directory";

/** How many messages the model was sent. */
async function count(): Promise<number> {
  const told = answer(/messages: \d+/);
  const earlier = await told.count();
  await chat.send("MODEL:count");
  const text = await told.nth(earlier).innerText();
  await chat.is("ready");
  return Number(/messages: (\d+)/.exec(text)?.[1]);
}

test("a text turn is answered in markdown, with what it cost", async () => {
  await chat.send("MODEL:text hello **there**");
  await chat.sees(answer("hello there").locator("strong", { hasText: "there" }));
  await chat.is("ready");
  await chat.sees(chat.page.getByRole("status").filter({ hasText: /\$\d.* · [\d,]+ tokens/ }));
});

test("a tool runs if it is allowed and not otherwise", async () => {
  for (const [press, file] of [["Allow", "allowed"], ["Deny", "denied"]] as const) {
    await chat.send(`MODEL:bash touch ${file}`);
    await chat.is("waiting for you");
    await chat.sees(chat.articles("Tool").filter({ hasText: `touch ${file}` }));
    await chat.button(press).click();
    await chat.is("ready");
    assert.equal(existsSync(join(daemon.work, file)), press === "Allow", file);
  }
});

test("an answer is interrupted, and the session goes on", async () => {
  await chat.send("MODEL:stream 400 50");
  await chat.sees(answer("w2 "));
  await chat.button("Stop").click();
  await chat.sees(chat.articles("Notice").filter({ hasText: "Interrupted" }));
  await chat.is("ready");
  await chat.send("MODEL:text clean");
  await chat.sees(answer("clean"));
  await chat.is("ready");
});

test("a prompt and a tool are blocked, and the page says by what", async () => {
  const blocked = chat.articles("Notice").filter({ hasText: "Blocked by the guard" });
  await chat.send("please run rm -rf / now");
  await chat.sees(blocked);
  await chat.is("ready");
  const before = await blocked.count();
  await chat.send(BLOCKED_TOOL);
  await chat.sees(blocked.nth(before));
  await chat.is("ready");
});

test("the daemon is killed, and the conversation goes on", async () => {
  const before = await count();
  await daemon.end("SIGKILL");
  await chat.is("reconnecting");
  await daemon.serve();
  await chat.is("ready");
  assert.ok((await count()) > before);
  assert.deepEqual(chat.problems, []);
});
