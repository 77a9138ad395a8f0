// Evidence: which seq is confirmed when so many bytes are known to have arrived.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Evidence } from "./evidence.ts";

test("a mark is confirmed when nothing is unacknowledged", () => {
  const evidence = new Evidence();
  evidence.mark(100, 7, 0);
  assert.equal(evidence.acknowledged(0), 7);
  assert.equal(evidence.confirmedBytes, 100);
});

test("what is partly unacknowledged is not confirmed, what came before it is", () => {
  const evidence = new Evidence();
  evidence.mark(100, 7, 0);
  evidence.mark(200, 9, 1);
  assert.equal(evidence.acknowledged(1), 7);
  assert.equal(evidence.acknowledged(0), 9);
});

test("nothing is confirmed twice", () => {
  const evidence = new Evidence();
  evidence.mark(100, 7, 0);
  assert.equal(evidence.acknowledged(0), 7);
  assert.equal(evidence.acknowledged(0), undefined);
  evidence.mark(100, 7, 1);
  assert.equal(evidence.acknowledged(0), undefined);
});

test("nothing is confirmed before anything was handed over", () => {
  assert.equal(new Evidence().acknowledged(0), undefined);
  assert.equal(new Evidence().olderThan(Infinity), undefined);
});

test("by time, what is as old as that or younger is not confirmed", () => {
  const evidence = new Evidence();
  evidence.mark(100, 7, 1000);
  evidence.mark(200, 9, 2000);
  assert.equal(evidence.olderThan(1000), undefined);
  assert.equal(evidence.olderThan(2000), 7);
  assert.equal(evidence.olderThan(Infinity), 9);
});

test("many marks are kept as a few, and none of them confirms too much", () => {
  const evidence = new Evidence();
  for (let i = 1; i <= 1000; i += 1) evidence.mark(i * 10, i, i);
  // The newest mark says where everything is; halfway there only older ones may speak.
  const halfway = evidence.acknowledged(5000) ?? 0;
  assert.ok(halfway > 0 && halfway <= 500, String(halfway));
  assert.equal(evidence.acknowledged(0), 1000);
});
