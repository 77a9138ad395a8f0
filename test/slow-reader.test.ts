// Peers that read slowly or not at all: the log is their queue, so they cost the server no memory,
// nobody else is slowed, and all of it arrives when they read.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import type { LineClient } from "./harness/line-client.ts";
import { TestServer } from "./harness/server.ts";

const MIB = 2 ** 20;
const isLong = process.env["PARTYLINE_LONG"] !== undefined;

/** What is sent to somebody who reads nothing, in bytes; PARTYLINE_LONG=1 for 1 GiB. */
const MUCH = isLong ? 1024 * MIB : 100 * MIB;

/** For so long somebody reads a byte a second; PARTYLINE_LONG=1 for longer than a dead one may live. */
const SECONDS = isLong ? 75 : 5;

/** The most that the server may grow by, in bytes. */
const MOST_GROWTH = 64 * MIB;

const onLinux = { skip: process.platform !== "linux" && "the system does not tell" };
const BODY = "x".repeat(4000);

/** Sends numbered messages, and waits when the system takes no more. */
async function send(sender: LineClient, to: string, first: number, count: number): Promise<void> {
  const together = 100;
  for (let number = first; number < first + count; number += together) {
    const lines = Array.from(
      { length: Math.min(together, first + count - number) },
      (_, i) => `${to}: ${number + i} ${BODY}\n`,
    );
    if (!sender.socket.write(lines.join(""))) await once(sender.socket, "drain");
  }
}

/** Says something to oneself and waits for it: what one said before is committed. */
async function committed(sender: LineClient, name: string): Promise<void> {
  sender.say(`${name}: committed`);
  await sender.expect(`from ${name}: committed`);
}

/** Counts messages that come as they should: from the sender, the next number each. */
function countInOrder(reader: LineClient, from: string): () => number {
  let last = 0;
  reader.onLine = (line) => {
    const number = Number(new RegExp(`^from ${from}: (\\d+) x+$`).exec(line)?.[1]);
    assert.equal(number, last + 1, line.slice(0, 80));
    last = number;
  };
  return () => last;
}

/** Waits for so many messages, for as long as some keep coming. */
async function untilAll(reader: LineClient, reached: () => number, count: number): Promise<void> {
  while (reached() < count) {
    const before = reached();
    await reader.until(() => reached() >= Math.min(count, before + 1000), `${before} and more`);
  }
}

function grewLittle(t: TestContext, server: TestServer, before: number): void {
  const grown = server.peakBytes - before;
  t.diagnostic(`grew by ${(grown / MIB).toFixed(1)} MiB at most`);
  assert.ok(grown <= MOST_GROWTH, `grew by ${(grown / MIB).toFixed(1)} MiB`);
}

test(
  `${MUCH / MIB} MiB to somebody who reads nothing cost little, and come once and in order`,
  onLinux,
  async (t) => {
    const server = await TestServer.start(t, { args: ["--durability", "process"] });
    const deaf = await server.login(t, "deaf");
    deaf.socket.pause();
    const sender = await server.login(t, "sender");
    const count = Math.ceil(MUCH / BODY.length);
    // What sending costs at all is there before we look.
    const warm = Math.ceil(count / 10);
    await send(sender, "deaf", 1, warm);
    await committed(sender, "sender");
    server.forgetPeak();
    const before = server.residentBytes;
    await send(sender, "deaf", warm + 1, count - warm);
    await committed(sender, "sender");
    grewLittle(t, server, before);
    const reached = countInOrder(deaf, "sender");
    deaf.socket.resume();
    await untilAll(deaf, reached, count);
    // Also while it catches up: a page is read when there is room for it.
    grewLittle(t, server, before);
    // Once: nothing comes behind it, and nothing again after a clean end.
    await deaf.finish().end();
    assert.equal(reached(), count);
    const again = server.connect(t).say("deaf");
    await again.finish().end();
    assert.deepEqual(again.lines, []);
  },
);

test(
  "a sender that reads nothing of what comes to it is heard, and costs little",
  onLinux,
  async (t) => {
    const server = await TestServer.start(t, { args: ["--durability", "process"] });
    const bob = await server.login(t, "bob");
    const reached = countInOrder(bob, "sender");
    const sender = await server.login(t, "sender");
    sender.socket.pause();
    const count = 8000;
    // Each message also goes to the sender itself.
    await send(sender, "bob, sender", 1, count / 8);
    await untilAll(bob, reached, count / 8);
    server.forgetPeak();
    const before = server.residentBytes;
    await send(sender, "bob, sender", count / 8 + 1, count - count / 8);
    await untilAll(bob, reached, count);
    grewLittle(t, server, before);
    const own = countInOrder(sender, "sender");
    sender.socket.resume();
    await untilAll(sender, own, count);
  },
);

test(`somebody who reads a byte a second, for ${SECONDS} s, is not cut, and slows nobody`, async (t) => {
  const server = await TestServer.start(t);
  const count = 5000;
  const sender = await server.login(t, "sender");
  const pingPong = async (): Promise<number> => {
    const began = performance.now();
    await committed(sender, "sender");
    return performance.now() - began;
  };
  const alone = await medianOf(200, pingPong);
  // A process of its own: Node reads all that is there. Bash reads a socket byte by byte.
  const turtle = spawn(
    "bash",
    [
      "-c",
      `exec 3<>/dev/tcp/127.0.0.1/${server.port}; echo turtle >&3
       for ((i = 0; i < ${SECONDS}; i++)); do IFS= read -r -N 1 -u 3 c; printf %s "$c"; sleep 1; done
       cat <&3`,
    ],
    { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, LC_ALL: "C" } },
  );
  t.after(() => turtle.kill("SIGKILL"));
  let last = 0;
  const done = Promise.withResolvers<void>();
  createInterface({ input: turtle.stdout }).on("line", (line) => {
    const number = Number(/^from sender: (\d+) x+$/.exec(line)?.[1]);
    if (number !== last + 1) done.reject(new Error(`${line.slice(0, 80)} after ${last}`));
    last = number;
    if (last === count) done.resolve();
  });
  turtle.once("exit", () => done.reject(new Error(`it was cut after ${last} messages`)));
  await send(sender, "turtle", 1, count);
  await committed(sender, "sender");
  const beside = await medianOf(200, pingPong);
  t.diagnostic(`a round trip of ${alone.toFixed(2)} ms, beside it ${beside.toFixed(2)} ms`);
  assert.ok(beside < 5 * alone + 10, `${beside} ms, and ${alone} ms alone`);
  assert.equal(last, 0, "it is still reading its first line");
  await done.promise;
});

async function medianOf(times: number, measure: () => Promise<number>): Promise<number> {
  const all: number[] = [];
  for (let time = 0; time < times; time += 1) all.push(await measure());
  return all.toSorted((a, b) => a - b)[times >> 1] as number;
}
