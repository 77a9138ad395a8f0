// A flood of connections that are turned away is a few lines in the log, not one for each.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TurnedAway } from "./turned-away.ts";

test("it is said once when it begins, then once a minute, then that it is over", () => {
  const said: string[] = [];
  const timers: (() => void)[] = [];
  const clock = {
    after: (_: number, callback: () => void) => {
      timers.push(callback);
      return { cancel: () => undefined };
    },
  };
  const turnedAway = new TurnedAway(clock, (_, what) => said.push(String(what)));
  for (let i = 0; i < 500; i++) turnedAway.add("raise the limit");
  assert.deepEqual(said.splice(0), ["connections are turned away: raise the limit"]);
  timers.pop()?.();
  assert.deepEqual(said.splice(0), ["499 more connections were turned away"]);
  timers.pop()?.();
  assert.deepEqual(said.splice(0), ["no connection was turned away for a minute"]);
  turnedAway.add("raise the limit");
  assert.equal(said.length, 1);
});
