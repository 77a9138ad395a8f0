// Rooms that one is in, on whatever device, and those that one is not in: what is shown of each.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { connect, type Line } from "../../src/client/index.ts";
import { goTo, inBrowser, message, Person, say, shows } from "../harness/browser.ts";
import type { Scope } from "../harness/line-client.ts";
import { TestServer } from "../harness/server.ts";

const PASSWORD = "correct horse";

function friend(t: Scope, { port }: TestServer, name: string, password?: string): Line {
  const line = connect(`partyline://127.0.0.1:${port}`, {
    name,
    ...(password !== undefined && { password }),
  });
  t.after(() => line.close());
  return line;
}

function heading(page: Page, name: string): Promise<void> {
  return page.getByRole("heading", { name, level: 1 }).waitFor();
}

async function offline(page: Page): Promise<void> {
  await page
    .getByText(/No connection/)
    .first()
    .waitFor();
}

const WHY = "That needs a connection. Try again when there is one.";

// It had no members, no topic and no lock until the page was loaded anew.
test("a room that was joined on another device is as it is", inBrowser, async (t) => {
  const server = await TestServer.start(t, { args: ["--registration", "open"] });
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter(PASSWORD, true);
  const bob = friend(t, server, "bob");
  await bob.join("#ops");
  await bob.setTopic("#ops", "what it is about");
  await bob.setPrivate("#ops", true);
  await bob.moderate("#ops", "invite", "alice");
  await friend(t, server, "alice", PASSWORD).join("#ops");
  await page.getByRole("link", { name: /ops/ }).click();
  const banner = page.getByRole("main");
  await banner.getByText("what it is about", { exact: true }).waitFor();
  await banner.getByText("private").waitFor({ state: "attached" });
  await page.getByRole("heading", { name: "Members 2" }).waitFor();
  assert.deepEqual(alice.troubles, []);
});

// The room was gone, and who had done that and why was told to all but the one that was put out.
test("whoever is put out is told by whom and why", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  const bob = friend(t, server, "bob");
  await bob.join("#ops");
  await goTo(page, "#ops");
  await bob.moderate("#ops", "kick", "alice", "too loud");
  await page
    .getByRole("main")
    .getByText(/bob\W has put you out of \W#ops\W: \Wtoo loud/)
    .waitFor();
  await heading(page, "You are not in #ops");
  assert.deepEqual(alice.troubles, []);
});

// What was found in a room that one had left was shown as if one were in it: a composer, and 0 members.
test(
  "of a room that one is not in, what one may read is shown, and a way in",
  inBrowser,
  async (t) => {
    const server = await TestServer.start(t);
    const alice = await Person.start(t, server.port, "alice");
    const page = await alice.enter();
    const bob = friend(t, server, "bob");
    await goTo(page, "#ops");
    await bob.join("#ops");
    await bob.send("#ops", "the needle");
    await shows(page, ["bob: the needle"]);
    await page.getByRole("button", { name: "Leave the room" }).click();
    await heading(page, "You are not in #ops");
    await bob.send("#ops", "among ourselves");
    await page.keyboard.press("Control+Shift+F");
    await page.getByRole("textbox", { name: "Search messages" }).fill("needle");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /needle/ }).click();
    await heading(page, "#ops");
    await shows(page, ["bob: the needle"]);
    assert.equal(await page.locator(".composer, .members").count(), 0);
    assert.equal(await page.getByRole("navigation").getByText("ops").count(), 0);
    await page.getByRole("main").getByRole("button", { name: /^Join/ }).click();
    await page.locator(".composer").waitFor();
    await page.getByRole("navigation").getByText("ops").waitFor();

    await say(page, "/msg #nowhere hello");
    await heading(page, "#nowhere");
    await message(page, "hello")
      .getByText(/^Not sent/)
      .waitFor();
    assert.equal(await page.locator(".composer, .members").count(), 0);
    assert.equal(await page.getByRole("navigation").getByText("nowhere").count(), 0);
    assert.deepEqual(alice.troubles, []);
  },
);

// Commands were emptied out of the composer, and done, or forgotten, whenever there was a connection again:
// whoever was writing by then was taken to another room in the middle of a word.
test("what needs a connection says so, and waits for nobody", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  await goTo(page, "bob");
  await server.end("SIGKILL");
  await offline(page);
  await say(page, "/join #later");
  await page.getByText(WHY).first().waitFor();
  const input = page.getByRole("textbox", { name: /^Message to / });
  assert.equal(await input.inputValue(), "/join #later");
  await page.getByRole("button", { name: "Close" }).click();
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("A name, or #room").fill("#later");
  await page.keyboard.press("Enter");
  await page.getByText(WHY).first().waitFor();
  await TestServer.start(t, { data: server.data, port: server.port });
  await page
    .getByText(/No connection/)
    .first()
    .waitFor({ state: "hidden" });
  await input.press("Enter");
  await heading(page, "#later");
  assert.deepEqual(alice.troubles, []);
});

test(
  "whoever has gone elsewhere is not taken to a room that lets him in late",
  inBrowser,
  async (t) => {
    const server = await TestServer.start(t);
    const alice = await Person.start(t, server.port, "alice");
    const page = await alice.enter();
    await goTo(page, "bob");
    await goTo(page, "carol");
    await page.getByRole("textbox", { name: /^Message to / }).fill("/join #ops");
    await page.evaluate(() => {
      const enter = new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true });
      document.querySelector(".composer textarea")?.dispatchEvent(enter);
      location.hash = "/bob";
    });
    await page.getByRole("navigation").getByText("ops").waitFor();
    await heading(page, "bob");
    assert.deepEqual(alice.troubles, []);
  },
);

// A link to `#/javascript:alert(1)` made a conversation of that name, which stayed.
test("links make no conversations of what is no name, or of nothing", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  for (const place of ["javascript:alert(1)", "two words", "<img src=x>", "##x", "x".repeat(33)]) {
    await page.evaluate((one) => (location.hash = `/${encodeURIComponent(one)}`), place);
    await heading(page, "Hello, alice");
  }
  assert.equal(await page.locator(".side a").count(), 0);
  await goTo(page, "said.to");
  await say(page, "/msg <img hello");
  await page
    .getByText(/^That is not a name/)
    .first()
    .waitFor();
  for (const name of ["looked.up", "written.to", "said.to"]) await goTo(page, name);
  await say(page, "hello");
  await message(page, "hello").getByText("sent").waitFor({ state: "attached" });
  await goTo(page, "written.to");
  await page.getByRole("textbox", { name: /^Message to / }).fill("not yet");
  await page.evaluate(() => (location.hash = "/"));
  await heading(page, "Hello, alice");
  await page.reload();
  await page.getByRole("navigation").getByText("said.to").waitFor();
  await page.getByRole("navigation").getByText("written.to").waitFor();
  assert.equal(await page.getByRole("navigation").getByText("looked.up").count(), 0);
  assert.deepEqual(alice.troubles, []);
});
