// Over plain HTTP from another machine, where browsers give neither service worker nor locks nor
// notifications; and the languages, which one may change.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { ELSEWHERE, goTo, inBrowser, message, Person, say, shows } from "../harness/browser.ts";
import { TestServer } from "../harness/server.ts";

async function enter(page: Page, port: number): Promise<void> {
  await page.goto(`http://${ELSEWHERE}:${port}/`);
  await page.getByLabel("Name", { exact: true }).fill("alice");
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByRole("navigation", { name: "Conversations" }).waitFor();
}

test("without TLS it works, and says once what TLS would add", inBrowser, async (t) => {
  // Its name leads to this machine, and is not this machine's.
  const args = ["--allowed-origins", "*"];
  const server = await TestServer.start(t, { args });
  const bob = await server.login(t, "bob");
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.context.newPage();
  await page.goto(`http://${ELSEWHERE}:${server.port}/`);
  assert.deepEqual(
    await page.evaluate(() => [
      isSecureContext,
      "locks" in navigator,
      "serviceWorker" in navigator,
    ]),
    [false, false, false],
  );
  await page.getByText(/This page came without encryption/).waitFor();
  await enter(page, server.port);
  assert.equal(await page.getByText(/without encryption/).count(), 0);
  await goTo(page, "bob");
  await say(page, "in plain text");
  await bob.expect("from alice: in plain text");

  const second = await alice.context.newPage();
  await second.goto(`http://${ELSEWHERE}:${server.port}/#/bob`);
  await shows(second, ["alice: in plain text"]);
  await say(second, "from the second tab");
  await bob.expect("from alice: from the second tab");
  await shows(page, ["alice: in plain text", "alice: from the second tab"]);

  await server.end("SIGKILL");
  await say(page, "while it is dead");
  await message(page, "while it is dead").getByText("waiting").waitFor();
  const next = await TestServer.start(t, { args, data: server.data, port: server.port });
  await shows(
    page,
    ["in plain text", "from the second tab", "while it is dead"].map((one) => `alice: ${one}`),
  );
  const again = await next.login(t, "bob");
  await again.until(() => again.lines.includes("from alice: while it is dead"), "what waited");
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByText("Notifications need https.").waitFor();
  assert.ok(await page.getByLabel(/Notify me/).isDisabled());
  assert.deepEqual(alice.troubles, []);
});

test("the language is the browser's, until another one is chosen", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice", { locale: "zh-TW" });
  const page = await alice.open();
  await page.getByLabel("名字", { exact: true }).fill("alice");
  await page.getByRole("button", { name: "进入" }).click();
  await page.getByRole("heading", { name: "你好，alice" }).waitFor();
  await page.getByRole("button", { name: "设置" }).click();
  await page.getByRole("combobox").selectOption("en");
  await page.getByRole("dialog", { name: "Settings" }).waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  const other = await alice.open();
  await other.getByRole("heading", { name: "Hello, alice" }).waitFor();
  await page.getByRole("combobox").selectOption("auto");
  await other.getByRole("heading", { name: "你好，alice" }).waitFor();
  assert.deepEqual(alice.troubles, []);
});
