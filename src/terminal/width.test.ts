// Widths are the terminal's, whatever the script.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { check } from "../../test/harness/check.ts";
import { breakRows, cut, widthOf, wrap } from "./width.ts";

const text = fc
  .array(
    fc.constantFrom("a", "word", " ", "  ", "中文", "，", "é", "e\u0301", "👩‍👩‍👧", "🇩🇪", "-", "\n"),
  )
  .map((parts) => parts.join(""));
const columns = fc.integer({ min: 2, max: 60 });

test("Chinese and emoji are two columns wide, and marks none", () => {
  assert.equal(widthOf("中文"), 4);
  assert.equal(widthOf("👩‍👩‍👧"), 2);
  assert.equal(widthOf("e\u0301"), 1);
});

test("what is cut fits, and says that it was cut", () => {
  assert.equal(cut("deploying", 6), "deplo…");
  assert.equal(cut("中文字符", 4), "中…");
  assert.equal(cut("hi", 2), "hi");
  assert.equal(cut("hi", 0), "");
});

test("wrapped between words where it can be, and inside them where it must", () => {
  assert.deepEqual(wrap("the quick brown fox", 10), ["the quick", "brown fox"]);
  assert.deepEqual(wrap("aaaaaaaaaaaa b", 5), ["aaaaa", "aaaaa", "aa b"]);
  assert.deepEqual(wrap("中文字符", 5), ["中文", "字符"]);
  assert.deepEqual(wrap("a\n\nb", 5), ["a", "", "b"]);
});

test("no row is wider than the screen, and no letter is lost", async (t) => {
  await check(
    t,
    fc.asyncProperty(text, columns, async (body, width) => {
      const rows = wrap(body, width);
      for (const row of rows) assert.ok(widthOf(row) <= width, JSON.stringify(row));
      assert.equal(rows.join("").replace(/\s/g, ""), body.replace(/\s/g, ""));
    }),
    {},
  );
});

test("the rows of an input line hold all of it, each from where it says", async (t) => {
  await check(
    t,
    fc.asyncProperty(text, columns, async (body, width) => {
      const rows = breakRows(body, width);
      for (const row of rows) {
        assert.ok(widthOf(row.text) <= width);
        assert.equal(body.slice(row.start, row.start + row.text.length), row.text);
      }
      assert.equal(rows.map((row) => row.text).join(""), body.replaceAll("\n", ""));
    }),
    {},
  );
});
