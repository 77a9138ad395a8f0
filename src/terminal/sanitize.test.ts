// What others wrote can do nothing to a terminal.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { check } from "../../test/harness/check.ts";
import { sanitizeBody, sanitizeLine, sanitizePaste } from "./sanitize.ts";

/** Text in which what terminals obey is frequent. */
const nastyText = fc
  .array(
    fc.oneof(
      fc.constantFrom("\u001B", "\u001B[", "\u009B", "\u001B]0;", "\u0007", "\u001B\\", "\u009C"),
      fc.constantFrom("\u0090", "\r", "\n", "\t", "\u202E", "\u2066", "\u200F", "\uD800", "\uDC00"),
      fc.constantFrom("2J", "31m", "a", "é", "中文", "👩‍👩‍👧", "\u0301", " ", ";", "?25l"),
      fc.string({ unit: "binary" }),
    ),
    { maxLength: 40 },
  )
  .map((parts) => parts.join(""));

test("nothing that a terminal obeys is left, whatever comes in", async (t) => {
  await check(
    t,
    fc.asyncProperty(nastyText, async (text) => {
      const clean = sanitizeBody(text);
      assert.doesNotMatch(clean, /[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/);
      assert.doesNotMatch(clean, /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/);
      assert.ok(clean.isWellFormed());
      assert.doesNotMatch(sanitizeLine(text), /\n/);
    }),
    {},
  );
});

test("what is clean is left as it is", () => {
  for (const text of [
    "hi",
    "two\nlines",
    "中文，好",
    "naïve",
    "👩‍👩‍👧 🏳️‍🌈",
    "مرحبا",
    "नमस्ते",
    "می‌خواهم",
  ]) {
    assert.equal(sanitizeBody(text), text);
  }
});

test("cleaning twice is cleaning once", async (t) => {
  await check(
    t,
    fc.asyncProperty(nastyText, async (text) => {
      const clean = sanitizeBody(text);
      assert.equal(sanitizeBody(clean), clean);
    }),
    {},
  );
});

test("a sequence goes as a whole, and what stands around it stays", () => {
  assert.equal(sanitizeBody("a\u001B[31mred\u001B[0m b"), "ared b");
  assert.equal(sanitizeBody("a\u009B2Jb"), "ab");
  assert.equal(sanitizeBody("a\u001B]0;title\u0007b"), "ab");
  assert.equal(sanitizeBody("a\u001B]8;;http://x\u001B\\link\u001B]8;;\u001B\\b"), "alinkb");
  assert.equal(sanitizeBody("a\u001BcB"), "aB");
  assert.equal(sanitizeBody("a\u001B"), "a");
});

test("a name cannot turn the line around", () => {
  assert.equal(sanitizeLine("\u202Eecila\u202C"), "ecila");
});

test("line ends of all kinds are line ends, and tabs are spaces", () => {
  assert.equal(sanitizeBody("a\r\nb\rc\u2028d\te"), "a\nb\nc\nd    e");
});

test("a heap of marks is cut where ordinary text ends", () => {
  assert.equal(sanitizeBody(`a${"\u0301".repeat(500)}b`), `a${"\u0301".repeat(30)}b`);
});

test("what is pasted to be sent keeps its tabs, and nothing else", () => {
  assert.equal(sanitizePaste("all:\n\tmake\u001B[31m\r\n"), "all:\n\tmake\n");
  assert.equal(sanitizeBody("\tmake"), "    make");
});
