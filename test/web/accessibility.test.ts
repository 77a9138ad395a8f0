// The browser client for those who do not see it, see little of it, or do not want it to move: axe-core finds
// nothing wrong in any of its states, in light, dark, on a phone and in Chinese.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import type { AxeResults } from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { connect } from "../../src/client/index.ts";
import { inBrowser, message, Person } from "../harness/browser.ts";
import type { Scope } from "../harness/line-client.ts";
import { TestServer } from "../harness/server.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** How people look at it. */
const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true },
  Chinese: { locale: "zh-CN" },
};

/** What stands on buttons and fields, in either language. */
const WORDS = {
  enter: /^(Enter|进入)$/,
  name: /^(Name|名字)$/,
  search: /^(Search messages|搜索消息)$/,
  settings: /^(Settings|设置)$/,
  help: /^(Commands and keys|命令与按键)$/,
  members: /^(Show members|显示成员)$/,
};

async function assertNothingWrong(page: Page, where: string): Promise<void> {
  const { violations } = await page.evaluate<AxeResults>("axe.run()");
  const found = violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`,
  );
  assert.deepEqual(found, [], where);
}

/** A room with everything that a message may have in it. */
async function livelyRoom(t: Scope, server: TestServer): Promise<void> {
  const bob = connect(`partyline://127.0.0.1:${server.port}`, { name: "bob" });
  t.after(() => bob.close());
  await bob.join("#ops");
  await bob.setTopic("#ops", "all about https://partyline.example/ops");
  const alice = await server.login(t, "alice");
  alice.say("/join #ops");
  await alice.barrier();
  alice.finish();
  await alice.end();
  const bodies = [
    "see https://partyline.example/a?b=c#d and `npm ci`",
    "```sh\nnpm ci\nnpm start\n```",
    "🎉",
    "@alice, is #ops the right place?",
    "كل شيء يعمل",
  ];
  for (const body of bodies) await bob.send("#ops", body);
  await bob.send("alice", "hello");
  await bob.block("alice");
}

for (const [look, options] of Object.entries(LOOKS)) {
  test(`axe-core finds nothing wrong: ${look}`, inBrowser, async (t) => {
    const server = await TestServer.start(t);
    await livelyRoom(t, server);
    // Its own script is let in; what the page's policy does is tested elsewhere.
    const alice = await Person.start(t, server.port, "alice", {
      ...options,
      bypassCSP: true,
      reducedMotion: "reduce",
    });
    await alice.context.addInitScript(AXE);
    const page = await alice.open();
    await page.getByLabel(WORDS.name).fill("alice");
    await assertNothingWrong(page, "login");
    await page.getByRole("button", { name: WORDS.enter }).click();
    await page.getByRole("link", { name: /ops/ }).waitFor();
    await assertNothingWrong(page, "the list");
    await page.getByRole("link", { name: /ops/ }).click();
    await message(page, "كل شيء يعمل").waitFor();
    await assertNothingWrong(page, "a room");
    if (look === "phone") {
      await page.getByRole("button", { name: WORDS.members }).click();
      await page.getByRole("complementary").waitFor();
      await assertNothingWrong(page, "members");
      await page.keyboard.press("Escape");
    }

    const panels: readonly (readonly [string, () => Promise<unknown>])[] = [
      [
        "switcher",
        async () => {
          await page.keyboard.press("Control+k");
          await page.getByRole("combobox").fill("o");
          await page.getByRole("option").first().waitFor();
        },
      ],
      [
        "search",
        async () => {
          await page.keyboard.press("Control+Shift+F");
          await page.getByRole("textbox", { name: WORDS.search }).fill("npm");
          await page.keyboard.press("Enter");
          await page.locator(".result").first().waitFor();
        },
      ],
      [
        "settings",
        async () => {
          await openPanel(page, WORDS.settings, look);
          await page.locator("summary").click();
        },
      ],
      ["help", () => openPanel(page, WORDS.help, look)],
    ];
    for (const [name, open] of panels) {
      await open();
      await page.getByRole("dialog").waitFor();
      await assertNothingWrong(page, name);
      await page.keyboard.press("Escape");
      await page.getByRole("dialog").waitFor({ state: "hidden" });
    }

    if (look === "phone") await page.getByRole("link", { name: /ops/ }).click();
    const input = page.locator(".composer textarea");
    await input.fill("/");
    await page.getByRole("listbox").waitFor();
    await assertNothingWrong(page, "commands");
    await input.fill("/msg bob will you read this?");
    await page.locator(".composer .send").click();
    await page.locator(".refused").waitFor();
    await assertNothingWrong(page, "refused");
    await server.end("SIGKILL");
    await input.fill("waits");
    await page.locator(".composer .send").click();
    await page.locator(".state.waiting").waitFor();
    await page.locator(".bar").waitFor();
    await assertNothingWrong(page, "without a connection");
    assert.deepEqual(alice.troubles, []);
  });
}

/** Opens what has a button at the side; on a phone one goes there first. */
async function openPanel(page: Page, name: RegExp, look: string): Promise<void> {
  if (look === "phone") await page.goto(page.url().replace(/#.*/, "#/"));
  await page.getByRole("button", { name }).click();
}

test("what comes is read out in the one polite region there is", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  const alice = await Person.start(t, server.port, "alice");
  await alice.enter();
  const page = await alice.open("bob");
  const region = page.locator("[aria-live], [role=status], [role=alert], [role=log]");
  await page.getByRole("textbox", { name: /^Message to / }).waitFor();
  assert.equal(await region.count(), 1);
  bob.say("alice: hi", "alice: hi");
  await region.getByText("bob: hi").waitFor({ state: "attached" });
  await page.getByRole("textbox", { name: /^Message to / }).fill("/nonsense");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await region.getByText("/nonsense is not a command").waitFor({ state: "attached" });
  assert.equal(await region.count(), 1);
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
});

test("who wants less motion gets none", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice", { reducedMotion: "reduce" });
  const page = await alice.enter();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").waitFor();
  const moving = await page.evaluate(() =>
    [...document.querySelectorAll("*")]
      .filter((element) => {
        const { animationName, transitionDuration } = getComputedStyle(element);
        return animationName !== "none" || !/^0s(, 0s)*$/.test(transitionDuration);
      })
      .map((element) => element.outerHTML.slice(0, 80)),
  );
  assert.deepEqual(moving, []);
});
