// Bodies: what is refused, and packing that loses nothing.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { checkBody, packBodies, SEPARATOR, sliceBodies, unpackBodies } from "./bodies.ts";

const body = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll(SEPARATOR, "")),
  fc.constantFrom("", "a\nb", "\t", "你好"),
);
const bodies = fc.array(body, { minLength: 1, maxLength: 10 });

test("every control character but tab and newline is refused", () => {
  for (let code = 0; code < 0xa0; code += 1) {
    const text = `a${String.fromCharCode(code)}b`;
    const isControl = /\p{Cc}/u.test(text);
    if (isControl && code !== 9 && code !== 10) {
      assert.throws(() => checkBody(text), { code: "bad-body" }, String(code));
    } else {
      checkBody(text);
    }
  }
});

test("a lone surrogate is refused, a pair is not", () => {
  for (const text of ["\ud83d", "\udc4b", "\udc4b\ud83d"]) {
    assert.throws(() => checkBody(text), { code: "bad-body" });
  }
  checkBody("\ud83d\udc4b");
});

test("no body that is taken contains the separator", () => {
  assert.throws(() => checkBody(SEPARATOR), { code: "bad-body" });
});

test("what was packed comes out again", () => {
  fc.assert(
    fc.property(bodies, (all) => assert.deepEqual(unpackBodies(packBodies(all)), all)),
    { numRuns: 500, verbose: 1 },
  );
});

test("a slice is the same as slicing before packing", () => {
  fc.assert(
    fc.property(bodies, fc.nat(9), fc.nat(9), (all, from, length) => {
      const start = from % all.length;
      const end = Math.min(all.length, start + 1 + length);
      assert.deepEqual(
        unpackBodies(sliceBodies(packBodies(all), start, end)),
        all.slice(start, end),
      );
    }),
    { numRuns: 500, verbose: 1 },
  );
});
