// How lines of the transcript read.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { check } from "../../test/harness/check.ts";
import type { Line, MessageEntry } from "./lines.ts";
import { rowText, rowWidth } from "./rows.ts";
import { formatLine } from "./transcript.ts";

const AT = new Date(2026, 10, 23, 9, 5).getTime();

function message(body: string, more: Partial<MessageEntry> = {}): MessageEntry {
  const rest = { at: AT, from: "bob", isOwn: false, isMention: false };
  return { kind: "message", seq: 1, ...rest, body, ...more };
}

function rows(line: Line, columns = 40): string[] {
  return formatLine(line, columns).map(rowText);
}

test("a message has its time, its name, and further rows that stand in", () => {
  assert.deepEqual(rows(message("hi")), ["09:05 bob: hi"]);
  assert.deepEqual(rows(message("the quick brown fox jumps over the lazy dog")), [
    "09:05 bob: the quick brown fox jumps",
    "      over the lazy dog",
  ]);
  assert.deepEqual(rows(message("one\ntwo")), ["09:05 bob: one", "      two"]);
});

test("a forged line of a message of several lines stands in, and is seen as such", () => {
  assert.deepEqual(rows(message("hi\n09:06 alice: I quit")), [
    "09:05 bob: hi",
    "      09:06 alice: I quit",
  ]);
});

test("what was sent here says so", () => {
  assert.deepEqual(rows(message("hi", { wasWaiting: true })), ["09:05 bob: hi  sent"]);
});

test("lines between the messages", () => {
  assert.deepEqual(rows({ kind: "unread" }), ["── unread ──"]);
  assert.deepEqual(rows({ kind: "day", at: AT }), ["── Monday, 23 November 2026 ──"]);
  assert.deepEqual(rows({ kind: "heading", text: "#ops: calm" }), ["── #ops: calm"]);
});

test("no row is wider than the screen, from 20 columns on", async (t) => {
  const body = fc
    .array(fc.constantFrom("word", " ", "中文", "👩‍👩‍👧", "\n", "averyverylongword"))
    .map((parts) => parts.join(""));
  const line = fc.oneof(
    fc
      .record({ body, wasWaiting: fc.boolean() })
      .map(({ body, wasWaiting }) => message(body, { wasWaiting })),
    body.map((text): Line => ({ kind: "note", text })),
    body.map((text): Line => ({ kind: "event", seq: 1, at: AT, text })),
    fc.constant<Line>({ kind: "unread" }),
  );
  await check(
    t,
    fc.asyncProperty(line, fc.integer({ min: 20, max: 100 }), async (one, columns) => {
      for (const row of formatLine(one, columns)) assert.ok(rowWidth(row) <= columns, rowText(row));
    }),
    {},
  );
});
