/** A daemon that goes away, a link that breaks, several tabs, prompts that wait in line. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, WebSocketRoute } from "playwright-core";
import { Chat, launch } from "./browser.ts";
import { Daemon } from "./daemon.ts";

let browser: Browser;
let daemon: Daemon;

before(async () => {
  browser = await launch();
  daemon = await Daemon.start();
});

after(async () => {
  await browser.close();
  await daemon.stop();
});

test("the daemon is killed under a turn and started again: the page is told, and goes on", async () => {
  const chat = await Chat.open(await browser.newContext(), daemon, "restarted");
  await chat.send("remember me");
  await chat.sees(chat.articles("Agent").filter({ hasText: "echo: remember me" }));
  await chat.send("!hang-soft");
  await chat.is("working");
  await daemon.end("SIGKILL");
  await chat.is("reconnecting");
  await chat.send("history");
  await chat.sees(chat.page.getByText("Sent when the connection is back: 1"));
  await daemon.serve();
  await chat.sees(chat.articles("Notice").filter({ hasText: "started again" }));
  // The conversation is resumed: the agent knows of the turns before.
  await chat.sees(chat.articles("Agent").filter({ hasText: /history: [12]/ }));
  await chat.is("ready");
  assert.equal(await chat.articles("You").filter({ hasText: "remember me" }).count(), 1);
  assert.deepEqual(chat.problems, []);
});

test("a link breaks: what happened meanwhile comes in order, and nothing twice", async () => {
  const context = await browser.newContext();
  const other = await Chat.open(context, daemon, "caught up");
  const sockets: { page: WebSocketRoute; server: WebSocketRoute }[] = [];
  let isDown = false;
  await context.routeWebSocket(/\/ws\//, (page) => {
    if (isDown) {
      void page.close({ code: 4000 });
      return;
    }
    sockets.push({ page, server: page.connectToServer() });
  });
  const chat = await Chat.open(context, daemon, "caught up");
  await chat.send("!text one");
  await chat.sees(chat.articles("Agent").filter({ hasText: "one" }));
  isDown = true;
  for (const { page, server } of sockets) {
    await server.close();
    await page.close({ code: 4000 });
  }
  await chat.is("reconnecting");
  await other.send("!text two\n!text three");
  await other.sees(other.articles("Agent").filter({ hasText: "three" }));
  isDown = false;
  await chat.sees(chat.articles("Agent").filter({ hasText: "three" }));
  await chat.is("ready");
  assert.deepEqual(await chat.articles("Agent").locator(".markdown").allInnerTexts(), ["one", "two", "three"]);
  assert.equal(await chat.articles("Notice").count(), 0);
});

test("two tabs on one session show the same; an answer in one closes the question in the other", async () => {
  const context = await browser.newContext();
  const one = await Chat.open(context, daemon, "two tabs");
  const other = await Chat.open(context, daemon, "two tabs");
  await one.send('!tool Bash {"command":"true"}\n!text done');
  await one.is("waiting for you");
  await other.is("waiting for you");
  await other.button("Allow").click();
  for (const chat of [one, other]) {
    await chat.sees(chat.articles("Agent").filter({ hasText: "done" }));
    await chat.is("ready");
    await chat.sees(chat.articles("Tool").filter({ hasText: "done · Allowed" }));
    assert.equal(await chat.button("Allow").count(), 0);
    assert.deepEqual(chat.problems, []);
  }
});

test("prompts wait in line; one is taken out, one is written anew", async () => {
  const chat = await Chat.open(await browser.newContext(), daemon, "in line");
  await chat.send("!hang-soft");
  await chat.is("working");
  await chat.send("take me out");
  await chat.send("write me anew");
  await chat.send("stay");
  const waits = (text: string) => chat.page.locator(".turn", { hasText: text });
  await chat.sees(waits("stay").getByText("Waits in line"));
  await waits("take me out").getByRole("button", { name: "Remove" }).click();
  await chat.sees(waits("take me out").getByText("Interrupted"));
  await waits("write me anew").getByRole("button", { name: "Edit" }).click();
  await chat.sees(waits("write me anew").getByText("Interrupted"));
  assert.equal(await chat.prompt.inputValue(), "write me anew");
  await chat.button("Stop").click();
  await chat.sees(chat.articles("Agent").filter({ hasText: "echo: stay" }));
  await chat.is("ready");
  assert.equal(await chat.articles("Agent").filter({ hasText: "echo:" }).count(), 1);
});

test("another session waits in the list, and is answered from there", async () => {
  const context = await browser.newContext();
  const chat = await Chat.open(context, daemon, "asks");
  await chat.send('!tool Bash {"command":"make world"}\n!text went on');
  await chat.is("waiting for you");
  await chat.button("New session").click();
  await chat.is("ready");
  assert.equal(await chat.articles("You").count(), 0);
  const waiting = chat.sessions.getByRole("listitem").filter({ hasText: "make world" });
  await chat.sees(waiting.getByText("waiting for you"));
  await waiting.getByRole("button", { name: "Approve Bash" }).click();
  await chat.sees(waiting.getByText("ready"));
  await waiting.getByRole("link").click();
  await chat.sees(chat.articles("Agent").filter({ hasText: "went on" }));
  assert.equal(await waiting.getAttribute("aria-current"), "true");
  await chat.page.goBack();
  await chat.is("ready");
  assert.equal(await chat.articles("You").count(), 0);
  assert.deepEqual(chat.problems, []);
});

test("a wrong token is refused for good, and the right one let in", async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${daemon.origin}/?session=locked#token=wrong`);
  await page.getByRole("status").filter({ hasText: "no access" }).waitFor();
  await page.getByLabel("The daemon wants its token").fill(daemon.token);
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByRole("status").filter({ hasText: /^ready$/ }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Connect" }).count(), 0);
});

test("a prompt that is longer than the daemon takes is given back, and says why", async () => {
  const directory = mkdtempSync(join(tmpdir(), "hotplex-limits-"));
  const config = join(directory, "hotplexd.toml");
  writeFileSync(config, "[limits]\nframe_bytes = 20000\n");
  const strict = await Daemon.start(["--config", config]);
  const chat = await Chat.open(await browser.newContext(), strict, "too large");
  const prompt = "some words ".repeat(20_000).trim();
  await chat.send(prompt);
  await chat.sees(chat.articles("Notice").filter({ hasText: "longer than what the daemon takes" }));
  await chat.is("ready");
  const box = chat.page.getByRole("textbox", { name: "Prompt" });
  assert.equal(await box.inputValue(), prompt);
  await box.fill("");
  await chat.send("shorter");
  await chat.sees(chat.articles("Agent").filter({ hasText: "echo: shorter" }));
  await strict.stop();
  rmSync(directory, { recursive: true });
});
