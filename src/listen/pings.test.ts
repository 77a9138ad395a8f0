// Who is asked whether he is there, with a clock that goes on when the test says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HandClock } from "../broker/hand-clock.ts";
import { Pings } from "./pings.ts";

test("who said nothing for three quarters of a minute is asked, and again after as long", async () => {
  const clock = new HandClock();
  const pings = new Pings(clock);
  let asked = 0;
  const quiet = { lastByteAt: 0, ping: () => (asked += 1) };
  pings.watch(quiet);
  const wait = async (seconds: number): Promise<void> => {
    for (let s = 0; s < seconds; s += 5) await clock.goOn(5000);
  };
  await wait(40);
  assert.equal(asked, 0);
  await wait(5);
  assert.equal(asked, 1);
  await wait(40);
  assert.equal(asked, 1);
  await wait(5);
  assert.equal(asked, 2);
  pings.unwatch(quiet);
  await wait(60);
  assert.equal(asked, 2);
});

test("who talks is not asked", async () => {
  const clock = new HandClock();
  const pings = new Pings(clock);
  let asked = 0;
  const talker = { lastByteAt: 0, ping: () => (asked += 1) };
  pings.watch(talker);
  for (let i = 0; i < 10; i++) {
    await clock.goOn(15_000);
    talker.lastByteAt = clock.now();
  }
  assert.equal(asked, 0);
});
