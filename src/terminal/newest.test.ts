// The newest messages, where events count in a page of history as messages do.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Delivery, HistoryPage, HistoryPart } from "../client/index.ts";
import { newest } from "./newest.ts";

/** A room where `m` is a message and `j` a join, and how often it was asked. */
function room(what: string) {
  const all = what.split("").map((kind, i): Delivery => {
    const rest = { seq: i + 1, at: 0, isReplayed: true };
    if (kind === "j") return { kind: "join", room: "#ops", name: "bob", text: "", ...rest };
    return { kind: "message", from: "bob", to: "#ops", body: "hi", isOwn: false, ...rest };
  });
  let asked = 0;
  const history = (_: string, { before, limit = 50 }: HistoryPart = {}): Promise<HistoryPage> => {
    asked += 1;
    const below = all.filter(({ seq }) => seq < (before ?? Infinity));
    return Promise.resolve({ deliveries: below.slice(-limit), more: below.length > limit });
  };
  const ask = async (count: number): Promise<string> =>
    (await newest({ history }, "#ops", count)).map(({ kind }) => kind[0]).join("");
  return { ask, asked: () => asked };
}

test("who asks for messages gets as many, and what happened among them", async () => {
  const { ask, asked } = room(`mmjm${"j".repeat(30)}mj`);
  assert.equal(await ask(2), `m${"j".repeat(30)}mj`);
  assert.equal(asked(), 2);
  assert.equal(await ask(3), `mjm${"j".repeat(30)}mj`);
  assert.equal(await ask(9), `mmjm${"j".repeat(30)}mj`);
});

test("when the first page has them nothing more is asked", async () => {
  const { ask, asked } = room("mmmm");
  assert.equal(await ask(3), "mmm");
  assert.equal(asked(), 1);
});

test("where nothing was said for long, it is not looked for without end", async () => {
  const { ask, asked } = room(`m${"j".repeat(5000)}`);
  await ask(20);
  assert.equal(asked(), 5);
});
