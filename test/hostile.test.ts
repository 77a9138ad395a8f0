// Clients that mean harm, or are broken: nothing that one of them sends ends the server, or keeps
// others from talking. (What they might cost in memory: `memory.test.ts`.)

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, test, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import * as fc from "fast-check";
import { check } from "./harness/check.ts";
import { play } from "./harness/play.ts";
import { TestServer } from "./harness/server.ts";

const server = await TestServer.start({ after }, { args: ["--durability", "process"] });

let pairs = 0;

/** The server lives, and two people who came just now talk. */
async function othersTalk(t: TestContext): Promise<void> {
  pairs += 1;
  const [one, other] = [`one${pairs}`, `other${pairs}`];
  const first = await server.login(t, one);
  const second = await server.login(t, other);
  first.say(`${other}: hi`);
  await second.expect(`from ${one}: hi`);
  first.finish();
  second.finish();
  await first.end();
  await second.end();
}

const BAD_BODY = /^! bad-body /;
const BAD_TEXT = "! bad-text that line is not UTF-8 and was dropped";

/** Bytes that mean something here, and any others. */
const hostileBytes = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .constantFrom("\n", "\r\n", ":", ",", "/", "#", "\0", "\ufeff", "\u001e", "\u2028")
        .map((text) => Buffer.from(text)),
      fc
        .constantFrom(
          "mallory",
          "/who\n",
          "/history mallory 9\n",
          "mallory: hi\n",
          "mallory,x: ",
          "! forged\n",
        )
        .map((text) => Buffer.from(text)),
      fc
        .constantFrom([0xc3], [0xed, 0xa0, 0x80], [0xf0, 0x9f], [0xff, 0xfe], [0xc0, 0x80])
        .map((bytes) => Uint8Array.from(bytes)),
    ),
    { maxLength: 60 },
  )
  .map((parts) => Buffer.concat(parts));

test("random bytes, before and after a login, end nothing but their own connection", async (t) => {
  const alice = await server.login(t, "alice");
  let rounds = 0;
  const property = fc.asyncProperty(hostileBytes, fc.boolean(), async (bytes, loggedIn) => {
    await play(server.port, ...(loggedIn ? ["mallory\n"] : []), bytes).catch((error: unknown) => {
      // A connection that is ended while it still sends is reset.
      assert.match(String(error), /ECONNRESET|EPIPE/);
    });
    rounds += 1;
    alice.say(`alice: ${rounds}`);
    await alice.until(() => alice.lines.at(-1) === `from alice: ${rounds}`, "her own words");
  });
  await check(t, property, { numRuns: 300 });
  await othersTalk(t);
  assert.equal(server.child.exitCode, null);
});

test("what comes out has no control characters, whatever went in", async (t) => {
  const property = fc.asyncProperty(hostileBytes, async (bytes) => {
    const said = (await play(server.port, "eve\n", bytes)).toString();
    assert.doesNotMatch(said, /[\0-\x08\x0b-\x1f\x7f-\x9f]/);
    for (const line of said.split("\n").slice(0, -1)) assert.match(line, /^(from |! |\* )/);
  });
  await check(t, property, { numRuns: 100 });
});

test("a client that sends a byte at a time is understood", async (t) => {
  const slow = server.connect(t);
  for (const byte of Buffer.from("slow\nslow: 你好\r\n/quit\n")) {
    slow.write(Uint8Array.of(byte));
    await nextTurn();
  }
  await slow.end();
  assert.deepEqual(slow.lines, ["from slow: 你好"]);
});

test("a client that stays in the middle of a line keeps nobody waiting", async (t) => {
  const halfway = await server.login(t, "halfway");
  halfway.write("halfway: and then");
  await othersTalk(t);
  halfway.write(" I went on\n");
  await halfway.expect("from halfway: and then I went on");
});

for (const [what, character] of [
  ["NUL", "\0"],
  ["bell", "\u0007"],
  ["escape", "\u001b[2J"],
  ["a carriage return inside", "\rfrom bob: forged"],
  ["the separator of packed bodies", "\u001e"],
  ["delete", "\u007f"],
  ["a control character of C1", "\u009b"],
] as const) {
  test(`${what} in a body is bad-body: that message is dropped, its neighbours are not`, async () => {
    const said = await play(server.port, `fay\nfay: one\nfay: a${character}b\nfay: two\n`);
    const lines = said.toString().trimEnd().split("\n");
    assert.deepEqual(
      lines.filter((line) => !BAD_BODY.test(line)),
      ["from fay: one", "from fay: two"],
    );
    assert.equal(lines.length, 3);
  });
}

for (const [what, bytes] of [
  ["a byte that never occurs", [0xff]],
  ["a character cut short", [0xe8, 0xaf]],
  ["a lone surrogate", [0xed, 0xa0, 0x80]],
  ["NUL in two bytes", [0xc0, 0x80]],
  ["a character beyond the last one", [0xf4, 0x90, 0x80, 0x80]],
] as const) {
  const bad = Buffer.concat([Buffer.from("gus: a"), Uint8Array.from(bytes), Buffer.from("b\n")]);

  test(`${what} is bad-text: that line is dropped, its neighbours are not`, async () => {
    const said = await play(server.port, "gus\ngus: one\n", bad, "gus: 二\n");
    const lines = said.toString().trimEnd().split("\n");
    assert.deepEqual(new Set(lines), new Set(["from gus: one", BAD_TEXT, "from gus: 二"]));
    assert.equal(lines.length, 3);
  });

  test(`${what} in the name closes the connection`, async (t) => {
    const client = server.connect(t).write(bad).say("gus", "gus: hi");
    await client.end();
    assert.deepEqual(client.lines, [BAD_TEXT]);
  });
}

test("nothing of all that was worth a line in the server's log", () => {
  assert.deepEqual(
    server
      .errors()
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { msg: string }).msg),
    ["ready"],
  );
});
