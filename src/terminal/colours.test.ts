// A name's colour says who speaks, and is readable everywhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { colourOf, contrast, depthOf, rgbOf } from "./colours.ts";

const NAMES = Array.from({ length: 500 }, (_, i) => `name${i}`);

/** The number of a colour of the cube, out of how Ink takes it. */
function numberOf(name: string): number {
  return Number(/^ansi256\((\d+)\)$/.exec(colourOf(name, "many") ?? "")?.[1]);
}

// They were chosen well, and named by red, green and blue: of these another colour was made, which one could not read.
test("every name's colour is readable on white and on black", () => {
  for (const name of NAMES) {
    assert.ok(contrast(rgbOf(numberOf(name)), [255, 255, 255]) >= 3);
    assert.ok(contrast(rgbOf(numberOf(name)), [0, 0, 0]) >= 3);
  }
});

test("a colour of the cube has its three parts from its number", () => {
  assert.deepEqual([16, 21, 67, 196, 231].map(rgbOf), [
    [0, 0, 0],
    [0, 0, 255],
    [95, 135, 175],
    [255, 0, 0],
    [255, 255, 255],
  ]);
});

test("a name has the same colour for ever", () => {
  assert.equal(colourOf("alice", "many"), "ansi256(30)");
  assert.equal(colourOf("小明", "many"), "ansi256(28)");
  assert.equal(colourOf("alice", "none"), undefined);
});

test("five hundred names have at least thirty colours, none of them every tenth's", () => {
  const counts = new Map<string, number>();
  for (const name of NAMES) {
    const colour = String(colourOf(name, "many"));
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  assert.ok(counts.size >= 30, `${counts.size}`);
  assert.ok(Math.max(...counts.values()) < 50);
});

test("NO_COLOR means none, unless it is empty", () => {
  assert.equal(depthOf({ TERM: "xterm" }, 8), "many");
  assert.equal(depthOf({ TERM: "xterm", NO_COLOR: "" }, 4), "sixteen");
  assert.equal(depthOf({ TERM: "xterm", NO_COLOR: "1" }, 24), "none");
  assert.equal(depthOf({ TERM: "dumb" }, 24), "none");
  assert.equal(depthOf({ TERM: "vt100" }, 1), "none");
});
