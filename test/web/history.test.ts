// A room of 100,000 messages in the browser: only what is seen is there, and what is looked at stays where
// it is, whatever is loaded above it or comes below.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import {
  goTo,
  inBrowser,
  message,
  messages,
  Person,
  say,
  shows,
  until,
} from "../harness/browser.ts";
import type { Scope } from "../harness/line-client.ts";
import { connect } from "../../src/client/index.ts";
import { TestServer } from "../harness/server.ts";

const COUNT = 100_000;
/** As many items are in the page at most, as `web/src/model/timeline.ts` says. */
const MOST_ROWS = 300;
/** What is drawn in whole pixels may be one off. */
const PIXEL = 1;

/** A server with a room in which bob has said numbers to alice, who was away. */
async function crowdedRoom(t: Scope): Promise<TestServer> {
  const server = await TestServer.start(t);
  const alice = await server.login(t, "alice");
  alice.say("/join #ops").finish();
  await alice.end();
  const bob = await server.login(t, "bob");
  bob.say("/join #ops");
  for (let i = 0; i < COUNT; i++) {
    bob.say(i === COUNT / 2 ? `#ops: ${i} the needle 日志在这里` : `#ops: ${i}`);
  }
  bob.finish();
  await bob.end();
  return server;
}

/** The first message in view, and where on the screen it begins. */
interface Place {
  readonly key: string;
  readonly top: number;
}

async function place(page: Page): Promise<Place> {
  return page.locator(".scroller").evaluate((pane) => {
    const edge = pane.getBoundingClientRect().top;
    for (const row of pane.querySelectorAll<HTMLElement>(".message")) {
      const { top, bottom } = row.getBoundingClientRect();
      if (bottom > edge) return { key: row.dataset["key"] ?? "", top };
    }
    throw new Error("no message is in view");
  });
}

async function topOf(page: Page, key: string): Promise<number> {
  return page.locator(".scroller").evaluate((pane, wanted) => {
    const row = pane.querySelector(`[data-key="${wanted}"]`);
    if (row === null) throw new Error(`${wanted} is gone`);
    return row.getBoundingClientRect().top;
  }, key);
}

async function assertStays(page: Page, { key, top }: Place): Promise<void> {
  const now = await topOf(page, key);
  assert.ok(Math.abs(now - top) <= PIXEL, `${key} was at ${top}, is at ${now}`);
}

/** Waits until a message is in view, the first one below the unread line. */
async function isAtLine(page: Page, body: string): Promise<void> {
  await message(page, body).waitFor();
  await settled(page);
  const line = page.locator(".divider.new");
  const { y: above = 0 } = (await line.boundingBox()) ?? {};
  const { y: first = 0 } = (await message(page, body).boundingBox()) ?? {};
  assert.ok(above > 60 && above < first && first < 660, `line at ${above}, message at ${first}`);
  assert.equal(await page.locator(".divider.new + .message .body").textContent(), body);
}

/** Waits until the pane is filled with what was loaded. */
async function settled(page: Page): Promise<void> {
  await page.locator('.scroller[aria-busy="false"]').waitFor();
  // And drawn: what is put where it was is, before it is seen.
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

function numbers(shown: readonly string[]): number[] {
  return shown.map((line) => Number(/^bob: (\d+)/.exec(line)?.[1]));
}

/** The messages in the page are a stretch without gaps. @returns the first one's number */
async function assertStretch(page: Page): Promise<number> {
  const found = numbers(await messages(page));
  assert.ok(found.length > 0 && found.length <= MOST_ROWS, `${found.length} rows`);
  const [first = -1] = found;
  assert.deepEqual(
    found,
    found.map((_, index) => first + index),
  );
  return first;
}

test("a room of 100,000 unread messages", inBrowser, async (t) => {
  const server = await crowdedRoom(t);
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();

  await t.test("opens at the first new one, and tells how many there are", async () => {
    await page.getByRole("link", { name: /ops.*99\+ unread/ }).click();
    await isAtLine(page, "0");
    await settled(page);
    await page.getByRole("button", { name: /To the newest.*99\+/ }).click();
    await message(page, String(COUNT - 1)).waitFor();
    await settled(page);
    await assertStretch(page);
    await page.getByRole("button", { name: /99\+ new messages/ }).waitFor();
  });

  await t.test("upwards, what is looked at stays where it is while older ones come", async () => {
    await page.locator(".scroller").focus();
    for (let i = 0; i < 12; i++) {
      const before = await assertStretch(page);
      await page.locator(".scroller").evaluate((pane) => pane.scrollTo(0, 300));
      const at = await place(page);
      await until(
        page,
        async () => (numbers(await messages(page))[0] ?? Infinity) < before,
        () => `older ones than ${before}`,
      );
      await settled(page);
      await assertStays(page, at);
      assert.ok((await assertStretch(page)) < before);
    }
  });

  await t.test("new ones do not move who reads further up, and wait at the end", async () => {
    const bob = await server.login(t, "bob");
    const at = await place(page);
    for (let i = 0; i < 5; i++) bob.say(`#ops: ${COUNT + i}`);
    await bob.barrier();
    await page.getByRole("button", { name: /To the newest/ }).waitFor();
    await assertStays(page, at);
    await page.getByRole("button", { name: /To the newest/ }).click();
    await message(page, String(COUNT + 4)).waitFor();
    await settled(page);
    await assertStretch(page);
    bob.say(`#ops: ${COUNT + 5}`);
    await message(page, String(COUNT + 5)).waitFor();
    const bottom = await page
      .locator(".scroller")
      .evaluate((pane) => pane.scrollHeight - pane.clientHeight - pane.scrollTop);
    assert.ok(bottom <= PIXEL, `${bottom} below`);
  });

  await t.test("what is searched for is shown among what was said around it", async () => {
    await page.keyboard.press("Control+Shift+F");
    await page.getByRole("textbox", { name: "Search messages" }).fill("日志");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /needle/ }).click();
    const found = page.locator('.message[data-is-found="true"]');
    await found.waitFor();
    await settled(page);
    assert.equal(await found.locator(".body").textContent(), `${COUNT / 2} the needle 日志在这里`);
    const { y = -1 } = (await found.boundingBox()) ?? {};
    assert.ok(y > 60 && y < 660, `it is at ${y}`);
    const first = await assertStretch(page);
    assert.ok(first < COUNT / 2, "with what was before it");
    await message(page, String(COUNT / 2 + 10)).waitFor({ state: "attached" });
  });

  await t.test("downwards from there it goes on without a gap", async () => {
    for (let i = 0; i < 8; i++) {
      const before = numbers(await messages(page)).at(-1) ?? 0;
      await page
        .locator(".scroller")
        .evaluate((pane) => pane.scrollTo(0, pane.scrollHeight - pane.clientHeight - 300));
      const at = await place(page);
      await until(
        page,
        async () => (numbers(await messages(page)).at(-1) ?? 0) > before,
        () => `newer ones than ${before}`,
      );
      await settled(page);
      await assertStays(page, at);
      await assertStretch(page);
    }
  });

  // The bar that says so pushed what was read down, and let it up again.
  await t.test("a killed server moves nothing, and neither does the bar that says so", async () => {
    const at = await place(page);
    await server.end("SIGKILL");
    await page.locator(".bar").waitFor();
    await settled(page);
    await assertStays(page, at);
    await assertStretch(page);
    await TestServer.start(t, { data: server.data, port: server.port });
    await page.locator(".bar").waitFor({ state: "detached" });
    await settled(page);
    await assertStays(page, at);
    assert.deepEqual(alice.troubles, []);
  });
});

// Of 150 unread messages the last 60 were loaded, a line drawn above the first of those, and all were told
// to be read: the others had never been shown.
test("what was never shown stays new", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  await goTo(page, "bob");
  bob.say("alice: seen");
  await shows(page, ["bob: seen"]);
  await goTo(page, "alice");
  for (let i = 0; i < 500; i++) bob.say(`alice: ${i}`);
  const entry = page.getByRole("link", { name: /bob.*99\+ unread/ });
  await t.test("it opens at the first", async () => {
    await entry.click();
    await isAtLine(page, "0");
    await page.getByRole("link", { name: /^alice/ }).click();
    await entry.waitFor();
  });
  await t.test("also when the page is loaded there anew", async () => {
    await page.evaluate(() => {
      for (const key of Object.keys(localStorage)) {
        if (key.includes("view")) localStorage.removeItem(key);
      }
      location.hash = "/bob";
    });
    const first = (await page.locator(".divider.new + .message .body").textContent()) ?? "";
    await page.reload();
    await isAtLine(page, first);
    assert.ok(Number(first) < 60, first);
  });
  await t.test("whoever skips it can go back to the first", async () => {
    await page.getByRole("button", { name: /To the newest/ }).click();
    await message(page, "499").waitFor();
    await page.getByRole("button", { name: /99\+ new messages/ }).click();
    await page.locator(".divider.new").waitFor();
    await settled(page);
    assert.equal(await page.title(), "bob · Partyline");
  });
  assert.deepEqual(alice.troubles, []);
});

/** Looks for a word, and goes to the one message that has it. */
async function lookFor(page: Page, word: string): Promise<void> {
  await page.keyboard.press("Control+Shift+F");
  await page.getByRole("textbox", { name: "Search messages" }).fill(word);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: new RegExp(word) }).click();
  await page.locator('.message[data-is-found="true"]').waitFor();
  await settled(page);
}

/** Waits until the lower end of what is shown is in view. */
async function isAtBottom(page: Page): Promise<void> {
  const below = (): Promise<number> =>
    page
      .locator(".scroller")
      .evaluate((pane) => pane.scrollHeight - pane.clientHeight - pane.scrollTop);
  await until(
    page,
    async () => (await below()) <= PIXEL,
    async () => `${await below()} below`,
  );
}

// Escape scrolled to the end of what was loaded. What was written without a connection stood nowhere, and
// nobody saw that it was kept.
test("far up in a conversation one goes back, and writes", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  await goTo(page, "bob");
  for (let i = 0; i < 400; i++) bob.say(`alice: ${i === 50 ? "needle" : i}`);
  await message(page, "399").waitFor();
  for (const place of [".composer textarea", ".scroller"]) {
    await lookFor(page, "needle");
    await page.locator(place).press("Escape");
    await message(page, "399").waitFor();
    await isAtBottom(page);
  }
  await lookFor(page, "needle");
  await server.end("SIGKILL");
  await page
    .getByText(/No connection/)
    .first()
    .waitFor();
  await say(page, "from far up");
  await message(page, "from far up").getByText("waiting").waitFor();
  await isAtBottom(page);
  await TestServer.start(t, { data: server.data, port: server.port });
  await message(page, "from far up").getByText("sent").waitFor({ state: "attached" });
  await message(page, "399").waitFor();
  await isAtBottom(page);
  assert.deepEqual(alice.troubles, []);
});

/** How often the page was changed while it was drawn so often. */
function changes(page: Page, frames: number): Promise<number> {
  return page.evaluate(async (count) => {
    let changed = 0;
    const observer = new MutationObserver((records) => (changed += records.length));
    observer.observe(document.body, { subtree: true, childList: true, attributes: true });
    for (let i = 0; i < count; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
    observer.disconnect();
    return changed;
  }, frames);
}

// A line that had ended refused at once what lies further up, and was asked again as soon as that was
// drawn: the page did nothing else any more.
test("what cannot be loaded is not asked for again and again", inBrowser, async (t) => {
  const password = "correct horse";
  const server = await TestServer.start(t, { args: ["--registration", "open"] });
  const bob = await server.login(t, "bob");
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter(password, true);
  await goTo(page, "bob");
  for (let i = 0; i < 400; i++) bob.say(`alice: ${i}`);
  await message(page, "399").waitFor();
  const other = connect(`partyline://127.0.0.1:${server.port}`, { name: "alice", password });
  await other.setPassword("another horse", password);
  await other.close();
  await page.locator(".bar", { hasText: "Not connected any more" }).waitFor();
  await page.locator(".scroller").evaluate((pane) => pane.scrollTo(0, 0));
  await settled(page);
  const changed = await changes(page, 30);
  assert.ok(changed < 10, `${changed} changes`);
  assert.deepEqual(alice.troubles, []);
});

const COUNTED = `
  globalThis.formatted = 0;
  const { get } = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, "format");
  Object.defineProperty(Intl.DateTimeFormat.prototype, "format", {
    get() {
      globalThis.formatted += 1;
      return get.call(this);
    },
  });
`;

// Rows have properties that stay the same, so that what renders them can leave them alone.
test(
  "a message that comes is drawn, and the 300 above it are not made again",
  inBrowser,
  async (t) => {
    const server = await TestServer.start(t);
    const bob = await server.login(t, "bob");
    const alice = await Person.start(t, server.port, "alice");
    await alice.context.addInitScript(COUNTED);
    const page = await alice.enter();
    await goTo(page, "bob");
    for (let i = 0; i < 400; i++) bob.say(`alice: ${i}`);
    await message(page, "399").waitFor();
    await page.evaluate("globalThis.formatted = 0");
    for (let i = 0; i < 10; i++) {
      bob.say(`alice: one ${i}`);
      await message(page, `one ${i}`).waitFor();
    }
    const formatted = await page.evaluate<number>("globalThis.formatted");
    assert.ok(formatted < 100, `${formatted} times were written`);
    assert.deepEqual(alice.troubles, []);
  },
);
