// Tab offers what makes sense at that place.

import assert from "node:assert/strict";
import { test } from "node:test";
import { completerOf } from "./complete.ts";
import type { Happening } from "./happening.ts";
import { createModel, update } from "./model.ts";

function says(where: string, from: string, seq: number): Happening {
  const entry = { kind: "message", seq, at: 0, from, body: "hi", isOwn: false } as const;
  return { kind: "entry", with: where, entry: { ...entry, isMention: false }, isReplayed: false };
}

const happened: readonly Happening[] = [
  says("#ops", "alan", 1),
  says("#ops", "albert", 2),
  says("alma", "alma", 3),
  says("#other", "alvin", 4),
  { kind: "go", to: "#ops", draft: "" },
  { kind: "conversations", rooms: ["#ops", "#open"], known: [] },
  { kind: "members", with: "#ops", names: ["albert", "alicia", "Alice"] },
];
const model = happened.reduce((now, one) => update(now, one).model, createModel("alice"));
const complete = completerOf(model);

test("commands at the beginning of a line", () => {
  assert.deepEqual(complete("/hi", true), ["/history "]);
  assert.deepEqual(complete("/hi", false), []);
});

test("rooms that one is in, and those that one may join", () => {
  assert.deepEqual(complete("#o", false), ["#ops ", "#other ", "#open "]);
});

test("names, those who spoke here last first, then who is here, and never one's own", () => {
  assert.deepEqual(complete("AL", false), ["albert ", "alan ", "alicia ", "alma "]);
});

test("at the beginning of a line in a room a name is addressed", () => {
  assert.deepEqual(complete("alb", true), ["albert: "]);
});
