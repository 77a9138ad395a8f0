// What keyboards send is what hands meant.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Key as InkKey } from "ink";
import { readKeys } from "./keys.ts";

const NONE = Object.fromEntries(
  ["upArrow", "downArrow", "leftArrow", "rightArrow", "return", "escape", "ctrl", "shift", "tab"]
    .concat(["backspace", "delete", "meta", "home", "end"])
    .map((name) => [name, false]),
) as unknown as InkKey;

function held(...names: (keyof InkKey)[]): InkKey {
  return { ...NONE, ...Object.fromEntries(names.map((name) => [name, true])) };
}

test("text is text, also when several keys come in one piece", () => {
  assert.deepEqual(readKeys("é", NONE), [{ edit: { insert: "é" } }]);
  assert.deepEqual(readKeys("hi\rab\u0001", NONE), [
    { edit: { insert: "hi" } },
    "submit",
    { edit: { insert: "ab" } },
    { edit: "home" },
  ]);
});

test("a control character that is no key of ours is nothing", () => {
  assert.deepEqual(readKeys("\u0000\u0012\u009B", NONE), []);
  assert.deepEqual(readKeys("x", held("ctrl")), []);
});

test("Enter submits, and with Alt begins another line", () => {
  assert.deepEqual(readKeys("", held("return")), ["submit"]);
  assert.deepEqual(readKeys("", held("return", "meta")), [{ edit: { insert: "\n" } }]);
  assert.deepEqual(readKeys("j", held("ctrl")), [{ edit: { insert: "\n" } }]);
});

test("Ctrl and Alt with letters and digits", () => {
  assert.deepEqual(readKeys("c", held("ctrl")), ["interrupt"]);
  assert.deepEqual(readKeys("n", held("ctrl")), ["next"]);
  assert.deepEqual(readKeys("u", held("ctrl")), [{ edit: "cut-to-start" }]);
  assert.deepEqual(readKeys("3", held("meta")), [{ conversation: 3 }]);
  assert.deepEqual(readKeys("a", held("meta")), ["next-unread"]);
  assert.deepEqual(readKeys("0", held("meta")), []);
});

test("arrows move by characters, and with Ctrl or Alt by words", () => {
  assert.deepEqual(readKeys("", held("leftArrow")), [{ edit: "left" }]);
  assert.deepEqual(readKeys("", held("leftArrow", "ctrl")), [{ edit: "word-left" }]);
  assert.deepEqual(readKeys("", held("rightArrow", "meta")), [{ edit: "word-right" }]);
});

test("Tab completes, and with Shift goes back", () => {
  assert.deepEqual(readKeys("", held("tab")), [{ edit: "complete" }]);
  assert.deepEqual(readKeys("", held("tab", "shift")), [{ edit: "complete-back" }]);
});
