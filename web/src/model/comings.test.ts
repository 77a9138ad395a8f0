// Comings and goings in one row.

import assert from "node:assert/strict";
import { test } from "node:test";
import { withComings } from "./comings.ts";
import type { Shown } from "./timeline.ts";

const NOON = new Date(2026, 0, 5, 12).getTime();
const DAY = 86_400_000;

/** `+bob` joins, `-bob` leaves, anything else is said. */
function items(...what: readonly string[]): readonly Shown[] {
  return what.map((one, index): Shown => {
    const seq = index + 1;
    const common = { key: `m${seq}`, seq, at: NOON + seq };
    const kind = one.startsWith("+") ? "join" : "leave";
    return /^[+-]/.test(one)
      ? { ...common, kind, name: one.slice(1), text: "" }
      : { ...common, kind: "message", from: "x", body: one, isOwn: false };
  });
}

function rows(all: readonly Shown[]): readonly string[] {
  return withComings(all).map((row) => {
    if (row.kind === "comings") return `${row.key} +${row.joined.join()} -${row.left.join()}`;
    return row.kind === "message" ? row.body : `${row.kind} ${row.name}`;
  });
}

// Where many came and went, that was all there was to see.
test("those who come and go one after the other are one row", () => {
  assert.deepEqual(rows(items("+a", "+b", "-c", "hi", "+d", "ho")), [
    "m3 +a,b -c",
    "hi",
    "join d",
    "ho",
  ]);
});

test("who came and went is told as he was last", () => {
  assert.deepEqual(rows(items("+a", "+b", "-a", "-b", "+b")), ["m5 +b -a"]);
});

test("a day begins a new row, and other events stand alone", () => {
  const [a, b, c] = items("+a", "+b", "+c") as [Shown, Shown, Shown];
  const topic: Shown = { kind: "topic", key: "m9", seq: 9, name: "b", text: "t", at: NOON };
  assert.deepEqual(rows([a, b, { ...c, at: NOON + DAY }, topic]), [
    "m2 +a,b -",
    "join c",
    "topic b",
  ]);
  assert.deepEqual(rows([]), []);
});
