// Whatever people put into messages, topics and addresses, it is shown as text: nothing runs, nothing is
// asked of another site, and no element appears that the client did not mean.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { connect } from "../../src/client/index.ts";
import { goTo, inBrowser, message, Person, until } from "../harness/browser.ts";
import type { Scope } from "../harness/line-client.ts";
import { TestServer } from "../harness/server.ts";

/** Each tries to call `hit()`, to load something, or to leave the place it was given. */
const ATTACKS = [
  "<script>hit()</script>",
  "<img src=x onerror=hit()>",
  "<img src=https://evil.example/pixel.png>",
  "<svg/onload=hit()><style>*{display:none}</style>",
  "<iframe srcdoc='<script>parent.hit()</script>'></iframe>",
  '"><a href="javascript:hit()" autofocus onfocus=hit()>',
  "javascript:hit()",
  "[click](javascript:hit())",
  "data:text/html,<script>hit()</script>",
  'https://evil.example/"onmouseover="hit()',
  "https://evil.example/<script>hit()</script>",
  "https://user:pass@evil.example/@alice#ops",
  "`<img src=x onerror=hit()>`",
  "```html\n<script>hit()</script>\n```",
  "``` unclosed <b>block</b>",
  "${hit()} {{hit()}} #{hit()} <%= hit() %>",
  "&lt;b&gt; &#x3c;script&#x3e;",
  "@<b>alice</b> #<i>ops</i> @constructor #__proto__ @__proto__",
  "\u202Egnp.exe\u202C and \u2066isolated",
  "a\u0301\u0301\u0301\u0301\u0301\u0301 Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ",
  "W".repeat(20_000),
  "https://evil.example/" + "w".repeat(20_000),
  "`".repeat(5_000),
] as const;

/** Elements that the client makes of a body. */
const MEANT = new Set(["A", "CODE", "PRE"]);

interface Watched {
  readonly page: Page;
  readonly asked: string[];
}

/** Alice, whose page says when something of an attack came to life. */
async function watched(t: Scope, server: TestServer): Promise<Watched> {
  const alice = await Person.start(t, server.port, "alice");
  await alice.context.addInitScript("globalThis.hit = () => { globalThis.wasHit = true; };");
  const asked: string[] = [];
  alice.context.on("request", (request) => asked.push(request.url()));
  const page = await alice.enter();
  page.on("dialog", (dialog) => asked.push(`dialog: ${dialog.message()}`));
  return { page, asked };
}

async function assertUnharmed({ page, asked }: Watched, server: TestServer): Promise<void> {
  assert.equal(await page.evaluate("globalThis.wasHit"), undefined);
  const own = `http://127.0.0.1:${server.port}/`;
  assert.deepEqual(
    asked.filter((url) => !url.startsWith(own) && !url.startsWith("data:image/svg+xml,")),
    [],
  );
  const strange = await page.evaluate(
    (meant) =>
      [
        ...document.querySelectorAll(
          ".body *, .topic *, .event > span *, .entry-last *, .notice span *",
        ),
      ]
        .filter(
          ({ tagName }) => !meant.includes(tagName) && tagName !== "BDI" && tagName !== "TIME",
        )
        .map(({ outerHTML }) => outerHTML.slice(0, 200)),
    [...MEANT],
  );
  assert.deepEqual(strange, []);
  const links = await page
    .locator(".body a, .topic a")
    .evaluateAll((all) => all.map((a) => [a.getAttribute("href"), a.getAttribute("rel")] as const));
  for (const [href, rel] of links) {
    if (href?.startsWith("#/") === true) continue;
    assert.match(href ?? "", /^https?:\/\//);
    assert.match(rel ?? "", /noopener/);
  }
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(wide <= 0, `the page is ${wide} px too wide`);
}

test("bodies are text", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = connect(`partyline://127.0.0.1:${server.port}`, { name: "bob" });
  t.after(() => bob.close());
  const her = await watched(t, server);
  await goTo(her.page, "bob");
  for (const [index, body] of ATTACKS.entries()) {
    await bob.send("alice", body);
    const shown = her.page.locator(".message .body").nth(index);
    await shown.waitFor();
    // The marks around code are not shown, everything else is.
    const plain = body.replace(/```\w*\n?|`/g, "").trim();
    const text = ((await shown.textContent()) ?? "").replaceAll("`", "").trim();
    assert.equal(text, plain.replace(/\n$/, ""));
    await assertUnharmed(her, server);
  }
  // Hovering and the keyboard find nothing either.
  for (const link of await her.page.locator(".body a").all()) {
    await link.hover();
    await link.focus();
  }
  await assertUnharmed(her, server);
});

test("topics, search results, notifications and what was kept are text", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const bob = connect(`partyline://127.0.0.1:${server.port}`, { name: "bob" });
  t.after(() => bob.close());
  await bob.join("#ops");
  const her = await watched(t, server);
  await goTo(her.page, "#ops");
  const attacks = ATTACKS.filter((body) => body.length < 200 && !body.includes("\n"));
  for (const body of attacks) {
    await bob.setTopic("#ops", body);
    await her.page.locator(".header .topic", { hasText: /\S/ }).waitFor();
    await bob.send("#ops", `findable ${body}`);
  }
  await message(her.page, `findable ${attacks.at(-1)}`).waitFor();
  await assertUnharmed(her, server);
  await her.page.keyboard.press("Control+Shift+F");
  await her.page.getByRole("textbox", { name: "Search messages" }).fill("findable");
  await her.page.keyboard.press("Enter");
  await until(
    her.page,
    async () => (await her.page.locator(".result").count()) >= attacks.length,
    () => "all of them found",
  );
  await assertUnharmed(her, server);
  await her.page.keyboard.press("Escape");
  // What was kept for the next start is read from the browser's storage.
  await her.page.reload();
  await message(her.page, `findable ${attacks.at(-1)}`).waitFor();
  await assertUnharmed(her, server);
});

test("addresses and commands lead nowhere else", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const her = await watched(t, server);
  const own = `http://127.0.0.1:${server.port}/`;
  for (const body of ATTACKS.filter(({ length }) => length < 200)) {
    await her.page.goto(`${own}#/${encodeURIComponent(body)}`);
    await her.page.evaluate((hash) => (location.hash = hash), `#/${body}`);
    await her.page.getByRole("navigation", { name: "Conversations" }).waitFor();
    await assertUnharmed(her, server);
  }
  await her.page.goto(`${own}#/%E0%A4%A`);
  await goTo(her.page, "bob");
  const input = her.page.getByRole("textbox", { name: /^Message to / });
  for (const body of ATTACKS.filter((one) => one.length < 200 && !one.includes("\n"))) {
    for (const command of ["", "join ", "msg ", "topic ", "search "]) {
      await input.fill(`/${command}${body}`);
      await input.press("Enter");
      await her.page.keyboard.press("Escape");
    }
    await assertUnharmed(her, server);
  }
});

test("the page's policy lets nothing else in", inBrowser, async (t) => {
  const server = await TestServer.start(t);
  const answer = await fetch(`http://127.0.0.1:${server.port}/`);
  const policy = answer.headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.match(policy, /script-src 'self'(;|$)/);
  assert.match(policy, /require-trusted-types-for 'script'/);
  assert.doesNotMatch(policy, /unsafe|\*|https?:/);
  const her = await watched(t, server);
  const blocked = await her.page.evaluate(async () => {
    const said = new Promise<string>((resolve) => {
      addEventListener("securitypolicyviolation", ({ violatedDirective }) =>
        resolve(violatedDirective),
      );
    });
    const image = new Image();
    image.src = "https://evil.example/pixel.png";
    return said;
  });
  assert.equal(blocked, "img-src");
  const refused = await her.page.evaluate(() => {
    try {
      document.body.innerHTML = "<b>no</b>";
      return "it was taken";
    } catch (error) {
      return (error as Error).name;
    }
  });
  assert.equal(refused, "TypeError");
});
