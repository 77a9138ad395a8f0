// How the browser client looks, as far as that can be measured: what may not lie over something else, what may
// not move, and what must be seen.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { goTo, inBrowser, Person, shows, until } from "../harness/browser.ts";
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
