// How the browser client looks, as far as that can be measured: what may not lie over something else, what may
// not move, and what must be seen.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { connect } from "../../src/client/index.ts";
import {
  goTo,
  inBrowser,
  message,
  openSettings,
  Person,
  say,
  shows,
  until,
} from "../harness/browser.ts";
import { TestServer } from "../harness/server.ts";

// Times of twelve hours, "07:17 PM", were wider than the gutter and lay over the text.
test("the time beside a continued message does not touch it", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  const alice = await Person.start(t, server.port, "alice", { locale: "en-US" });
  const page = await alice.enter();
  await goTo(page, "bob");
  bob.say("alice: one", "alice: two");
  await shows(page, ["bob: one", "bob: two"]);
  assert.match(await page.locator(".head time").innerText(), /^\d\d:\d\d\s[AP]M$/u);
  const time = page.locator(".gutter time");
  assert.match(await time.innerText(), /^\d\d:\d\d$/);
  const right = await time.evaluate((element) => element.getBoundingClientRect().right);
  const text = page.locator(".message", { has: time }).locator(".body");
  const left = await text.evaluate((element) => element.getBoundingClientRect().left);
  assert.ok(right < left, `the time ends at ${right}, the text begins at ${left}`);
});

// With the person's own colours nothing showed which field had the focus, which entry was looked at, which
// option was picked, and who was there.
test("with forced colours lines and fillings say what colours said", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  const carol = await server.login(t, "carol");
  const alice = await Person.start(t, server.port, "alice", { forcedColors: "active" });
  const page = await alice.enter();
  await goTo(page, "bob");
  bob.say("alice: hi");
  carol.say("alice: bye").finish();
  await carol.end();
  const fills = page.locator(".side-list .dot");
  await page.locator('.side-list .dot[data-is-online="false"]').waitFor();
  await page.locator('.side-list .dot[data-is-online="true"]').waitFor();
  const colours = await fills.evaluateAll((dots) =>
    dots.map((dot) => getComputedStyle(dot).backgroundColor),
  );
  assert.equal(new Set(colours).size, 2, `those who are there and not: ${colours.join(", ")}`);
  await page.locator(".composer textarea:focus").waitFor();
  await isOutlined(page, ".composer");
  await isOutlined(page, ".entry[aria-current]");
  await page.keyboard.press("Control+k");
  await isOutlined(page, '[role="option"][aria-selected="true"]');
});

async function isOutlined(page: Page, selector: string): Promise<void> {
  const style = await page
    .locator(selector)
    .first()
    .evaluate((element) => getComputedStyle(element).outlineStyle);
  assert.equal(style, "solid", `${selector} has no outline`);
}

// All was in pixels of the page, and who had the browser write larger saw no difference.
test("letters are as large as the browser is told to write them", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  const size = async (): Promise<number> =>
    page.evaluate(() => Number.parseFloat(getComputedStyle(document.body).fontSize));
  const before = await size();
  const session = await alice.context.newCDPSession(page);
  await session.send("Page.setFontSizes", { fontSizes: { standard: 32 } });
  await until(
    page,
    async () => (await size()) === before * 2,
    async () => `${before * 2} px, there are ${await size()}`,
  );
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.equal(wide, 0, "the page is wider than the window");
});

/** As large is what fingers hit, in pixels (WCAG 2.2, 2.5.5). */
const FINGER = 44;

test("what is touched is large enough for fingers", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const phone = { viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true };
  const alice = await Person.start(t, server.port, "alice", phone);
  const page = await alice.enter();
  await page.goto(`${page.url().replace(/#.*/, "")}#/bob`);
  await page.locator(".composer textarea").waitFor();
  await server.end("SIGKILL");
  await page.locator(".bar").waitFor();
  await page.locator(".composer textarea").fill("waits");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByRole("button", { name: "Discard" }).waitFor();
  const small = await page
    .locator("button:visible")
    .evaluateAll(
      (buttons, least) =>
        buttons
          .filter((button) => button.getBoundingClientRect().height < least)
          .map((button) => button.outerHTML),
      FINGER,
    );
  assert.deepEqual(small, []);
});

// On a phone there was nothing but an empty list, and what to do was hidden beside it.
test("who is here for the first time is told what to do, on a phone, too", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const viewport = { width: 390, height: 780 };
  const alice = await Person.start(t, server.port, "alice", { viewport });
  const page = await alice.enter();
  await page.getByRole("heading", { name: "Hello, alice", level: 1 }).waitFor();
  await page.getByRole("button", { name: "New conversation" }).click();
  await page.getByText(/^Type #room/).waitFor();
  assert.equal(await page.getByRole("option").count(), 0, "one is offered oneself");
  await page.getByRole("combobox").fill("alice");
  await page.getByRole("option", { name: "Write to alice" }).waitFor();
});

// With many conversations what was new below the edge could not be seen, and Alt+↓ went out of sight.
test("in a long list what is new is found, and where one is, is seen", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = connect(`partyline://127.0.0.1:${server.port}`, { name: "bob" });
  t.after(() => bob.close());
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  for (let i = 0; i < 30; i++) await goTo(page, `#room-${i}`);
  await goTo(page, "#room-0");
  await bob.join("#room-29");
  await bob.send("#room-29", "hi");
  await page.getByRole("button", { name: "1 more unread" }).click();
  const unread = page.getByRole("link", { name: /room-29.*unread/ });
  await until(
    page,
    () => isInside(page, unread),
    () => "the new one in view",
  );
  await page.getByRole("button", { name: "1 more unread" }).waitFor({ state: "detached" });
  for (let i = 1; i <= 25; i++) await page.keyboard.press("Alt+ArrowDown");
  await page.getByRole("heading", { name: "#room-25", level: 1 }).waitFor();
  const current = page.locator(".entry[aria-current]");
  await until(
    page,
    () => isInside(page, current),
    () => "the current one in view",
  );
});

async function isInside(page: Page, entry: Locator): Promise<boolean> {
  const list = await page.locator(".side-list").boundingBox();
  const box = await entry.boundingBox();
  if (list === null || box === null) return false;
  return box.y >= list.y && box.y + box.height <= list.y + list.height;
}

// It asked for what waits alone: what was refused, and what one had begun, went without a word.
test("who logs out is asked about all that is lost", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  await goTo(page, "bob");
  await page.locator(".composer textarea").fill("begun");
  await openSettings(page);
  const asked = new Promise<string>((resolve) => {
    page.once("dialog", (dialog) => {
      resolve(dialog.message());
      void dialog.dismiss();
    });
  });
  await page.getByRole("button", { name: "Log out on this device" }).click();
  assert.equal(await asked, "Lost then: 1 message that you began. Log out?");
  await page.getByRole("dialog").waitFor();
});

// A refusal stayed beside whichever conversation one went to.
test("what is said of one conversation stays there", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  await goTo(page, "bob");
  await say(page, "/nonsense");
  await page.locator(".notice").waitFor();
  await goTo(page, "carol");
  await page.locator(".notice").waitFor({ state: "detached" });
});

// The answer to an older question came later, and stood below the newer words; without a connection nothing did.
test(
  "a search says that it waits for a connection, and the last one counts",
  inBrowser,
  async (t) => {
    const server = await TestServer.start(t);
    const alice = await Person.start(t, server.port, "alice");
    const page = await alice.enter();
    await goTo(page, "bob");
    await say(page, "the first needle");
    await message(page, "the first needle").getByText("sent").waitFor({ state: "attached" });
    await server.end("SIGKILL");
    await page.locator(".bar").waitFor();
    await page.keyboard.press("Control+Shift+F");
    const dialog = page.getByRole("dialog");
    const input = dialog.getByRole("textbox");
    await input.fill("nothing");
    await input.press("Enter");
    await dialog.getByText(/^This needs a connection/).waitFor();
    await input.fill("needle");
    await input.press("Enter");
    await TestServer.start(t, { data: server.data, port: server.port });
    await dialog.getByRole("button", { name: /the first needle/ }).waitFor();
    assert.equal(await dialog.getByText("Nothing was found.").count(), 0);
  },
);

// It went on saying that a new account needs no password, and "Entering …" while nothing could be entered.
test("the login says what is needed, and that it goes on trying", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.open();
  await page.getByText("Leave it empty for an open name.").waitFor();
  await page.getByLabel(/Make a new account/).check();
  await page.getByText("At least 8 characters.").waitFor();
  assert.equal(await page.getByText("Leave it empty").count(), 0);
  await page.getByLabel(/Make a new account/).uncheck();
  // All that the page is made of is in the browser.
  await until(
    page,
    () => page.evaluate(() => navigator.serviceWorker.controller !== null),
    () => "the service worker",
  );
  await server.end("SIGKILL");
  await page.getByLabel("Name", { exact: true }).fill("alice");
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByText(/^The server cannot be reached/).waitFor();
  await page.getByRole("button", { name: "Trying again …" }).waitFor();
});

// Where many came, that was all there was to see; and who came later was told that the room begins with him.
test("those who come together are one row, and where one came in is said", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  bob.say("/join #ops");
  await bob.barrier();
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  await goTo(page, "#ops");
  await page.getByText(/^For you, .*#ops.* begins here/).waitFor();
  for (const name of ["carol", "dave", "erin"]) {
    const one = await server.login(t, name);
    one.say("/join #ops");
    await one.barrier();
  }
  await page.getByText(/alice.*, .*carol.* and 2 others joined/).waitFor();
  assert.equal(await page.locator(".event").count(), 1);
});
