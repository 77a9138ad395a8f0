// The last lines of the screen: what waits, what is new and where, how the connection stands, what is written.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { check } from "../../test/harness/check.ts";
import { createInput, withText } from "./input.ts";
import type { Happening } from "./happening.ts";
import { createModel, type Model, update } from "./model.ts";
import { rowText, rowWidth } from "./rows.ts";
import { type Screen, screenOf, type Showing } from "./screen.ts";

function after(...happened: Happening[]): Model {
  return happened.reduce((model, one) => update(model, one).model, createModel("alice"));
}

function screen(model: Model, more: Partial<Showing> = {}): Screen {
  const rest = { input: createInput(), pasted: undefined, hint: undefined };
  return screenOf({ model, ...rest, now: 0, columns: 80, rows: 24, ...more });
}

function texts(model: Model, more: Partial<Showing> = {}): string[] {
  return screen(model, more).rows.map(rowText);
}

const ONLINE: Happening = { kind: "connection", connection: { state: "online" } };

function says(where: string, seq: number, from = "bob"): Happening {
  const entry = { at: 0, from, body: "hi", isOwn: false, isMention: false } as const;
  return {
    kind: "entry",
    with: where,
    entry: { kind: "message", seq, ...entry },
    isReplayed: false,
  };
}

test("the activity bar shows where one is, and where something is new", () => {
  const model = after(
    ONLINE,
    { kind: "go", to: "#lobby", draft: "" },
    says("#ops", 1),
    says("#ops", 2),
    { kind: "go", to: "#quiet", draft: "" },
    { kind: "go", to: "#lobby", draft: "" },
    says("bob", 3),
  );
  assert.deepEqual(texts(model), ["1:#lobby 2:#ops(2) 4:bob!", "alice · online", "#lobby> "]);
});

test("what waits stands above, and what was refused says why", () => {
  const model = after(
    { kind: "go", to: "bob", draft: "" },
    { kind: "sending", id: 1, to: "bob", body: "one\ntwo" },
    { kind: "sending", id: 2, to: "#ops", body: "three" },
    { kind: "refused", id: 2, why: "not a member" },
  );
  assert.deepEqual(texts(model).slice(0, 2), [
    "refused #ops: three · not a member",
    "waiting one ⏎ two",
  ]);
});

test("of a long message that was refused so much is shown that one sees why", () => {
  const model = after(
    { kind: "sending", id: 1, to: "bob", body: "long ".repeat(50) },
    { kind: "refused", id: 1, why: "bob takes no messages from you" },
  );
  assert.match(
    texts(model, { columns: 60 })[0] ?? "",
    /^refused bob: long .*… · bob takes no messages from you$/,
  );
});

test("of many that wait some are shown, and the others counted", () => {
  const waiting = Array.from({ length: 9 }, (_, id): Happening => ({
    kind: "sending",
    id,
    to: "bob",
    body: "x",
  }));
  assert.equal(texts(after(...waiting))[4], "and 5 more");
});

// Six that waited, and five rows: with every key the last lines were scrolled out of the terminal, and drawn again.
test("what waits leaves room for the rest, however few rows there are", () => {
  const waiting = Array.from({ length: 6 }, (_, id): Happening => ({
    kind: "sending",
    id,
    to: "bob",
    body: "x",
  }));
  const model = after(...waiting, { kind: "go", to: "bob", draft: "" });
  const heights = [24, 8, 7, 6, 5, 4, 3, 2].map((rows) => texts(model, { rows }).length);
  assert.deepEqual(heights, [8, 6, 5, 4, 3, 3, 2, 1]);
  assert.equal(texts(model, { rows: 6 })[0], "6 wait or are refused");
  assert.equal(texts(model, { rows: 7 })[1], "and 5 more");
});

// Twelve names that had written filled the bar: where one was could not be seen, and "+" stood without its number.
test("where one is is always shown, and how many are not", () => {
  const names = Array.from({ length: 15 }, (_, at) => `somebody-${at}`);
  const model = after(
    { kind: "go", to: "#a-room-with-a-long-name", draft: "" },
    ...names.map((name, at) => says(name, at + 1)),
  );
  for (let columns = 20; columns < 200; columns++) {
    const [bar = ""] = texts(model, { columns });
    assert.match(bar, /^1:#a-ro/);
    const shown = bar.split("somebody").length - 1;
    const counted = Number(/ \+(\d+)$/.exec(bar)?.[1] ?? 0);
    assert.equal(shown + counted, 15, bar);
  }
});

test("the state of the connection is told in seconds", () => {
  const model = after({ kind: "connection", connection: { state: "reconnecting", until: 10_000 } });
  assert.match(texts(model, { now: 6_100 })[1] ?? "", /reconnecting in 4 s/);
  assert.match(texts(model, { now: 10_000 })[1] ?? "", /reconnecting$/);
});

test("a paste of several lines is asked about", () => {
  assert.match(texts(after(), { pasted: "a\nb\n" })[1] ?? "", /^paste 2 lines\?/);
});

test("the cursor stands where it is written, also after Chinese and in a further row", () => {
  const model = after({ kind: "go", to: "bob", draft: "" });
  const input = withText(createInput(), "中文");
  assert.deepEqual(screen(model, { input }).cursor, { x: 9, y: 2 });
  const lines = withText(createInput(), "one\ntwo!");
  assert.deepEqual(screen(model, { input: lines }).cursor, { x: 9, y: 3 });
  assert.deepEqual(texts(model, { input: lines }).slice(2), ["bob> one", "     two!"]);
});

test("a tab is shown as four spaces, and stays a tab", () => {
  const input = withText(createInput(), "\tx");
  assert.deepEqual(texts(after(), { input }).at(-1), ">     x");
  assert.equal(screen(after(), { input }).cursor.x, 7);
});

test("however narrow and full, every row fits, and the cursor stands inside", async (t) => {
  const text = fc
    .array(fc.constantFrom("a", "word ", "中文", "👧", "\n", "\t"))
    .map((parts) => parts.join(""));
  const place = fc.constantFrom(
    "#ops",
    "bob",
    "#a-very-long-name-of-a-room-it-is",
    "名字很长的人",
    "x",
  );
  const happening: fc.Arbitrary<Happening> = fc.oneof(
    place.map((to): Happening => ({ kind: "go", to, draft: "" })),
    fc.tuple(place, fc.nat()).map(([where, seq]) => says(where, seq)),
    fc
      .tuple(place, fc.nat(), text)
      .map(([to, id, body]): Happening => ({ kind: "sending", id, to, body })),
    fc.nat().map((id): Happening => ({ kind: "refused", id, why: "不行，太长了 and longer" })),
  );
  await check(
    t,
    fc.asyncProperty(
      fc.array(happening),
      text,
      fc.nat(),
      fc.integer({ min: 20, max: 100 }),
      fc.integer({ min: 2, max: 40 }),
      async (happened, written, at, columns, height) => {
        const input = { ...withText(createInput(), written), cursor: Math.min(at, written.length) };
        const { rows, cursor } = screen(after(...happened), { input, columns, rows: height });
        for (const row of rows) assert.ok(rowWidth(row) <= columns, rowText(row));
        assert.ok(rows.length < height);
        assert.ok(cursor.y < rows.length && cursor.x < columns, JSON.stringify(cursor));
      },
    ),
    {},
  );
});
