// What a stretch of a conversation knows of what lies above a seq, and what it does not.

import assert from "node:assert/strict";
import { test } from "node:test";
import { countAbove, EMPTY, hasNext, type Shown, type Timeline } from "./timeline.ts";

/** Of bob's messages with these seqs. */
function stretch(from: number, to: number, ends: Partial<Timeline> = {}): Timeline {
  const items = Array.from({ length: to - from + 1 }, (_, i): Shown => {
    const seq = from + i;
    return { kind: "message", key: `m${seq}`, seq, from: "bob", body: "", at: seq, isOwn: false };
  });
  return { items, hasOlder: true, isAtEnd: true, ...ends };
}

// A marker that another device had set in a conversation that was not looked at here made its count 0, and
// one far above what was loaded made it too small.
test("what lies above a seq is counted only where all of it is here", () => {
  assert.equal(countAbove(EMPTY, 5), undefined);
  assert.equal(countAbove(stretch(50, 60), 5), undefined);
  assert.equal(countAbove(stretch(50, 60, { isAtEnd: false }), 55), undefined);
  assert.equal(countAbove(stretch(50, 60), 55), 5);
  assert.equal(countAbove(stretch(50, 60, { hasOlder: false }), 5), 11);
});

test("what comes next after a seq is here if the stretch goes on from it", () => {
  assert.ok(hasNext(stretch(50, 60), 50));
  assert.ok(!hasNext(stretch(50, 60), 49));
  assert.ok(hasNext(stretch(50, 60, { hasOlder: false }), 0));
  assert.ok(hasNext(stretch(50, 60), 60));
  assert.ok(!hasNext(stretch(50, 60, { isAtEnd: false }), 60));
  assert.ok(!hasNext(EMPTY, 5));
});
