/** What somebody does all day: prompts, approvals, interrupts, several tabs, a daemon that goes away. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Browser, BrowserContext } from "playwright-core";
import { Chat, launch } from "./browser.ts";
import { Daemon } from "./daemon.ts";

let browser: Browser;
let daemon: Daemon;
let context: BrowserContext;

before(async () => {
  browser = await launch();
  daemon = await Daemon.start();
  context = await browser.newContext();
});

after(async () => {
  await browser.close();
  await daemon.stop();
});

test("a turn streams into an article, and the token does not stay in the address", async () => {
  const chat = await Chat.open(context, daemon, "streams");
  assert.ok(!chat.page.url().includes("token"), chat.page.url());
  await chat.send("!delta 40 20");
  await chat.is("working");
  await chat.sees(chat.articles("Agent").filter({ hasText: "w3 " }));
  await chat.sees(chat.articles("Agent").filter({ hasText: "w39" }));
  await chat.is("ready");
  assert.equal(await chat.articles("Agent").count(), 1);
  assert.equal(await chat.articles("You").innerText(), "!delta 40 20");
  await chat.sees(chat.page.getByRole("status").filter({ hasText: /\$\d.* · [\d,]+ tokens/ }));
  const item = chat.sessions.getByRole("listitem").filter({ hasText: "!delta 40 20" });
  assert.equal(await item.getAttribute("aria-current"), "true");
  assert.deepEqual(chat.problems, []);
});

test("a tool is allowed, another denied, and the agent is told why", async () => {
  const chat = await Chat.open(context, daemon, "approvals");
  await chat.send('!tool Bash {"command":"make release","description":"build it"}');
  await chat.is("waiting for you");
  const card = chat.articles("Tool");
  await chat.sees(card.filter({ hasText: "make release" }));
  await chat.sees(card.filter({ hasText: daemon.work }));
  await chat.sees(card.filter({ hasText: /Denied in/ }));
  await chat.button("Allow").click();
  await chat.sees(card.filter({ hasText: "ran Bash with" }));
  await chat.is("ready");
  await chat.send('!tool Bash {"command":"make clean"}');
  await chat.is("waiting for you");
  await chat.page.getByRole("textbox", { name: "Why not" }).fill("not on a Friday");
  await chat.button("Deny").click();
  await chat.sees(card.filter({ hasText: "not on a Friday" }));
  await chat.is("ready");
  await chat.sees(card.filter({ hasText: "failed · Denied" }));
  assert.deepEqual(chat.problems, []);
});

test("Stop and Escape interrupt, and the session goes on", async () => {
  const chat = await Chat.open(context, daemon, "interrupts");
  await chat.send("!delta 100000 20");
  await chat.sees(chat.articles("Agent").filter({ hasText: "w2 " }));
  await chat.button("Stop").click();
  await chat.sees(chat.articles("Notice").filter({ hasText: "Interrupted" }));
  await chat.is("ready");
  await chat.send("!hang-soft");
  await chat.is("working");
  await chat.prompt.press("Escape");
  await chat.is("ready");
  await chat.send("hello again");
  await chat.sees(chat.articles("Agent").filter({ hasText: "echo: hello again" }));
  assert.deepEqual(chat.problems, []);
});
