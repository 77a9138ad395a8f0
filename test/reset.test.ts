// Connections that are reset while messages flow to them, with the same name back within the same
// millisecond: it is never refused, never deaf, and misses nothing but what its own system had taken.

import assert from "node:assert/strict";
import { once } from "node:events";
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
  let count = 0;
  let sent = 0;
  let slowest = 0;
  let reached = 0;
  /** What was sent before the last reset: its system may have taken it, and dropped it with the reset. */
  let maybeTaken = 0;
  let lost = 0;
  let wake: (() => void) | undefined;
  const connect = (): ReturnType<typeof server.connect> => {
    const client = server.connect(t).say("phoenix");
    client.onLine = (line) => {
      const number = /^from sender: (\d+)$/.exec(line)?.[1];
      assert.ok(number !== undefined, `refused or garbled: ${line}`);
      const isNext = Number(number) <= Math.max(reached, maybeTaken) + 1;
      assert.ok(isNext, `${number} came after ${reached}, with a reset at ${maybeTaken}`);
      lost += Math.max(0, Number(number) - reached - 1);
      reached = Math.max(reached, Number(number));
      count += 1;
      wake?.();
    };
    return client;
  };
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise<void>((resolve) => (wake = resolve));
  };

  let client = connect();
  for (let reset = 0; reset < RESETS; reset++) {
    sender.say(...Array.from({ length: TOGETHER }, () => `phoenix: ${++sent}`));
    const before = count;
    const began = performance.now();
    await until(() => count >= before + BEFORE_RESET);
    slowest = Math.max(slowest, performance.now() - began);
    client.onLine = () => {};
    maybeTaken = sent;
    // The reset and the login may arrive in either order.
    const old = client;
    if (reset % 2 === 0) old.reset();
    client = connect();
    if (reset % 2 === 1) {
      await once(client.socket, "connect");
      old.reset();
    }
  }
  sender.say(`phoenix: ${++sent}`);
  await until(() => reached === sent);
  // The system is asked once a second, and there are many resets between two such looks.
  assert.ok(lost < sent / 20, `${lost} of ${sent} did not come again`);
  assert.deepEqual(sender.lines, [], "the sender was told of nothing");
  t.diagnostic(
    `the slowest came back after ${slowest.toFixed(0)} ms; ${lost} of ${sent} were with its system`,
  );
});
