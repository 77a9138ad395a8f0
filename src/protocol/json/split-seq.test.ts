// Frames once said seqs as template strings did: whatever is faster must give the same.

import assert from "node:assert/strict";
import { it } from "node:test";
import * as fc from "fast-check";
import { splitSeq } from "./split-seq.ts";

/** Whole numbers of every size up to 2^53, with many zeros and nines among their digits. */
const seqs = fc
  .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: -2000, max: 2000 }), fc.maxSafeNat())
  .map(([size, near, any]) =>
    Math.min(Number.MAX_SAFE_INTEGER - 5000, Math.max(1, (any % 10 ** size) + 10 ** size + near)),
  );

it("all seqs from the first to the last are the beginning and what is counted up from the rest", () => {
  fc.assert(
    fc.property(seqs, fc.nat(3000), (first, count) => {
      const [beginning, rest] = splitSeq(first, first + count);
      for (const i of [0, 1, count >> 1, count]) {
        if (i <= count) assert.equal(`${beginning}${rest + i}`, `${first + i}`);
      }
    }),
    { numRuns: 5000, verbose: 1 },
  );
});

it("what is counted is a small number, but for the few seqs around a round one", () => {
  assert.deepEqual(splitSeq(59_600_123_456_789, 59_600_123_456_999), ["59600", 123_456_789]);
  assert.deepEqual(splitSeq(59_600_012_345_678, 59_600_012_345_678), ["596000", 12_345_678]);
  assert.deepEqual(splitSeq(2 ** 31 - 5, 2 ** 31 - 1), ["", 2 ** 31 - 5]);
  assert.deepEqual(splitSeq(59_599_999_999_999, 59_600_000_000_000), ["", 59_599_999_999_999]);
});
