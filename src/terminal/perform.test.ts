// What a submitted line does, and what is said when it cannot be done.

import assert from "node:assert/strict";
import { test } from "node:test";
import { LineError } from "../client/index.ts";
import { parseRequest } from "./commands.ts";
import type { Line } from "./lines.ts";
import type { Happening } from "./happening.ts";
import { createModel, type Model, update } from "./model.ts";
import { perform } from "./perform.ts";
import type { Session } from "./session.ts";

/** Submits lines, somewhere or nowhere; gives what was asked for and what was printed. */
async function submitted(
  lines: readonly string[],
  {
    place,
    isOnline = false,
    session = {},
  }: { place?: string; isOnline?: boolean; session?: object } = {},
): Promise<{ asked: unknown[]; printed: string[]; conversations: string[] }> {
  const asked: unknown[] = [];
  const printed: string[] = [];
  let model: Model = createModel("alice");
  const happen = (happened: Happening): void => {
    const change = update(model, happened);
    model = change.model;
    printed.push(...change.print.map((line: Line) => ("text" in line ? line.text : line.kind)));
  };
  if (isOnline) happen({ kind: "connection", connection: { state: "online" } });
  if (place !== undefined) happen({ kind: "go", to: place, draft: "" });
  const recorded = new Proxy(session, {
    get: (target, name) =>
      Reflect.get(target, name) ??
      ((...rest: unknown[]) => {
        asked.push([name, ...rest]);
        return Promise.resolve();
      }),
  });
  for (const line of lines) {
    await perform(parseRequest(line), {
      model,
      session: recorded as Session,
      happen,
      go: (to) => {
        asked.push(["go", to]);
        happen({ kind: "go", to, draft: "" });
      },
      takeBack: ({ body }) => asked.push(["takeBack", body]),
      step: () => asked.push(["step"]),
      quit: () => asked.push(["quit"]),
    });
  }
  return { asked, printed, conversations: model.conversations.map(({ shown }) => shown) };
}

function refusing(text: string): () => Promise<never> {
  return () => Promise.reject(new LineError("not-a-member", text));
}

test("a message goes to the conversation that is shown", async () => {
  const { asked } = await submitted(["hi", "//slash"], { place: "#ops" });
  assert.deepEqual(asked, [
    ["send", "#ops", "hi"],
    ["send", "#ops", "/slash"],
  ]);
});

test("nowhere there is nobody to write to", async () => {
  const { asked, printed } = await submitted(["hi", "/history"]);
  assert.deepEqual(asked, []);
  assert.match(printed.join("\n"), /^you are nowhere yet.*\nyou are nowhere yet/);
});

test("a conversation is gone to, with or without something to say", async () => {
  const { asked } = await submitted(["/msg bob", "/msg #ops hi all", "/quit"]);
  assert.deepEqual(asked, [["go", "bob"], ["go", "#ops"], ["send", "#ops", "hi all"], ["quit"]]);
});

test("a room is looked after from within, or by name", async () => {
  const lines = ["/kick bob spam  spam", "/ban #dev bob", "/private", "/rooms", "/block bob off"];
  const session = { ask: undefined };
  const { asked } = await submitted(lines, { place: "#ops", session });
  assert.deepEqual(asked, [
    ["ask", "/kick #ops bob spam  spam"],
    ["ask", "/ban #dev bob"],
    ["ask", "/private #ops "],
    ["ask", "/rooms "],
    ["ask", "/block bob off"],
  ]);
});

test("outside a room it has to be named", async () => {
  const { asked, printed } = await submitted(["/kick bob", "/private", "/kick"], { place: "bob" });
  assert.deepEqual(asked, []);
  assert.deepEqual(printed, ["which room?", "which room?", "/kick NAME [WHY]: whom?"]);
});

test("what cannot be asked without a connection is said to need one", async () => {
  const { asked, printed } = await submitted(["/who", "/history", "/search x"], { place: "#ops" });
  assert.deepEqual(asked, []);
  assert.deepEqual(printed, [
    "/who needs a connection",
    "/history needs a connection",
    "/search needs a connection",
  ]);
});

test("what was before stands between two lines that say so", async () => {
  const { printed } = await submitted(["/history"], {
    place: "#ops",
    isOnline: true,
    session: { history: async (): Promise<Line[]> => [{ kind: "note", text: "old" }] },
  });
  assert.deepEqual(printed, ["history of #ops ──", "old", "back in #ops ──"]);
});

test("a conversation has a number, and a name", async () => {
  const lines = ["/msg bob", "/msg #ops", "/go 1", "/go #OPS", "/go 3"];
  const { asked, printed } = await submitted(lines);
  assert.deepEqual(asked.slice(2), [
    ["go", "bob"],
    ["go", "#ops"],
  ]);
  assert.deepEqual(printed, ["there is no conversation 3"]);
});

test("this room is left, or another one", async () => {
  const { asked } = await submitted(["/leave", "/leave #dev"], { place: "#ops" });
  assert.deepEqual(asked, [["step"], ["leave", "#ops"], ["leave", "#dev"]]);
});

test("why something is refused is printed, without anything that a terminal would obey", async () => {
  const text = "\u001B[2Jno such room \u202E#x";
  const leave = refusing(text);
  const { printed } = await submitted(["/leave #x"], { session: { leave } });
  assert.equal(printed.at(-1), "no such room #x");
});

// The room was gone to when there was an answer: what was written in between went to whoever was there before.
test("a room is gone to before it is asked for, and is no conversation any more when that is refused", async () => {
  const taken = await submitted(["/msg bob", "/join #late"]);
  assert.deepEqual(taken.asked.slice(1), [
    ["go", "#late"],
    ["join", "#late"],
  ]);
  const join = refusing("#x is private");
  const refused = await submitted(["/msg bob", "/join #x"], { session: { join } });
  assert.deepEqual(refused.printed.at(-1), "#x is private");
  assert.deepEqual(refused.conversations, ["bob"]);
  const again = await submitted(["/join #x"], { place: "#x", session: { join } });
  assert.deepEqual(again.conversations, ["#x"]);
});
