// Makes the pictures of the browser client in this folder: `node docs/images/make.ts`, after `npm run build`.
// A real server, real people, Debian's Chromium.

import { test } from "node:test";
import type { BrowserContextOptions, Page } from "playwright-core";
import { connect, type Line } from "../../src/client/index.ts";
import { goTo, message, Person, say } from "../../test/harness/browser.ts";
import type { Scope } from "../../test/harness/line-client.ts";
import { TestServer } from "../../test/harness/server.ts";

const WIDE: BrowserContextOptions = { viewport: { width: 1120, height: 700 } };
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 780 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
};

/** Who says what, in which order. A name alone is a direct message to Alice. */
const TALK: readonly (readonly [from: string, to: string, body: string])[] = [
  ["dana", "#garden", "the tomatoes are in 🍅"],
  ["小明", "#中文", "大家好！今天的会议改到下午三点。"],
  ["bob", "#ops", "7.2 is out. Notes: https://partyline.example/notes/7.2"],
  ["bob", "#ops", "Deploy with `partyline backup` first, please."],
  [
    "carol",
    "#ops",
    "Staging is done:\n```\n$ partyline status\nready, 41 connected, 0 waiting\n```",
  ],
  ["dana", "#ops", "🎉"],
  ["小明", "#ops", "生产环境也可以了，我来盯着日志。"],
  ["نور", "#ops", "كل شيء يعمل هنا أيضًا"],
  [
    "carol",
    "#ops",
    "@alice can you tell the customers? I am on a train, it may take a tunnel or two.",
  ],
  ["bob", "alice", "Lunch at one?"],
  ["carol", "alice", "Thanks for the review!"],
];

async function people(t: Scope, server: TestServer): Promise<Map<string, Line>> {
  const names = [...new Set(TALK.map(([from]) => from))];
  const lines = new Map<string, Line>();
  for (const name of names) {
    const line = connect(`partyline://127.0.0.1:${server.port}`, { name });
    t.after(() => line.close());
    lines.set(name, line);
    for (const room of ["#ops", "#garden", "#中文"]) await line.join(room);
  }
  await lines.get("bob")?.setTopic("#ops", "7.2 goes out today · on call: bob");
  return lines;
}

/** Waits until so many members are shown as there. */
async function online(page: Page, count: number): Promise<void> {
  await page
    .locator(".members .dot[data-is-online=true]")
    .nth(count - 1)
    .waitFor();
}

async function picture(page: Page, name: string): Promise<void> {
  await page.evaluate(() => document.fonts.ready.then(() => {}));
  await page.screenshot({ path: `${import.meta.dirname}/${name}.png` });
  console.log(`${name}.png`);
}

test("pictures of the browser client", async (t) => {
  const server = await TestServer.start(t);
  const alice = await Person.start(t, server.port, "alice", WIDE);
  const login = await alice.open();
  await login.getByLabel("Name", { exact: true }).fill("alice");
  await picture(login, "login");
  await login.close();

  const page = await alice.enter();
  for (const room of ["#ops", "#garden", "#中文"]) await goTo(page, room);
  const lines = await people(t, server);
  await goTo(page, "#ops");
  for (const [from, to, body] of TALK) await lines.get(from)?.send(to, body);
  await message(page, "كل شيء يعمل هنا أيضًا").waitFor();
  await say(page, "On it. They will hear from us before two.");
  await page.getByText("sent", { exact: true }).first().waitFor({ state: "attached" });
  await page.mouse.move(0, 0);
  await online(page, 6);
  await picture(page, "light");
  await page.emulateMedia({ colorScheme: "dark" });
  await picture(page, "dark");
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("A name, or #room").fill("a");
  await page.getByRole("option").first().waitFor();
  await picture(page, "switcher");
  await page.keyboard.press("Escape");
  await page.emulateMedia({ colorScheme: "light" });
  await page.keyboard.press("Control+Shift+F");
  await page.getByPlaceholder("Words to look for").fill("日志");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /小明/ }).waitFor();
  await picture(page, "search");
  await page.keyboard.press("Escape");

  await server.end("SIGKILL");
  await say(page, "The tunnel was mine, it seems.");
  await say(page, "Nothing is lost: this waits here until the line is back.");
  await page.getByText("waiting", { exact: true }).nth(1).waitFor();
  await page.locator(".bar").waitFor();
  await page.mouse.move(0, 0);
  await picture(page, "offline");
  await alice.context.close();

  const next = await TestServer.start(t, { data: server.data, port: server.port });
  const mobile = await Person.start(t, next.port, "dana", PHONE);
  for (const line of lines.values()) if (line.name === "dana") await line.close();
  const phone = await mobile.enter();
  await phone.getByRole("link", { name: "ops" }).waitFor();
  await picture(phone, "phone-list");
  await phone.getByRole("link", { name: "ops" }).click();
  await message(phone, "كل شيء يعمل هنا أيضًا").waitFor();
  await phone.getByRole("button", { name: "To the newest" }).click();
  await message(phone, "كل شيء يعمل هنا أيضًا").waitFor();
  await picture(phone, "phone");

  const chinese = await Person.start(t, next.port, "小红", { ...WIDE, locale: "zh-CN" });
  const hers = await chinese.open();
  await hers.getByLabel("名字", { exact: true }).fill("小红");
  await hers.getByRole("button", { name: "进入" }).click();
  await hers.getByRole("navigation").waitFor();
  await hers.keyboard.press("Control+k");
  await hers.getByPlaceholder("名字，或 #房间").fill("#中文");
  await hers.getByRole("option").first().waitFor();
  await hers.keyboard.press("Enter");
  await hers.getByRole("heading", { name: "#中文", level: 1 }).waitFor();
  await lines.get("小明")?.send("#中文", "小红来了，欢迎！");
  await message(hers, "小红来了，欢迎！").waitFor();
  const input = hers.getByRole("textbox");
  await input.fill("谢谢！连接断了也不怕，消息会等着我。");
  await input.press("Enter");
  await hers.getByText("已发送", { exact: true }).waitFor({ state: "attached" });
  await hers.mouse.move(0, 0);
  await online(hers, 4);
  await picture(hers, "chinese");
});
