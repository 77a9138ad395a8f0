// The bell always, a notification where the terminal has one.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatRing } from "./notify.ts";

test("the bell rings", () => {
  assert.equal(formatRing("bob: hi", { TERM: "xterm" }), "\u0007");
});

test("a terminal that shows notifications is given one, of one short line", () => {
  const ring = formatRing(`bob: hi\n${"x".repeat(200)}`, { TERM: "xterm-kitty" });
  assert.match(ring, /^\u0007\u001B\]9;bob: hi x+…\u0007$/);
  assert.ok(ring.length < 120);
});

test("inside tmux there is none, since tmux is the terminal", () => {
  assert.equal(formatRing("bob: hi", { TERM_PROGRAM: "iTerm.app", TMUX: "/tmp/x" }), "\u0007");
});
