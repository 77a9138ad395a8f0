// Where what was sent stands among what comes.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { InPlace } from "./in-place.ts";

/** What is told, in order; time passes by hand. */
function play(t: TestContext): {
  place: InPlace;
  told: number[];
  deliver: (...seqs: number[]) => void;
} {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const place = new InPlace();
  const told: number[] = [];
  const deliver = (...seqs: number[]): void => {
    for (const seq of seqs) {
      place.delivers(seq, true);
      told.push(seq);
    }
  };
  return { place, told, deliver };
}

// Three hundred lines had waited on the server, and her own answer stood above them.
test("what is sent after a login stands below what had waited", (t) => {
  const { place, told, deliver } = play(t);
  place.loggedIn();
  deliver(1, 2);
  place.sent({ seq: 9, tell: () => told.push(9) });
  place.sent({ seq: 5, tell: () => told.push(5) });
  deliver(3);
  t.mock.timers.tick(400);
  deliver(4, 6);
  assert.deepEqual(told, [1, 2, 3, 4, 5, 6]);
  t.mock.timers.tick(499);
  assert.deepEqual(told, [1, 2, 3, 4, 5, 6]);
  t.mock.timers.tick(1);
  assert.deepEqual(told, [1, 2, 3, 4, 5, 6, 9]);
});

test("when nothing had waited it is told within a moment, and before what comes after it", (t) => {
  const { place, told } = play(t);
  place.loggedIn();
  t.mock.timers.tick(500);
  place.sent({ seq: 5, tell: () => told.push(5) });
  t.mock.timers.tick(20);
  assert.deepEqual(told, [5]);
  place.sent({ seq: 8, tell: () => told.push(8) });
  place.delivers(7, false);
  told.push(7);
  place.delivers(9, false);
  told.push(9);
  assert.deepEqual(told, [5, 7, 8, 9]);
});

test("what comes anew ends the wait for what had waited", (t) => {
  const { place, told } = play(t);
  place.loggedIn();
  place.delivers(3, false);
  place.sent({ seq: 5, tell: () => told.push(5) });
  t.mock.timers.tick(20);
  assert.deepEqual(told, [5]);
});

test("what a connection took with it is told among what the next one brings", (t) => {
  const { place, told, deliver } = play(t);
  place.loggedIn();
  place.sent({ seq: 5, tell: () => told.push(5) });
  place.offline();
  t.mock.timers.tick(60_000);
  assert.deepEqual(told, []);
  place.loggedIn();
  deliver(4, 6);
  assert.deepEqual(told, [4, 5, 6]);
});
