// How many passwords may be tried, with a clock that goes on when the test says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HandClock } from "../broker/hand-clock.ts";
import type { ChatError } from "../protocol/errors.ts";
import { Attempts } from "./attempts.ts";

function tries(attempts: Attempts, address: string, key: string, most: number): number {
  for (let count = 0; count < most; count++) {
    try {
      attempts.take(address, key);
    } catch (error) {
      assert.equal((error as ChatError).code, "too-many-attempts");
      return count;
    }
  }
  return most;
}

test("ten wrong passwords for a name are too many, and one more every six seconds", async () => {
  const clock = new HandClock();
  const attempts = new Attempts(clock);
  assert.equal(tries(attempts, "192.0.2.1", "alice", 100), 10);
  await clock.goOn(6000);
  assert.equal(tries(attempts, "192.0.2.1", "alice", 100), 1);
  await clock.goOn(600_000);
  assert.equal(tries(attempts, "192.0.2.1", "alice", 100), 10);
});

test("another address may still try the name, and the address another name, up to a hundred", () => {
  const attempts = new Attempts(new HandClock());
  tries(attempts, "192.0.2.1", "alice", 100);
  assert.equal(tries(attempts, "192.0.2.2", "alice", 1), 1);
  let all = 10;
  for (let i = 0; i < 50; i++) all += tries(attempts, "192.0.2.1", `n${i}`, 10);
  assert.equal(all, 100);
});

test("what is remembered is bounded, and who was just refused is not forgotten", () => {
  const attempts = new Attempts(new HandClock());
  for (let i = 0; i < 50_000; i++) attempts.take(`2001:db8::${i.toString(16)}`, "alice");
  tries(attempts, "192.0.2.1", "alice", 100);
  assert.equal(tries(attempts, "192.0.2.1", "alice", 1), 0);
});

test("right ones do not count", () => {
  const attempts = new Attempts(new HandClock());
  for (let i = 0; i < 1000; i++) {
    attempts.take("192.0.2.1", "alice");
    attempts.giveBack("192.0.2.1", "alice");
  }
  assert.equal(tries(attempts, "192.0.2.1", "alice", 100), 10);
});
