// A real browser: Debian's Chromium, without anybody in front of it. One for each test file; each person in
// it has a profile of his own.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after } from "node:test";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Locator,
  type Page,
} from "playwright-core";
import type { Scope } from "./line-client.ts";

/** Where Debian puts it; another one may be named. */
const EXECUTABLE = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

export const hasBrowser: boolean = existsSync(EXECUTABLE);
assert.ok(hasBrowser || process.env["CI"] === undefined, "install chromium");

/** For tests that need one. */
export const inBrowser: { skip: string | false } = {
  skip: !hasBrowser && "install chromium, or say where it is with CHROMIUM",
};

/** This machine, by a name that browsers trust no more than any other machine's. */
export const ELSEWHERE = "partyline.test";

/** How long something may take to be shown, in ms. */
const PATIENCE = 20_000;

let browser: Promise<Browser> | undefined;
after(async () => (await browser)?.close());

function launch(): Promise<Browser> {
  // As root, and in containers, it has no sandbox of its own.
  const args = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    `--host-resolver-rules=MAP ${ELSEWHERE} 127.0.0.1`,
  ];
  return (browser ??= chromium.launch({ executablePath: EXECUTABLE, args }));
}

/** A person with a browser: what he has open shares what the browser keeps. */
export class Person {
  readonly name: string;
  readonly context: BrowserContext;
  readonly #url: string;
  /** What went wrong in his pages. */
  readonly troubles: string[] = [];

  private constructor(name: string, context: BrowserContext, url: string) {
    this.name = name;
    this.context = context;
    this.#url = url;
  }

  /** @param port of the server */
  static async start(
    t: Scope,
    port: number,
    name: string,
    options: BrowserContextOptions = {},
  ): Promise<Person> {
    const context = await (
      await launch()
    ).newContext({ viewport: { width: 1100, height: 720 }, locale: "en-GB", ...options });
    context.setDefaultTimeout(PATIENCE);
    t.after(() => context.close());
    const person = new Person(name, context, `http://127.0.0.1:${port}/`);
    context.on("page", (page) => person.#watch(page));
    return person;
  }

  /** A new tab, which goes on as whoever was here. */
  async open(place = ""): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(place === "" ? this.#url : `${this.#url}#/${encodeURIComponent(place)}`);
    return page;
  }

  /** A new tab, in which he says who he is. @param isNew makes an account of the name */
  async enter(password = "", isNew = false): Promise<Page> {
    const page = await this.open();
    await page.getByLabel("Name", { exact: true }).fill(this.name);
    await page.getByLabel("Password", { exact: true }).fill(password);
    if (isNew) await page.getByLabel(/Make a new account/).check();
    await page.getByRole("button", { name: "Enter" }).click();
    await page.getByRole("navigation", { name: "Conversations" }).waitFor();
    return page;
  }

  #watch(page: Page): void {
    page.on("pageerror", (error) => this.troubles.push(error.stack ?? error.message));
    page.on("console", (message) => {
      // That there is no connection is what many tests are about, and that there is no TLS.
      const isExpected = /net::ERR_|WebSocket|Failed to load resource|was untrustworthy/.test(
        message.text(),
      );
      if (message.type() === "error" && !isExpected) this.troubles.push(message.text());
    });
  }
}

/** Goes to a conversation by the keyboard: one that there is, a room to join, or somebody to write to. */
export async function goTo(page: Page, place: string): Promise<void> {
  // A page that has just been loaded hears no keys before it shows something.
  await page.locator("nav").first().waitFor({ state: "attached" });
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("A name, or #room").fill(place);
  await page.getByRole("option").first().waitFor();
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: place, level: 1 }).waitFor();
}

export async function openSettings(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  await page.getByRole("dialog", { name: "Settings" }).waitFor();
}

/** Writes a message where one is. */
export async function say(page: Page, body: string): Promise<void> {
  const input = page.getByRole("textbox", { name: /^Message to / });
  await input.fill(body);
  await input.press("Enter");
}

/** The messages that are shown, in their order, with where they are if they are not on the server. */
export async function messages(page: Page): Promise<string[]> {
  return page.locator(".message").evaluateAll((rows) =>
    rows.map((row) => {
      const text = (selector: string): string =>
        row.querySelector(selector)?.textContent?.trim() ?? "";
      const state = text(".state.waiting") || text(".refused > span");
      const line = `${text(".from")}: ${text(".body")}`;
      return state === "" ? line : `${line} [${state}]`;
    }),
  );
}

/** Waits until something holds; it is looked at whenever the page draws. */
export async function until(
  page: Page,
  holds: () => Promise<boolean>,
  what: () => Promise<string> | string,
): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await holds())) {
    assert.ok(Date.now() < deadline, `waited in vain: ${await what()}`);
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
  }
}

/** Waits until the messages shown are these. */
export async function shows(page: Page, expected: readonly string[]): Promise<void> {
  let shown: string[] = [];
  await until(
    page,
    async () => {
      shown = await messages(page);
      return JSON.stringify(shown) === JSON.stringify(expected);
    },
    () => `${JSON.stringify(expected)}; there is ${JSON.stringify(shown)}`,
  );
}

/** One message that is shown. */
export function message(page: Page, body: string): Locator {
  return page.locator(".message", { has: page.getByText(body, { exact: true }) });
}
