import assert from "node:assert/strict";
import { test } from "node:test";
import { Buckets } from "./buckets.ts";

test("a value counts for its bound and for those above it", () => {
  const buckets = new Buckets([1, 10, 100]);
  for (const value of [0, 1, 2, 10, 99, 1000]) buckets.observe(value);
  assert.deepEqual(buckets.cumulative(), [2, 4, 5]);
  assert.equal(buckets.count, 6);
  assert.equal(buckets.sum, 1112);
});
