// Connections that are reset while messages flow to them, with the same name back within the same
// millisecond: it is never refused, never deaf, and misses nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TestServer } from "./harness/server.ts";

/** So often is the connection reset; PARTYLINE_RESETS=1000 for the long run. */
const RESETS = Number(process.env["PARTYLINE_RESETS"] ?? 100);

/** Messages in one write, and how many of them come before the connection is reset. */
const TOGETHER = 20;
const BEFORE_RESET = 7;

test(`${RESETS} resets in the middle of messages, each with a login at once`, async (t) => {
  const server = await TestServer.start(t);
  const sender = await server.login(t, "sender");
  /** Numbers in the order in which they came, over all connections. */
  const got: number[] = [];
  let sent = 0;
  let slowest = 0;
  let wake: () => void = () => undefined;
  const connect = (): ReturnType<typeof server.connect> => {
    const client = server.connect(t).say("phoenix");
    client.onLine = (line) => {
      const number = /^from sender: (\d+)$/.exec(line)?.[1];
      assert.ok(number !== undefined, `refused or garbled: ${line}`);
      got.push(Number(number));
      wake();
    };
    return client;
  };
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => (wake = resolve));
  };

  let client = connect();
  for (let reset = 0; reset < RESETS; reset++) {
    sender.say(...Array.from({ length: TOGETHER }, () => `phoenix: ${++sent}`));
    const before = got.length;
    const began = performance.now();
    await until(() => got.length >= before + BEFORE_RESET);
    slowest = Math.max(slowest, performance.now() - began);
    client.onLine = () => {};
    client.reset();
    client = connect();
  }
  await until(() => got.includes(sent, -TOGETHER));
  let reached = 0;
  for (const number of got) {
    assert.ok(number <= reached + 1, `misses what is before ${number}`);
    reached = Math.max(reached, number);
  }
  assert.equal(reached, sent);
  assert.deepEqual(sender.lines, [], "the sender was told of nothing");
  t.diagnostic(`the slowest came back after ${slowest.toFixed(0)} ms`);
});
