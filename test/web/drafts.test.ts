// What is being written: of one person, in one conversation, in one tab; and kept for the next start.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { connect } from "../../src/client/index.ts";
import { goTo, inBrowser, Person, say, shows, until } from "../harness/browser.ts";
import { TestServer } from "../harness/server.ts";

const PASSWORD = "correct horse";

async function write(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: /^Message to / }).fill(text);
}

async function isWriting(page: Page, text: string): Promise<void> {
  const input = page.getByRole("textbox", { name: /^Message to / });
  await until(
    page,
    async () => (await input.inputValue()) === text,
    async () => `${JSON.stringify(text)}; it has ${JSON.stringify(await input.inputValue())}`,
  );
}

// Whoever was called like something that every object has was shown its source as a draft.
test("people may be called like what objects have", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  for (const name of ["constructor", "__proto__", "toString"]) {
    await goTo(page, name);
    await isWriting(page, "");
    await say(page, "hello");
    await isWriting(page, "");
    await shows(page, ["alice: hello"]);
    await write(page, `to ${name}`);
  }
  // Also those that are kept.
  await page.reload();
  for (const name of ["constructor", "__proto__", "toString"]) {
    await goTo(page, name);
    await isWriting(page, `to ${name}`);
    await shows(page, ["alice: hello"]);
  }
  assert.deepEqual(alice.troubles, []);
});

// A draft was the browser's: whoever logged in next read it.
test("what one was writing is not shown to who comes next", inBrowser, async (t) => {
  const server = await TestServer.start(t, { args: ["--registration", "open"] });
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter(PASSWORD, true);
  await goTo(page, "bob");
  await write(page, "a secret");
  await page.getByRole("button", { name: "Mute" }).click();
  const other = connect(`partyline://127.0.0.1:${server.port}`, {
    name: "alice",
    password: PASSWORD,
  });
  await other.setPassword("another horse", PASSWORD);
  await other.close();
  const enter = async (name: string, password: string): Promise<void> => {
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Enter" }).click();
    await page.getByRole("navigation", { name: "Conversations" }).waitFor();
    await goTo(page, "bob");
  };
  await page.getByRole("button", { name: "Log in again" }).click();
  await enter("mallory", "");
  await isWriting(page, "");
  await page.getByRole("button", { name: "Mute", exact: true }).waitFor();
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Log out on this device" }).click();
  await enter("alice", "another horse");
  await isWriting(page, "a secret");
  await page.getByRole("button", { name: "Unmute" }).waitFor();
  assert.deepEqual(alice.troubles, []);
});

// Two tabs at one conversation had one text: letters of both were mixed, and sending one took the other.
test("each tab has its own text, and finds it again", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice");
  const first = await alice.enter();
  await goTo(first, "bob");
  await write(first, "from the first");
  const second = await alice.open("bob");
  await isWriting(second, "from the first");
  await write(second, "from the second");
  await isWriting(first, "from the first");
  await first.getByRole("textbox", { name: /^Message to / }).press("Enter");
  await shows(second, ["alice: from the first"]);
  await isWriting(second, "from the second");
  await second.reload();
  await isWriting(second, "from the second");
  assert.deepEqual(alice.troubles, []);
});
