// A name that is an account: made, let in, and its password changed.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { inBrowser, openSettings, Person } from "../harness/browser.ts";
import { TestServer } from "../harness/server.ts";

const PASSWORD = "correct horse";

test("an account is made, and let in with its password alone", inBrowser, async (t) => {
  const server = await TestServer.start(t, { args: ["--registration", "open"] });
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter(PASSWORD, true);
  await page.getByRole("heading", { name: "Hello, alice" }).waitFor();
  // The session is kept, and outlives the tab and the server.
  await page.close();
  await server.end("SIGKILL");
  await TestServer.start(t, { data: server.data, port: server.port });
  const again = await alice.open();
  await again.getByRole("heading", { name: "Hello, alice" }).waitFor();
  await openSettings(again);
  await again.getByRole("button", { name: "Log out on this device" }).click();

  for (const [password, answer] of [
    ["wrong horse", "That is not the password of this name."],
    [PASSWORD, "Hello, alice"],
  ] as const) {
    await again.getByLabel("Name", { exact: true }).fill("alice");
    await again.getByLabel("Password", { exact: true }).fill(password);
    await again.getByRole("button", { name: "Enter" }).click();
    await again.getByText(answer).filter({ visible: true }).waitFor();
  }
  assert.deepEqual(alice.troubles, []);
});

async function change(page: Page, current: string, next: string): Promise<void> {
  await page.getByLabel("Your password now").fill(current);
  await page.getByLabel("New password").fill(next);
  await page.getByRole("button", { name: "Change" }).click();
}

test("an open name gets a password, which is changed later", inBrowser, async (t) => {
  const server = await TestServer.start(t, { args: ["--registration", "open"] });
  const alice = await Person.start(t, server.port, "alice");
  const page = await alice.enter();
  await page.getByRole("heading", { name: "Hello, alice" }).waitFor();
  await openSettings(page);
  await page.getByText("Password", { exact: true }).click();
  await change(page, "", "short");
  await page.getByText("A password has 8 to 256 characters.").waitFor();
  await change(page, "", PASSWORD);
  await page.getByText("It is changed.").waitFor();
  await change(page, "", "another horse");
  await page.getByText("That name has an account already.").waitFor();
  await change(page, "wrong horse", "another horse");
  await page.getByText("That is not the password of this name.").waitFor();
  await change(page, PASSWORD, "another horse");
  await page.getByText("It is changed.").waitFor();
  // This device goes on with the session that the change has given it.
  await server.end("SIGKILL");
  await page.keyboard.press("Escape");
  await page
    .getByText(/No connection/)
    .first()
    .waitFor();
  const next = await TestServer.start(t, { data: server.data, port: server.port });
  await page.locator(".bar").waitFor({ state: "detached" });
  const [refused] = await next.connect(t).say("alice:correct horse").take(1);
  assert.match(refused ?? "", /^! wrong-password /);
  await next.login(t, "alice:another horse");
  assert.deepEqual(alice.troubles, []);
});
