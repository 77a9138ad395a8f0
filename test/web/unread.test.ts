// What is new: counts, the unread line, markers that all devices share, mentions, and what is said to a
// person who looks elsewhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { goTo, inBrowser, message, Person, shows, until } from "../harness/browser.ts";
import { TestServer } from "../harness/server.ts";

const PASSWORD = "correct horse";

function entry(page: Page, place: string) {
  return page
    .getByRole("navigation")
    .locator("a.entry", { has: page.getByText(place, { exact: true }) });
}

async function hasBadge(page: Page, place: string, count: number | undefined): Promise<void> {
  const badge = entry(page, place).locator(".badge [aria-hidden]");
  await until(
    page,
    async () =>
      JSON.stringify(await badge.allTextContents()) ===
      JSON.stringify(count === undefined ? [] : [String(count)]),
    async () => `${place} has ${count}; it has ${(await badge.allTextContents()).join()}`,
  );
}

async function hasTitle(page: Page, title: string): Promise<void> {
  await until(
    page,
    async () => (await page.title()) === title,
    () => page.title(),
  );
}

/** Makes the page believe that the person looks at another window, or at this one again. */
async function looksAway(page: Page, isAway: boolean): Promise<void> {
  await page.evaluate((away) => {
    Object.defineProperty(document, "hasFocus", { value: () => !away, configurable: true });
    dispatchEvent(new Event(away ? "blur" : "focus"));
  }, isAway);
}

test("counts, title and icon tell what is new, and what is for whom", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  await goTo(page, "#ops");
  bob.say("/join #ops");
  await goTo(page, "carol");
  await hasTitle(page, "carol · Partyline");
  const icon = (): Promise<string | null> => page.locator("link[rel=icon]").getAttribute("href");
  assert.equal(await icon(), "./icon.svg");
  bob.say("#ops: one", "#ops: two");
  await hasBadge(page, "ops", 2);
  await hasTitle(page, "carol · Partyline");
  bob.say("#ops: @alice three", "alice: for you alone", "alice: really");
  await hasBadge(page, "ops", 3);
  await hasBadge(page, "bob", 2);
  // A room counts once, a direct message each.
  await hasTitle(page, "(3) carol · Partyline");
  assert.match((await icon()) ?? "", /^data:image\/svg\+xml,/);
  await entry(page, "ops").getByText("for you").waitFor({ state: "attached" });

  await entry(page, "ops").click();
  await shows(page, ["bob: one", "bob: two", "bob: @alice three"]);
  await hasTitle(page, "(2) #ops · Partyline");
  await page.getByRole("button", { name: "Mute" }).click();
  await entry(page, "bob").click();
  await hasTitle(page, "bob · Partyline");
  assert.equal(await icon(), "./icon.svg");
  bob.say("#ops: @alice, are you there?");
  await hasBadge(page, "ops", 1);
  await hasTitle(page, "bob · Partyline");
  await entry(page, "ops").getByText("muted").waitFor({ state: "attached" });
  assert.deepEqual(alice.troubles, []);
});

test("the unread line stands above what came while nobody looked", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  await goTo(page, "bob");
  bob.say("alice: seen");
  await shows(page, ["bob: seen"]);
  assert.equal(await page.locator(".divider.new").count(), 0);
  await looksAway(page, true);
  bob.say("alice: while away", "alice: this too");
  await shows(page, ["bob: seen", "bob: while away", "bob: this too"]);
  const order = await page
    .locator(".divider.new, .message .body")
    .evaluateAll((all) => all.map((one) => one.textContent));
  assert.deepEqual(order, ["seen", "New", "while away", "this too"]);
  await hasTitle(page, "(2) bob · Partyline");
  await looksAway(page, false);
  await hasTitle(page, "bob · Partyline");
  // It stays for who came back to it, also when he goes again, and goes with the answer.
  await looksAway(page, true);
  await looksAway(page, false);
  assert.equal(await page.locator(".divider.new").count(), 1);
  await page.getByRole("textbox", { name: /^Message to / }).fill("I was away");
  await page.keyboard.press("Enter");
  await message(page, "I was away").getByText("sent").waitFor({ state: "attached" });
  assert.equal(await page.locator(".divider.new").count(), 0);
  assert.deepEqual(alice.troubles, []);
});

test("what is read on one device is read on the other", inBrowser, async (t) => {
  const server = await TestServer.start(t, { args: ["--registration", "open"] });
  const bob = await server.login(t, "bob");
  const [desk, phone] = [
    await Person.start(t, server.port, "alice"),
    await Person.start(t, server.port, "alice"),
  ];
  const first = await desk.enter(PASSWORD, true);
  await first.getByRole("heading", { name: "Hello, alice" }).waitFor();
  const second = await phone.enter(PASSWORD);
  bob.say("alice: one", "alice: two");
  await hasBadge(first, "bob", 2);
  await hasBadge(second, "bob", 2);
  await entry(first, "bob").click();
  await shows(first, ["bob: one", "bob: two"]);
  await hasBadge(second, "bob", undefined);
  await hasTitle(second, "Partyline");
  // What one device sends the other has, and it is not new to it.
  await first.getByRole("textbox", { name: /^Message to / }).fill("from the desk");
  await first.keyboard.press("Enter");
  await entry(second, "bob").getByText("from the desk").waitFor({ state: "attached" });
  await hasBadge(second, "bob", undefined);

  // What was read while the other was away, too.
  await second.close();
  bob.say("alice: three");
  await shows(first, ["bob: one", "bob: two", "alice: from the desk", "bob: three"]);
  const again = await phone.open();
  await entry(again, "bob").getByText("three").waitFor({ state: "attached" });
  await hasBadge(again, "bob", undefined);
  assert.deepEqual([...desk.troubles, ...phone.troubles], []);
});

const NOTIFICATIONS = `
  globalThis.shown = [];
  class Notification extends EventTarget {
    static permission = "granted";
    static requestPermission() { return Promise.resolve("granted"); }
    constructor(title, options) {
      super();
      globalThis.shown.push([title, options.body]);
      globalThis.last = this;
    }
    close() {}
  }
  globalThis.Notification = Notification;
  delete Navigator.prototype.serviceWorker;
`;

test(
  "who looks elsewhere is notified of what is for him, once for all tabs",
  inBrowser,
  async (t) => {
    const server = await TestServer.start(t);
    const bob = await server.login(t, "bob");
    const alice = await Person.start(t, server.port, "alice");
    await alice.context.addInitScript(NOTIFICATIONS);
    const page = await alice.enter();
    await goTo(page, "#ops");
    bob.say("/join #ops");
    const other = await alice.open("carol");
    await other.getByRole("heading", { name: "carol", level: 1 }).waitFor();
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByLabel(/Notify me/).check();
    await page.keyboard.press("Escape");
    const shown = async (): Promise<unknown[]> => {
      const both = await Promise.all(
        [page, other].map((tab) => tab.evaluate<unknown[]>("globalThis.shown")),
      );
      return both.flat();
    };
    // Somebody looks at one of the tabs.
    await looksAway(page, true);
    await looksAway(other, false);
    bob.say("alice: not this");
    await hasBadge(other, "bob", 1);
    assert.deepEqual(await shown(), []);
    await looksAway(other, true);
    bob.say("alice: hello", "#ops: not for her", "#ops: @alice but this");
    await hasBadge(page, "ops", undefined);
    await until(
      page,
      async () => (await shown()).length === 2,
      async () => JSON.stringify(await shown()),
    );
    assert.deepEqual(await shown(), [
      ["bob", "hello"],
      ["bob · #ops", "@alice but this"],
    ]);
    const which = (await page.evaluate<unknown[]>("globalThis.shown")).length > 0 ? page : other;
    await which.evaluate("globalThis.last.dispatchEvent(new Event('click'))");
    await which.getByRole("heading", { name: "#ops", level: 1 }).waitFor();
    assert.deepEqual(alice.troubles, []);
  },
);

// A page that had crashed went on looking: nobody was notified of anything any more.
test("a tab that has crashed looks no more", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  const alice = await Person.start(t, server.port, "alice");
  await alice.context.addInitScript(
    `localStorage.setItem("partyline notifications", "true"); ${NOTIFICATIONS}`,
  );
  const page = await alice.enter();
  await goTo(page, "carol");
  const other = await alice.open("bob");
  await other.getByRole("heading", { name: "bob", level: 1 }).waitFor();
  await looksAway(page, true);
  await looksAway(other, false);
  bob.say("alice: not this");
  await shows(other, ["bob: not this"]);
  const crashed = other.waitForEvent("crash");
  await other.goto("chrome://crash").catch(() => {});
  await crashed;
  const shown = (): Promise<unknown[]> => page.evaluate<unknown[]>("globalThis.shown");
  let said = 0;
  await until(
    page,
    async () => {
      // The browser tells its worker that the page is gone a little later.
      said += 1;
      bob.say(`alice: number ${said}`);
      await entry(page, "bob").getByText(`number ${said}`, { exact: true }).waitFor();
      return (await shown()).length > 0;
    },
    () => `a notification of ${said} messages`,
  );
  assert.deepEqual((await shown()).at(-1), ["bob", `number ${said}`]);
});
