// The line that is being written does what hands expect.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { check } from "../../test/harness/check.ts";
import { createInput, edit, type EditKey, type Input, submit, withText } from "./input.ts";
import { breakRows, graphemesOf, type Row } from "./width.ts";

/** Types text and presses keys; in the text `|` is where the cursor stands. */
function press(start: string, ...keys: EditKey[]): string {
  return shown(keys.reduce((input, key) => edit(input, key), at(start)));
}

function at(marked: string): Input {
  const cursor = marked.indexOf("|");
  return { ...createInput(), text: marked.replace("|", ""), cursor };
}

function shown({ text, cursor }: Input): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

function complete(word: string): string[] {
  return ["alice", "albert"].filter((name) => name.startsWith(word));
}

test("what is typed stands at the cursor", () => {
  assert.equal(press("he|o", { insert: "ll" }), "hell|o");
});

test("the cursor steps over characters as people see them", () => {
  assert.equal(press("a👩‍👩‍👧|b", "left"), "a|👩‍👩‍👧b");
  assert.equal(press("|中文", "right"), "中|文");
  assert.equal(press("e\u0301|", "backspace"), "|");
});

test("words are moved over and cut as shells do", () => {
  assert.equal(press("one two-three|", "word-left"), "one two-|three");
  assert.equal(press("|one two", "word-right", "word-right"), "one two|");
  assert.equal(press("one two-three |", "cut-word"), "one |");
  assert.equal(press("|one two", "cut-word-right"), "| two");
});

test("to the start and to the end of the line, moving and cutting", () => {
  assert.equal(press("one\ntw|o", "home"), "one\n|two");
  assert.equal(press("o|ne\ntwo", "end"), "one|\ntwo");
  assert.equal(press("one\ntw|o", "cut-to-start"), "one\n|o");
  assert.equal(press("o|ne\ntwo", "cut-to-end"), "o|\ntwo");
  assert.equal(press("one|\ntwo", "cut-to-end"), "one|two");
});

test("what was cut can be put back", () => {
  assert.equal(press("one two|", "cut-word", "home", "put-back"), "two|one ");
});

test("up and down move through the lines, and beyond them through what was submitted", () => {
  let input = submit(withText(createInput(), "first"));
  input = submit(withText(input, "second"));
  input = withText(input, "ab\ncd");
  input = edit(input, "up");
  assert.equal(shown(input), "ab|\ncd");
  input = edit(input, "up");
  assert.equal(input.text, "second");
  input = edit(edit(input, "up"), "up");
  assert.equal(input.text, "first");
  input = edit(edit(input, "down"), "down");
  assert.equal(input.text, "ab\ncd");
});

test("the same line twice is kept once, and nothing is not kept", () => {
  const input = ["a", "a", "  ", "b"].reduce(
    (now, text) => submit(withText(now, text)),
    createInput(),
  );
  assert.deepEqual(input.history, ["a", "b"]);
  assert.equal(input.text, "");
});

test("Tab offers one after the other, and back", () => {
  let input = edit(at("hi al|!"), "complete", complete);
  assert.equal(shown(input), "hi alice|!");
  input = edit(input, "complete", complete);
  assert.equal(shown(input), "hi albert|!");
  input = edit(input, "complete", complete);
  assert.equal(shown(input), "hi alice|!");
  input = edit(input, "complete-back", complete);
  assert.equal(shown(input), "hi albert|!");
  input = edit(input, { insert: " " }, complete);
  assert.equal(input.offer, undefined);
});

test("Tab without anything to offer does nothing", () => {
  assert.equal(shown(edit(at("x|"), "complete", () => [])), "x|");
});

test("whatever is pressed, the cursor stands between two characters of the text", async (t) => {
  const key: fc.Arbitrary<EditKey> = fc.oneof(
    fc.constantFrom<EditKey>(
      ...(["left", "right", "word-left", "word-right", "home", "end", "up", "down"] as const),
      ...(["backspace", "delete", "cut-word", "cut-word-right", "cut-to-start"] as const),
      ...(["cut-to-end", "put-back", "complete", "complete-back"] as const),
    ),
    fc
      .constantFrom("a", " ", "\n", "中", "é", "\u0301", "\u200D", "👧", "🇩", "\r\n")
      .map((insert) => ({ insert })),
  );
  await check(
    t,
    fc.asyncProperty(fc.array(key, { maxLength: 60 }), async (keys) => {
      let input = submit(withText(createInput(), "before\nthat"));
      for (const pressed of keys) {
        input = edit(input, pressed, () => ["x", "中文"]);
        const ends = [0];
        for (const grapheme of graphemesOf(input.text))
          ends.push((ends.at(-1) ?? 0) + grapheme.length);
        assert.ok(ends.includes(input.cursor), shown(input));
      }
    }),
    { numRuns: 1000 },
  );
});

function inFours(text: string): Row[] {
  return breakRows(text, 4);
}

function pressInFours(input: Input, key: "up" | "down"): Input {
  return edit(input, key, undefined, inFours);
}

// ↑ in a draft of three rows threw it away for what was written before.
test("up and down go through the rows of a long line before they go through what was written", () => {
  const typed = { ...withText(createInput(), "abcdefghij"), history: ["before"] };
  const up = pressInFours(typed, "up");
  assert.deepEqual([up.text, up.cursor], ["abcdefghij", 6]);
  assert.equal(pressInFours(up, "up").cursor, 2);
  assert.equal(pressInFours(pressInFours(up, "up"), "up").text, "before");
  assert.equal(pressInFours(pressInFours(up, "up"), "down").cursor, 6);
  // The end of a full row is the beginning of the next one: the cursor stays in its own.
  const wide = { ...withText(createInput(), "中中中中x"), cursor: 4 };
  assert.equal(pressInFours(wide, "up").cursor, 2);
  const full = { ...withText(createInput(), "abcdefgh"), cursor: 8 };
  assert.equal(pressInFours(full, "up").cursor, 3);
});

test("words are what people read as such, also in Chinese", () => {
  const typed = withText(createInput(), "我喜欢中文 too");
  const places = [typed];
  for (let at = 0; at < 4; at++) places.push(edit(places.at(-1) ?? typed, "word-left"));
  assert.deepEqual(
    places.map(({ cursor }) => cursor),
    [9, 6, 3, 1, 0],
  );
  assert.equal(edit({ ...typed, cursor: 0 }, "word-right").cursor, 1);
});
