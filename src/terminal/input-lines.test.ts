// What is read from a pipe, line by line.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { check } from "../../test/harness/check.ts";
import { type InputLine, readLines } from "./input-lines.ts";

/** In chunks that end at these places. */
async function* chunks(bytes: Uint8Array, ends: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const end of [...ends.toSorted((a, b) => a - b), bytes.length]) {
    yield bytes.subarray(start, end);
    start = end;
  }
}

async function read(bytes: Uint8Array, ends: readonly number[] = [], longest?: number) {
  const lines: InputLine[] = [];
  for await (const line of readLines(chunks(bytes, ends), longest)) lines.push(line);
  return lines;
}

async function texts(input: string): Promise<string[]> {
  return (await read(Buffer.from(input))).map(({ text }) => text);
}

test("only a line feed ends a line, and the last one needs none", async () => {
  assert.deepEqual(await texts("a\rb\u2028c\u2029d\u0085e\r\n\nlast"), [
    "a\rb\u2028c\u2029d\u0085e",
    "",
    "last",
  ]);
  assert.deepEqual(await texts(""), []);
  assert.deepEqual(await texts("\n"), [""]);
});

test("a byte-order mark is one at the very beginning alone", async () => {
  assert.deepEqual(await texts("\uFEFFone\n\uFEFFtwo\n"), ["one", "\uFEFFtwo"]);
});

test("what is not UTF-8, and what is too long, is told with its number, and the others are read", async () => {
  const bytes = Buffer.concat([
    Buffer.from("one\n"),
    Buffer.from([0xff, 0x0a]),
    Buffer.from("too long\nlast"),
  ]);
  const lines = await read(bytes, [5, 8, 12], 5);
  assert.deepEqual(
    lines.map(({ number, text, problem }) => [number, text, problem?.message]),
    [
      [1, "one", undefined],
      [2, "", "it is not UTF-8"],
      [3, "", "it is longer than 5 bytes"],
      [4, "last", undefined],
    ],
  );
});

test("the lines are the same, wherever the input is cut", async (t) => {
  const line = fc.constantFrom("", "one", "\r", "线\u2028", "👋 hi\r", "x".repeat(20));
  const property = fc.asyncProperty(
    fc.array(line, { maxLength: 8 }),
    fc.array(fc.nat(100), { maxLength: 8 }),
    async (given, ends) => {
      const bytes = Buffer.from(given.join("\n"));
      const cuts = ends.filter((end) => end <= bytes.length);
      assert.deepEqual(await read(bytes, cuts, 15), await read(bytes, [], 15));
    },
  );
  await check(t, property, { numRuns: 200 });
});
