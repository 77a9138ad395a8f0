// How the browser client looks, as far as that can be measured: what may not lie over something else, what may
// not move, and what must be seen.

import assert from "node:assert/strict";
import { test } from "node:test";
import { goTo, inBrowser, Person, shows } from "../harness/browser.ts";
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
