// Where one's own messages are: waiting, sent or refused, in one tab or several, whoever comes and goes.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
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

const PASSWORD = "correct horse";

function offline(page: Page): Promise<void> {
  return page
    .getByText(/No connection/)
    .first()
    .waitFor();
}

test("what was refused says why, and is edited, sent again or discarded", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = connect(`partyline://127.0.0.1:${server.port}`, { name: "bob" });
  t.after(() => bob.close());
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  await goTo(page, "bob");
  await say(page, "before");
  await message(page, "before").getByText("sent").waitFor({ state: "attached" });
  await bob.block("alice");
  for (const body of ["one", "two", "three"]) await say(page, body);
  const why = "[Not sent: They take no messages from you.]";
  const refused = ["one", "two", "three"].map((body) => `alice: ${body} ${why}`);
  await shows(page, ["alice: before", ...refused]);

  // It stays, also when the page is opened again.
  await page.reload();
  await shows(page, ["alice: before", ...refused]);
  await message(page, "two").getByRole("button", { name: "Discard" }).click();
  await shows(page, ["alice: before", `alice: one ${why}`, `alice: three ${why}`]);
  await page.getByRole("textbox", { name: /^Message to / }).fill("and this");
  await message(page, "three").getByRole("button", { name: "Edit" }).click();
  const input = page.getByRole("textbox", { name: /^Message to / });
  await until(
    page,
    async () => (await input.inputValue()) === "three\nand this",
    () => input.inputValue(),
  );
  await bob.block("alice", false);
  await message(page, "one").getByRole("button", { name: "Send again" }).click();
  await shows(page, ["alice: before", "alice: one"]);
  await input.press("Enter");
  await shows(page, ["alice: before", "alice: one", "alice: three\nand this"]);
  const got: string[] = [];
  for await (const { body } of bob.messages()) {
    got.push(body);
    if (got.length === 3) break;
  }
  assert.deepEqual(got, ["before", "one", "three\nand this"]);
  assert.deepEqual(alice.troubles, []);
});

test("what waits is edited and discarded, and never sent then", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  await goTo(page, "bob");
  await server.end("SIGKILL");
  await offline(page);
  for (const body of ["keep", "discard", "change"]) await say(page, body);
  await message(page, "discard").getByRole("button", { name: "Discard" }).click();
  await message(page, "change").getByRole("button", { name: "Edit" }).click();
  await shows(page, ["alice: keep [waiting]"]);
  await page.getByRole("textbox", { name: /^Message to / }).press("End");
  await page.keyboard.type("d");
  await page.keyboard.press("Enter");
  await shows(page, ["alice: keep [waiting]", "alice: changed [waiting]"]);
  const next = await TestServer.start(t, { data: server.data, port: server.port });
  await shows(page, ["alice: keep", "alice: changed"]);
  const bob = await next.login(t, "bob");
  await bob.expect("from alice: keep", "from alice: changed");
  await bob.barrier();
  assert.deepEqual(bob.lines, []);
});

test("a tab that is closed right after Enter has sent it, once", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  const alice = await Person.start(t, server.port, "alice");
  const lasting = await alice.enter();
  const expected: string[] = [];
  for (let i = 0; i < 5; i++) {
    const tab = await alice.open("bob");
    const input = tab.getByRole("textbox", { name: /^Message to / });
    await input.fill(`from tab ${i}`);
    await input.press("Enter");
    await tab.close();
    expected.push(`from alice: from tab ${i}`);
  }
  await bob.expect(...expected);
  await goTo(lasting, "bob");
  await say(lasting, "last");
  await bob.expect("from alice: last");
  assert.deepEqual(alice.troubles, []);
});

test("logging out forgets everything of the name in this browser", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  await goTo(page, "bob");
  await say(page, "my secret");
  await message(page, "my secret").getByText("sent").waitFor({ state: "attached" });
  await page.getByRole("textbox", { name: /^Message to / }).fill("a secret draft");
  await openSettings(page);
  page.once("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: "Log out on this device" }).click();
  await page.getByRole("button", { name: "Enter" }).waitFor();
  const kept = await page.evaluate(async () => {
    const databases = await indexedDB.databases();
    return JSON.stringify([Object.entries(localStorage), databases.map(({ name }) => name)]);
  });
  assert.doesNotMatch(kept, /secret|alice/);
  await page.getByLabel("Name", { exact: true }).fill("carol");
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByRole("heading", { name: "Hello, carol" }).waitFor();
  assert.equal(await page.getByText(/secret|bob/).count(), 0);
  // Back leads to what alice has looked at, and carol need not know.
  await page.goBack();
  await page.getByRole("heading", { name: "Hello, carol" }).waitFor();
  assert.equal(await page.getByText(/secret|bob/).count(), 0);
  assert.deepEqual(alice.troubles, []);
});

const UNKEPT = `Object.defineProperty(globalThis, "localStorage", {
  get() { throw new DOMException("it is not allowed", "SecurityError"); },
});`;

test("one logs out where the browser keeps nothing, too", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice");
  await alice.context.addInitScript(UNKEPT);
  const page = await alice.enter();
  await goTo(page, "bob");
  await openSettings(page);
  await page.getByRole("button", { name: "Log out on this device" }).click();
  await page.getByRole("button", { name: "Enter" }).waitFor();
  assert.deepEqual(alice.troubles, []);
});

// As over plain HTTP from another machine, in a browser that has no shared workers.
const BARE = `
  delete globalThis.SharedWorker;
  for (const name of ["locks", "serviceWorker"]) delete Navigator.prototype[name];
`;

test("without locks and workers the tab that is used has the outbox", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  const alice = await Person.start(t, server.port, "alice");
  await alice.context.addInitScript(BARE);
  const first = await alice.enter();
  await goTo(first, "bob");
  await say(first, "from the first");
  await bob.expect("from alice: from the first");
  const second = await alice.open("bob");
  await first.getByRole("heading", { name: "Partyline is open in another tab" }).waitFor();
  await shows(second, ["alice: from the first"]);
  await say(second, "from the second");
  await bob.expect("from alice: from the second");
  await first.getByRole("button", { name: "Use it here" }).click();
  await shows(first, ["alice: from the first", "alice: from the second"]);
  await second.getByRole("heading", { name: "Partyline is open in another tab" }).waitFor();
  await server.end("SIGKILL");
  await offline(first);
  await say(first, "offline");
  await message(first, "offline").getByText("waiting").waitFor();
  await first.close();
  await second.getByRole("button", { name: "Use it here" }).click();
  await message(second, "offline").getByText("waiting").waitFor();
  const next = await TestServer.start(t, { data: server.data, port: server.port });
  await shows(
    second,
    ["from the first", "from the second", "offline"].map((one) => `alice: ${one}`),
  );
  const again = await next.login(t, "bob");
  await again.until(() => again.lines.includes("from alice: offline"), "what was written offline");
  assert.deepEqual(alice.troubles, []);
});

test("what is written when the line has ended stays with who wrote it", inBrowser, async (t) => {
  const server = await TestServer.start(t, { args: ["--registration", "open"] });
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter(PASSWORD, true);
  await page.getByRole("heading", { name: "Hello, alice" }).waitFor();
  await goTo(page, "bob");
  const other = connect(`partyline://127.0.0.1:${server.port}`, {
    name: "alice",
    password: PASSWORD,
  });
  t.after(() => other.close());
  await other.setPassword("another horse", PASSWORD);
  await page.locator(".bar", { hasText: "Not connected any more" }).waitFor();
  await say(page, "precious");
  const input = page.getByRole("textbox", { name: /^Message to / });
  await until(
    page,
    async () => (await input.inputValue()) === "precious",
    () => input.inputValue(),
  );
  await page.getByRole("button", { name: "Log in again" }).click();
  await page.getByLabel("Password", { exact: true }).fill("another horse");
  await page.getByRole("button", { name: "Enter" }).click();
  await page.getByRole("textbox", { name: /^Message to / }).press("Enter");
  await shows(page, ["alice: precious"]);
  assert.deepEqual(alice.troubles, []);
});
