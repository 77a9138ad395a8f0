// Everything in the browser client without a mouse.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { inBrowser, message, Person, shows, until } from "../harness/browser.ts";
import type { Scope } from "../harness/line-client.ts";
import { TestServer } from "../harness/server.ts";

interface Desk {
  readonly server: TestServer;
  readonly alice: Person;
  readonly page: Page;
}

/** Alice at her keyboard, logged in with it. */
async function sitDown(t: Scope): Promise<Desk> {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.open();
  await page.getByLabel("Name", { exact: true }).waitFor();
  await page.keyboard.type("alice");
  await page.keyboard.press("Enter");
  await page.getByRole("navigation", { name: "Conversations" }).waitFor();
  return { server, alice, page };
}

async function press(page: Page, ...keys: string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

/** Goes somewhere with the switcher. */
async function switchTo(page: Page, place: string): Promise<void> {
  await press(page, "Control+k");
  await page.getByRole("combobox").waitFor();
  await page.keyboard.type(place);
  await page.getByRole("option", { name: new RegExp(`${place}$`), selected: true }).waitFor();
  await press(page, "Enter");
  await isAt(page, place);
}

async function isAt(page: Page, place: string): Promise<void> {
  await page.getByRole("heading", { name: place, level: 1 }).waitFor();
  await page.locator(".composer textarea:focus").waitFor();
}

function input(page: Page): Promise<string> {
  return page.locator(".composer textarea").inputValue();
}

test("rooms are joined, people written to, and conversations changed", inBrowser, async (t) => {
  const { server, alice, page } = await sitDown(t);
  await switchTo(page, "#ops");
  await page.keyboard.type("first");
  await press(page, "Shift+Enter");
  await page.keyboard.type("second line");
  await press(page, "Enter");
  await shows(page, ["alice: first\nsecond line"]);
  await switchTo(page, "bob");
  await switchTo(page, "carol");
  const heading = page.getByRole("heading", { level: 1 });
  const visited: string[] = [];
  for (let i = 0; i < 3; i++) {
    const before = (await heading.textContent()) ?? "";
    visited.push(before);
    await press(page, "Alt+ArrowDown");
    await heading.getByText(before, { exact: true }).waitFor({ state: "hidden" });
  }
  assert.deepEqual(visited.toSorted(), ["#ops", "bob", "carol"]);
  await isAt(page, "carol");
  await press(page, "Alt+ArrowUp");
  await isAt(page, visited[2] ?? "");
  const bob = await server.login(t, "bob");
  await switchTo(page, "carol");
  bob.say("alice: here");
  await page.getByRole("link", { name: /bob.*unread/ }).waitFor();
  await press(page, "Alt+a");
  await isAt(page, "bob");
  await shows(page, ["bob: here"]);
  assert.deepEqual(alice.troubles, []);
});

test("commands, names and rooms are completed", inBrowser, async (t) => {
  const { server, alice, page } = await sitDown(t);
  const bob = await server.login(t, "bob");
  await server.login(t, "bert");
  await switchTo(page, "bob");
  bob.say("alice: hi");
  await shows(page, ["bob: hi"]);
  await page.keyboard.type("/jo");
  await page.getByRole("option", { name: /\/join/, selected: true }).waitFor();
  await press(page, "Tab");
  await page.keyboard.type("#ops");
  assert.equal(await input(page), "/join #ops");
  await press(page, "Enter");
  await isAt(page, "#ops");

  await page.keyboard.type("/");
  const offered = page.getByRole("option", { selected: true });
  const first = await offered.textContent();
  const isFirst = async (): Promise<boolean> => (await offered.textContent()) === first;
  await press(page, "ArrowDown");
  await until(
    page,
    async () => !(await isFirst()),
    () => "another one",
  );
  await press(page, "ArrowUp");
  await until(page, isFirst, () => "the first one again");
  for (let i = 0; i < 12; i++) await press(page, "ArrowDown");
  assert.ok(await offered.isVisible());
  await press(page, "Escape");
  await page.getByRole("listbox").waitFor({ state: "hidden" });
  await press(page, "Backspace");

  await page.keyboard.type("is b");
  await press(page, "Tab");
  assert.match(await input(page), /^is bob,? ?$/);
  await press(page, "Control+a");
  await page.keyboard.type("see #o");
  await press(page, "Tab");
  assert.match(await input(page), /^see #ops ?$/);
  assert.deepEqual(alice.troubles, []);
});

test(
  "what waits is edited with the arrow up, and what is searched for is gone to",
  inBrowser,
  async (t) => {
    const { server, alice, page } = await sitDown(t);
    await switchTo(page, "bob");
    await page.keyboard.type("the needle");
    await press(page, "Enter");
    await message(page, "the needle").getByText("sent").waitFor({ state: "attached" });
    await server.end("SIGKILL");
    await page.keyboard.type("a typpo");
    await press(page, "Enter");
    await shows(page, ["alice: the needle", "alice: a typpo [waiting]"]);
    await press(page, "ArrowUp");
    await shows(page, ["alice: the needle"]);
    await until(
      page,
      async () => (await input(page)) === "a typpo",
      () => input(page),
    );
    await press(page, "Backspace", "Backspace");
    await page.keyboard.type("o");
    await press(page, "Enter");
    await shows(page, ["alice: the needle", "alice: a typo [waiting]"]);
    const next = await TestServer.start(t, { data: server.data, port: server.port });
    await shows(page, ["alice: the needle", "alice: a typo"]);

    await switchTo(page, "#ops");
    await press(page, "Control+Shift+F");
    await page.getByRole("textbox", { name: "Search messages" }).waitFor();
    await page.keyboard.type("needle");
    await press(page, "Enter");
    await page.getByRole("button", { name: /the needle/ }).waitFor();
    for (let i = 0; i < 5; i++) {
      if ((await page.locator(".result:focus").count()) > 0) break;
      await press(page, "Tab");
    }
    await press(page, "Enter");
    await page.getByRole("heading", { name: "bob", level: 1 }).waitFor();
    await page.locator('.message[data-is-found="true"]', { hasText: "the needle" }).waitFor();
    const bob = await next.login(t, "bob");
    await bob.expect("from alice: the needle", "from alice: a typo");
    assert.deepEqual(alice.troubles, []);
  },
);

test("each stop of Tab is seen, and panels give the focus back", inBrowser, async (t) => {
  const { alice, page } = await sitDown(t);
  await switchTo(page, "#ops");
  for (const keys of ["Control+k", "Control+Shift+F"]) {
    await press(page, keys);
    await page.getByRole("dialog").waitFor();
    await page.keyboard.type("x");
    await press(page, "Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await page.locator(".composer textarea:focus").waitFor();
  }
  const stops = new Set<string>();
  for (let i = 0; i < 30; i++) {
    await press(page, "Shift+Tab");
    const { what, isSeen } = await page.evaluate(() => {
      const at = document.activeElement ?? document.body;
      const around = [at, at.parentElement ?? at].map((one) => getComputedStyle(one));
      const isOutlined = around.some(
        ({ outlineStyle, outlineWidth, boxShadow }) =>
          (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none",
      );
      return {
        what: at.getAttribute("aria-label") ?? at.textContent ?? "",
        isSeen: isOutlined || at === document.body,
      };
    });
    assert.ok(isSeen, `nothing shows that "${what}" has the focus`);
    stops.add(what);
  }
  for (const name of ["Messages in #ops", "Search", "Settings", "Mute", "Leave the room"]) {
    assert.ok(stops.has(name), `${name} is not among ${[...stops].join(", ")}`);
  }
  assert.deepEqual(alice.troubles, []);
});

// The first letter that followed Ctrl+K at once went into the message.
test("the switcher has what is typed as soon as it is asked for", inBrowser, async (t) => {
  const { alice, page } = await sitDown(t);
  await switchTo(page, "bob");
  const hasFocus = await page.evaluate(async () => {
    const keys = { key: "k", ctrlKey: true, bubbles: true, cancelable: true };
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", keys));
    // All that is done before the next key, and nothing that waits until the page was drawn.
    for (let i = 0; i < 20; i++) await Promise.resolve();
    return document.activeElement?.matches("dialog input");
  });
  assert.ok(hasFocus);
  assert.deepEqual(alice.troubles, []);
});

// Safari ends what is composed with an Enter that looks like any other but for its code: half of a message
// in Chinese was sent with it.
test("Enter that ends what is composed sends nothing", inBrowser, async (t) => {
  const { alice, page } = await sitDown(t);
  await switchTo(page, "bob");
  await page.keyboard.insertText("你好");
  await page.evaluate(() => {
    const keys = { key: "Enter", keyCode: 229, bubbles: true, cancelable: true };
    document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", keys));
  });
  await page.keyboard.insertText("吗");
  await press(page, "Enter");
  await shows(page, ["alice: 你好吗"]);
  assert.deepEqual(alice.troubles, []);
});

// Whoever was further up in a room with something new stayed there, and silenced rooms were visited.
test("Alt+A goes to where something new is, elsewhere and not silenced", inBrowser, async (t) => {
  const { server, alice, page } = await sitDown(t);
  const bob = await server.login(t, "bob");
  for (const room of ["#room-a", "#room-b", "#room-c"]) await switchTo(page, room);
  bob.say("/join #room-a", "/join #room-b", "/join #room-c");
  await switchTo(page, "#room-a");
  await page.keyboard.type("/mute");
  await press(page, "Enter");
  await page.getByRole("button", { name: "Unmute" }).waitFor();
  await switchTo(page, "#room-b");
  for (let i = 0; i < 100; i++) bob.say(`#room-b: ${i}`);
  await message(page, "99").waitFor();
  await page.locator(".scroller").evaluate((pane) => pane.scrollTo(0, 0));
  bob.say("#room-b: below", "#room-a: silenced", "#room-c: here");
  await page.getByRole("button", { name: /To the newest/ }).waitFor();
  await page.getByRole("link", { name: /room-c.*unread/ }).waitFor();
  await press(page, "Alt+a");
  await isAt(page, "#room-c");
  assert.deepEqual(alice.troubles, []);
});

// What had the focus went away with it: whoever went on with the keyboard began at the top of the page.
test("the focus is never lost with what had it", inBrowser, async (t) => {
  const { server, alice, page } = await sitDown(t);
  await switchTo(page, "#ops");
  await page.setViewportSize({ width: 800, height: 700 });
  const show = page.getByRole("button", { name: "Show members" });
  await show.focus();
  await press(page, "Enter");
  await page.locator(".members:focus").waitFor();
  await press(page, "Tab");
  await page.locator(".members a:focus").waitFor();
  await press(page, "Escape");
  await page.locator(".members").waitFor({ state: "hidden" });
  assert.ok(await show.evaluate((button) => button === document.activeElement));

  await switchTo(page, "bob");
  await server.end("SIGKILL");
  await page.locator(".bar").waitFor();
  for (const body of ["one", "two"]) {
    await page.keyboard.type(body);
    await press(page, "Enter");
  }
  for (const choice of ["Discard", "Edit"]) {
    await page.getByRole("button", { name: choice }).first().focus();
    await press(page, "Enter");
    await page.locator(".composer textarea:focus").waitFor();
  }
  await until(
    page,
    async () => (await input(page)) === "two",
    () => input(page),
  );
  assert.deepEqual(alice.troubles, []);
});

test("what is written is seen whole when the window becomes narrower", inBrowser, async (t) => {
  const { alice, page } = await sitDown(t);
  await switchTo(page, "bob");
  await page.keyboard.type("some words ".repeat(20));
  await page.setViewportSize({ width: 360, height: 700 });
  const hidden = (): Promise<number> =>
    page
      .locator(".composer textarea")
      .evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight);
  await until(
    page,
    async () => (await hidden()) <= 1,
    async () => `${await hidden()} pixels are hidden`,
  );
  assert.deepEqual(alice.troubles, []);
});

// They were asked for when the room was opened, and without a connection that was never answered.
test("without a connection the members are those that were there last", inBrowser, async (t) => {
  const { server, alice, page } = await sitDown(t);
  await switchTo(page, "#ops");
  const members = page.getByRole("complementary", { name: "Members" });
  await members.getByText("alice").waitFor();
  await server.end("SIGKILL");
  await page.locator(".bar").waitFor();
  await switchTo(page, "bob");
  await press(page, "Alt+ArrowUp");
  await isAt(page, "#ops");
  await members.getByText("alice").waitFor();
  assert.deepEqual(alice.troubles, []);
});
