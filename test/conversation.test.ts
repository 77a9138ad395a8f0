// Conversations by the line protocol, byte for byte (design, section 3).

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, test } from "node:test";
import * as fc from "fast-check";
import { check } from "./harness/check.ts";
import { play } from "./harness/play.ts";
import { TestServer } from "./harness/server.ts";

const server = await TestServer.start({ after }, { args: ["--durability", "process"] });

let visits = 0;
/** Names that no other test has: all tests of this file share a server. */
function names<const T extends readonly string[]>(...wanted: T): { [K in keyof T]: string } {
  visits += 1;
  return wanted.map((name) => `${name}${visits}`) as { [K in keyof T]: string };
}

test("two clients talk", async (t) => {
  const [a, b] = names("alice", "bob");
  const alice = await server.login(t, a);
  const bob = await server.login(t, b);
  alice.say(`${b}: hi`);
  await bob.expect(`from ${a}: hi`);
  bob.say(`${a}: hello: you`);
  await alice.expect(`from ${b}: hello: you`);
});

test("a message is these bytes and no others, and a login has no answer", async () => {
  const bytes = await play(server.port, "alice\nalice: hi\n");
  assert.deepEqual(bytes, Buffer.from("from alice: hi\n"));
});

test("every recipient gets a message, and the sender does not", async (t) => {
  const [a, b, c] = names("alice", "bob", "carol");
  const alice = await server.login(t, a);
  const bob = await server.login(t, b);
  const carol = await server.login(t, c);
  alice.say(`${b}, ${c}: hi`, `${a}: to myself`);
  await bob.expect(`from ${a}: hi`);
  await carol.expect(`from ${a}: hi`);
  await alice.expect(`from ${a}: to myself`);
  assert.deepEqual(alice.lines, []);
});

/** What somebody who writes to himself gets for one line. */
for (const [what, line, expected] of [
  ["names and body are trimmed", " \t alice \t, :  \t hi there \t ", "from alice: hi there\n"],
  ["a body may be empty", "alice:", "from alice: \n"],
  ["a body of spaces is empty", "alice:   ", "from alice: \n"],
  ["a body needs no space before it", "alice:hi", "from alice: hi\n"],
  ["the body begins at the first colon", "alice: bob: hi", "from alice: bob: hi\n"],
  ["tabs inside a body stay", "alice: a\tb", "from alice: a\tb\n"],
  ["a carriage return before the end is dropped", "alice: hi\r", "from alice: hi\n"],
  ["a recipient named twice gets it once", "alice, ALICE,alice: hi", "from alice: hi\n"],
  ["any script may be said", "alice: 你好 नमस्ते สวัสดี 👋", "from alice: 你好 नमस्ते สวัสดี 👋\n"],
  ["a line without a colon is ignored", "hello everybody", ""],
  ["an empty line is ignored", "", ""],
  ["a command that does not begin the line is none", " /help", ""],
  ["a message needs a recipient", ": hi", "! no-recipient write the recipient before the colon\n"],
  [
    "commas alone are no recipient",
    " , ,: hi",
    "! no-recipient write the recipient before the colon\n",
  ],
  [
    "a room that does not exist is refused",
    "alice, #nowhere: hi",
    "! no-such-room there is no room #nowhere that you may see\n",
  ],
  [
    "an unknown command is said to be one",
    "/dance",
    '! unknown-command "/dance" is not a command: /help lists them\n',
  ],
  [
    "a command with a colon is no message",
    "/alice: hi",
    '! unknown-command "/alice:" is not a command: /help lists them\n',
  ],
  ["history needs a name", "/history", /^! bad-name .*\n$/],
  ["history needs a number", "/history bob x", '! bad-number "x" is not a number from 1 to 1000\n'],
  ["history of nothing is nothing", "/history nobody", ""],
] as const) {
  test(what, async () => {
    const said = (await play(server.port, `alice\n${line}\n`)).toString();
    if (typeof expected === "string") assert.equal(said, expected);
    else assert.match(said, expected);
  });
}

test("a byte-order mark before the name is dropped", async () => {
  const bytes = await play(server.port, "\ufeffalice\nalice: hi\n");
  assert.equal(bytes.toString(), "from alice: hi\n");
});

test("when one recipient is refused nobody gets the message", async (t) => {
  const [a, b] = names("alice", "bob");
  const bob = await server.login(t, b);
  const alice = await server.login(t, a);
  alice.say(`${b}, not a name: one`, `#ops, ${b}: two`, `${b}: three`);
  await bob.expect(`from ${a}: three`);
  const told = await alice.take(2);
  assert.deepEqual(
    told.map((line) => line.split(" ").slice(0, 2).join(" ")),
    ["! bad-name", "! no-such-room"],
  );
});

test("messages keep their order, whoever else they go to", async (t) => {
  const [a, b, c] = names("alice", "bob", "carol");
  const alice = await server.login(t, a);
  const bob = await server.login(t, b);
  const numbers = Array.from({ length: 3000 }, (_, i) => i);
  alice.say(...numbers.map((i) => (i % 3 === 0 ? `${c}, ${b}: ${i}` : `${b}: ${i}`)));
  await bob.expect(...numbers.map((i) => `from ${a}: ${i}`));
});

test("/who tells who is connected", async (t) => {
  const [a, b] = names("alice", "bob");
  const alice = await server.login(t, a);
  const bob = await server.login(t, b);
  const who = async (): Promise<string[]> => {
    alice.say("/who");
    await alice.barrier();
    return alice.lines.splice(0);
  };
  const together = await who();
  assert.ok(together.includes(`* ${a}`) && together.includes(`* ${b}`), together.join());
  await bob.finish().end();
  // The end comes to him a moment before the server has closed.
  const deadline = Date.now() + 10_000;
  while ((await who()).includes(`* ${b}`)) assert.ok(Date.now() < deadline, "bob never leaves");
});

test("/help is a few lines that begin with a star", async (t) => {
  const [a] = names("alice");
  const alice = await server.login(t, a);
  alice.say("/help");
  await alice.barrier();
  assert.ok(alice.lines.length >= 4);
  for (const line of alice.lines) assert.match(line, /^\* \S/);
  for (const command of ["/who", "/history", "/help", "/quit"]) {
    assert.ok(
      alice.lines.some((line) => line.startsWith(`* ${command}`)),
      command,
    );
  }
});

test("/history gives the last messages of both, with their times, those just sent too", async (t) => {
  const [a, b] = names("alice", "bob");
  const before = Math.floor(Date.now() / 1000) * 1000;
  const alice = await server.login(t, a);
  const bob = await server.login(t, b);
  alice.say(`${b}: one`, `${b}: two`);
  await bob.take(2);
  bob.say(`${a}: three`);
  await alice.take(1);
  alice.say(`${b}: four`, `/history ${b} 3`);
  const lines = await alice.take(3);
  assert.deepEqual(
    lines.map((line) => line.replace(/^\* \S+ /, "")),
    [`${a}: two`, `${b}: three`, `${a}: four`],
  );
  for (const line of lines) {
    const time = /^\* (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) /.exec(line)?.[1] ?? assert.fail(line);
    assert.ok(Date.parse(time) >= before && Date.parse(time) <= Date.now(), time);
  }
});

test("/history gives twenty messages unless another number is asked for", async (t) => {
  const [a, b] = names("alice", "bob");
  const alice = await server.login(t, a);
  alice.say(...Array.from({ length: 30 }, (_, i) => `${b}: ${i}`), `/history ${b}`);
  await alice.barrier();
  const bodies = alice.lines.map((line) => line.split(": ")[1]);
  assert.deepEqual(
    bodies,
    Array.from({ length: 20 }, (_, i) => String(i + 10)),
  );
});

test("nobody reads what others said to each other", async (t) => {
  const [a, b, c] = names("alice", "bob", "carol");
  const alice = await server.login(t, a);
  alice.say(`${b}: secret`, `${a}: done`);
  await alice.take(1);
  const carol = await server.login(t, c);
  carol.say(`/history ${a}`, `/history ${b}`);
  await carol.barrier();
  assert.deepEqual(carol.lines, []);
});

test("/quit delivers what came before it, and closes", async (t) => {
  const [a] = names("alice");
  const alice = await server.login(t, a);
  alice.say(`${a}: one`, "/quit");
  await alice.end();
  assert.deepEqual(alice.lines, [`from ${a}: one`]);
});

test("what follows /quit is not said", async (t) => {
  // While the message before /quit was being committed, the lines after it were taken too.
  const [a, b] = names("alice", "bob");
  const bob = await server.login(t, b);
  const alice = await server.login(t, a);
  alice.say(`${b}: one`, "/quit", `${b}: two`, "/help");
  await alice.end();
  assert.deepEqual(alice.lines, []);
  const carol = await server.login(t, `${a}x`);
  carol.say(`${b}: three`);
  await bob.expect(`from ${a}: one`, `from ${a}x: three`);
});

const script = fc
  .array(
    fc.constantFrom(
      "cut: hi",
      "cut, cut: 你好 👋",
      "cut: नमस्ते\r",
      "cut:",
      "  cut  :  a\tb  ",
      "cut, not a name: x",
      "#ops: x",
      "/dance",
      "/help",
      "no colon",
      "",
      "\r",
      `cut: ${"long ".repeat(100)}`,
    ),
    { minLength: 1, maxLength: 15 },
  )
  .map((lines) => Buffer.from(["cut", ...lines].join("\n")));

/**
 * Answers come at once, messages with their commit, and what a commit refuses after what it delivers: each of
 * the three has an order of its own, and how they lie among each other depends on what one commit holds.
 */
function inOrder(bytes: Buffer): Partial<Record<"messages" | "refusals" | "answers", string[]>> {
  return Object.groupBy(bytes.toString().split("\n"), (line) => {
    if (line.startsWith("from ")) return "messages";
    return line.startsWith("! no-such-room ") ? "refusals" : "answers";
  });
}

test("the answer is the same bytes, wherever the script is cut into chunks", async (t) => {
  const property = fc.asyncProperty(
    script,
    fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }),
    async (bytes, cuts) => {
      const whole = await play(server.port, bytes);
      const offsets = cuts.map((cut) => Math.floor(cut * bytes.length)).toSorted((x, y) => x - y);
      const chunks = [0, ...offsets].map((from, i) => bytes.subarray(from, offsets[i]));
      const cut = await play(server.port, ...chunks.filter((chunk) => chunk.length > 0));
      assert.deepEqual(inOrder(cut), inOrder(whole));
    },
  );
  await check(t, property, { numRuns: 60 });
});
