// The line decoder: the same lines wherever the bytes are cut.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import * as fc from "fast-check";
import { BAD_TEXT, LINE_TOO_LONG } from "../protocol/line/unreadable.ts";
import { LineDecoder } from "./line-decoder.ts";

const MOST = 16;

/** Chunks are overwritten when `decode` returns, so a decoder that keeps one is found out. */
function decode(chunks: readonly Uint8Array[], end = true): string {
  const decoder = new LineDecoder(MOST);
  let lines = "";
  for (const chunk of chunks) {
    const shared = Buffer.from(chunk);
    lines += decoder.decode(shared);
    shared.fill("?");
  }
  return end ? lines + decoder.end() : lines;
}

const bytes = (...parts: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part))),
  );

/** How a line of text begins that is dropped. */
const latin1 = (text: string): string => Buffer.from(text).toString("latin1", 0, MOST);

for (const [what, input, expected] of [
  ["lines come with their ends", bytes("a\nb\n"), "a\nb\n"],
  ["the last line gets an end", bytes("a\nb"), "a\nb\n"],
  ["nothing is nothing", bytes(""), ""],
  ["empty lines are lines", bytes("\n\n"), "\n\n"],
  ["a carriage return stays for the parser", bytes("a\r\n"), "a\r\n"],
  ["UTF-8 becomes text", bytes("语 é 👋\n"), "语 é 👋\n"],
  ["a line of the longest length is taken", bytes("x".repeat(MOST), "\n"), `${"x".repeat(MOST)}\n`],
  [
    "its carriage return does not count",
    bytes("x".repeat(MOST), "\r\n"),
    `${"x".repeat(MOST)}\r\n`,
  ],
  [
    "one more is too long",
    bytes("x".repeat(MOST + 1), "\na\n"),
    `${LINE_TOO_LONG}${"x".repeat(MOST)}\na\n`,
  ],
  [
    "a last line can be too long",
    bytes("a\n", "x".repeat(50)),
    `a\n${LINE_TOO_LONG}${"x".repeat(MOST)}\n`,
  ],
  ["bytes count", bytes("语".repeat(6), "\n"), `${LINE_TOO_LONG}${latin1("语".repeat(6))}\n`],
  ["what is not UTF-8 is one bad line", bytes("a\n", [0xff], "b\nc\n"), `a\n${BAD_TEXT}\xffb\nc\n`],
  ["a surrogate in UTF-8 is bad", bytes([0xed, 0xa0, 0x80], "\n"), `${BAD_TEXT}\xed\xa0\x80\n`],
  ["an overlong NUL is bad", bytes([0xc0, 0x80], "\n"), `${BAD_TEXT}\xc0\x80\n`],
  [
    "a character must not go over a line's end",
    bytes([0xe8, 0xaf], "\n", [0xad], "\n"),
    `${BAD_TEXT}\xe8\xaf\n${BAD_TEXT}\xad\n`,
  ],
  ["a byte-order mark is a character", bytes("\ufeffa\n"), "\ufeffa\n"],
] as const) {
  test(what, () => assert.equal(decode([input]), expected));

  test(`${what}, cut anywhere`, () => {
    for (let cut = 0; cut <= input.length; cut += 1) {
      assert.equal(decode([input.subarray(0, cut), input.subarray(cut)]), expected, `at ${cut}`);
    }
    assert.equal(decode(Array.from(input, (byte) => Uint8Array.of(byte))), expected, "everywhere");
  });
}

test("a line whose end has not come is kept", () => {
  assert.equal(decode([bytes("a\nb")], false), "a\n");
});

/** A line at a time, without regard to speed. */
function plainly(input: Buffer): string {
  const lines = input.toString("latin1").split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines
    .map((line) => {
      const content = Buffer.from(line, "latin1");
      const isLong = content.length - (line.endsWith("\r") ? 1 : 0) > MOST;
      const text = content.toString();
      const head = line.slice(0, MOST);
      if (isLong) return `${LINE_TOO_LONG}${head}\n`;
      if (!Buffer.from(text).equals(content)) return `${BAD_TEXT}${head}\n`;
      return `${text}\n`;
    })
    .join("");
}

test("any bytes, cut at any places, are the lines that a plain reading gives", () => {
  const piece = fc.oneof(
    fc
      .constantFrom("\n", "\r\n", "a", "语", "\ufeff", "x".repeat(MOST), "\n\n")
      .map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 5 }).map((array) => Buffer.from(array)),
  );
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.concat(pieces)),
      fc.array(fc.nat(80), { maxLength: 6 }),
      (input, cuts) => {
        const at = [0, ...cuts.map((cut) => Math.min(cut, input.length)).toSorted((x, y) => x - y)];
        const chunks = at.map((from, i) => input.subarray(from, at[i + 1] ?? input.length));
        assert.equal(decode(chunks), plainly(input));
      },
    ),
    { numRuns: 3000, verbose: 1 },
  );
});
