// A name's colour says who speaks, and is readable everywhere.

import assert from "node:assert/strict";
import { test } from "node:test";
import { colourOf, contrast, formatColour, wantsColours } from "./colours.ts";

const NAMES = Array.from({ length: 500 }, (_, i) => `name${i}`);

test("every name's colour is readable on white and on black", () => {
  for (const name of NAMES) {
    assert.ok(contrast(colourOf(name), [255, 255, 255]) >= 3);
    assert.ok(contrast(colourOf(name), [0, 0, 0]) >= 3);
  }
});

test("a name has the same colour for ever", () => {
  assert.equal(formatColour(colourOf("alice")), "rgb(0,135,135)");
  assert.equal(formatColour(colourOf("小明")), "rgb(0,135,0)");
});

test("five hundred names have at least thirty colours, none of them every tenth's", () => {
  const counts = new Map<string, number>();
  for (const name of NAMES) {
    const colour = formatColour(colourOf(name));
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  assert.ok(counts.size >= 30, `${counts.size}`);
  assert.ok(Math.max(...counts.values()) < 50);
});

test("NO_COLOR means none, unless it is empty", () => {
  assert.equal(wantsColours({ TERM: "xterm" }), true);
  assert.equal(wantsColours({ TERM: "xterm", NO_COLOR: "" }), true);
  assert.equal(wantsColours({ TERM: "xterm", NO_COLOR: "1" }), false);
  assert.equal(wantsColours({ TERM: "dumb" }), false);
});
