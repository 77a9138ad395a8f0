// What the terminal client knows after what happened, what it prints, and what it does about it.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { check } from "../../test/harness/check.ts";
import type { Entry, Line, MessageEntry } from "./lines.ts";
import type { Effect, Happening } from "./happening.ts";
import { createModel, find, type Model, update } from "./model.ts";

const DAY = new Date(2026, 10, 23, 12).getTime();

/** A client under test: its model, all that it printed, and all that it wanted done. */
class Play {
  model: Model = createModel("alice");
  printed: Line[] = [];
  effects: Effect[] = [];

  happen(...happened: Happening[]): this {
    for (const one of happened) {
      const change = update(this.model, one);
      this.model = change.model;
      this.printed.push(...change.print);
      this.effects.push(...change.effects);
    }
    return this;
  }

  /** Goes to a conversation, and the server has these entries of it. */
  visit(to: string, ...entries: Entry[]): this {
    return this.happen(
      { kind: "go", to, draft: "" },
      { kind: "history", with: to, entries, isComplete: true },
    );
  }

  get texts(): string[] {
    return this.printed.filter(({ kind }) => kind !== "day").map(shown);
  }

  conversation(key: string): NonNullable<ReturnType<typeof find>> {
    return find(this.model, key) ?? assert.fail(key);
  }
}

function shown(line: Line): string {
  if (line.kind === "message") return `${line.from}: ${line.body}`;
  if (line.kind === "unread") return "unread";
  return line.kind === "day" ? "day" : line.text;
}

function message(
  seq: number,
  from: string,
  body: string,
  more: Partial<MessageEntry> = {},
): MessageEntry {
  return {
    kind: "message",
    seq,
    at: DAY,
    from,
    body,
    isOwn: from === "alice",
    isMention: false,
    ...more,
  };
}

function entry(where: string, what: Entry, isReplayed = false): Happening {
  return { kind: "entry", with: where, entry: what, isReplayed };
}

test("a message in the conversation that is shown is printed, and read", () => {
  const play = new Play().visit("bob").happen(entry("bob", message(5, "bob", "hi")));
  assert.deepEqual(play.texts, ["bob", "bob: hi"]);
  const read = play.effects.find(({ kind }) => kind === "read");
  assert.deepEqual(read, { kind: "read", with: "bob", seq: 5 });
  assert.equal(play.conversation("bob").unread, 0);
});

test("a message elsewhere is counted, and printed when one goes there", () => {
  const play = new Play()
    .visit("bob")
    .visit("#ops")
    .happen(entry("bob", message(5, "bob", "hi")));
  assert.equal(play.conversation("bob").unread, 1);
  assert.deepEqual(play.texts, ["bob", "#ops"]);
  play.happen({ kind: "go", to: "bob", draft: "" });
  assert.deepEqual(play.texts.slice(2), ["bob", "bob: hi"]);
  assert.equal(play.conversation("bob").unread, 0);
});

test("a direct message elsewhere rings, a room's message does not, unless it names me", () => {
  const play = new Play().visit("carol");
  play.happen(entry("bob", message(5, "bob", "hi")));
  play.happen(entry("#ops", message(6, "bob", "all")));
  play.happen(entry("#ops", message(7, "bob", "alice!", { isMention: true })));
  const rings = play.effects.filter(({ kind }) => kind === "ring");
  assert.deepEqual(rings, [
    { kind: "ring", text: "bob: hi" },
    { kind: "ring", text: "bob: alice!" },
  ]);
  assert.equal(play.conversation("#ops").isUrgent, true);
});

// It never rang, although somebody else's window was in front of it.
test("a direct message where one is rings too, unless the terminal says that one looks at it", () => {
  const play = new Play().visit("bob");
  play.happen(entry("bob", message(5, "bob", "nobody knows")));
  play.happen({ kind: "focus", hasFocus: true }, entry("bob", message(6, "bob", "seen")));
  play.happen(entry("carol", message(7, "carol", "elsewhere")));
  play.happen({ kind: "focus", hasFocus: false }, entry("bob", message(8, "bob", "unseen")));
  assert.deepEqual(
    play.effects.flatMap((effect) => (effect.kind === "ring" ? [effect.text] : [])),
    ["bob: nobody knows", "carol: elsewhere", "bob: unseen"],
  );
});

test("what one went to without a connection is asked for with the next one", () => {
  const play = new Play().happen(
    { kind: "go", to: "#ops", draft: "" },
    { kind: "history", with: "#ops", entries: [], isComplete: false },
  );
  assert.deepEqual(play.texts, []);
  play.happen({
    kind: "conversations",
    rooms: [],
    known: [{ with: "#ops", newest: 7, read: 0, unread: 1 }],
  });
  assert.deepEqual(play.effects.at(-1), { kind: "fetch", with: "#ops", count: 10 });
  play.happen({
    kind: "history",
    with: "#ops",
    entries: [message(7, "bob", "meanwhile")],
    isComplete: true,
  });
  assert.deepEqual(play.texts, ["#ops", "bob: meanwhile"]);
});

test("of a room that is being joined is asked when it is joined", () => {
  const play = new Play().happen({ kind: "go", to: "#ops", draft: "", isJoining: true });
  assert.deepEqual(play.effects, []);
  play.happen({ kind: "topic", with: "#ops", topic: "x" });
  assert.deepEqual(play.effects, [{ kind: "fetch", with: "#ops", count: 10 }]);
});

test("nothing rings in a muted conversation, or while away", () => {
  const play = new Play().visit("#ops").happen({ kind: "mute" }).visit("carol");
  play.happen(entry("#ops", message(5, "bob", "alice", { isMention: true })));
  play.happen({ kind: "away", text: "" }, entry("bob", message(6, "bob", "hi")));
  assert.deepEqual(
    play.effects.filter(({ kind }) => kind === "ring"),
    [],
  );
});

test("who writes to somebody away is answered once, and nobody for what was replayed", () => {
  const play = new Play().happen({ kind: "away", text: "lunch" });
  play.happen(entry("carol", message(4, "carol", "old"), true));
  play.happen(entry("bob", message(5, "bob", "hi")), entry("bob", message(6, "bob", "hi?")));
  play.happen(entry("#ops", message(7, "bob", "all")));
  assert.deepEqual(
    play.effects.filter(({ kind }) => kind === "answer"),
    [{ kind: "answer", to: "bob", body: "(away) lunch" }],
  );
});

test("what is sent waits, and is printed once it is durable, in its conversation", () => {
  const play = new Play().visit("bob").happen({ kind: "sending", id: 1, to: "bob", body: "hi" });
  assert.deepEqual(
    play.model.pending.map(({ mark }) => mark),
    ["waiting"],
  );
  assert.deepEqual(play.texts, ["bob"]);
  play.happen({ kind: "sent", id: 1, seq: 9, at: DAY });
  assert.deepEqual(play.model.pending, []);
  assert.deepEqual(play.texts, ["bob", "alice: hi"]);
});

test("what is sent is printed once, also when the server tells of it too", () => {
  const play = new Play().visit("bob").happen({ kind: "sending", id: 1, to: "bob", body: "hi" });
  play.happen({ kind: "sent", id: 1, seq: 9, at: DAY }, entry("bob", message(9, "alice", "hi")));
  assert.deepEqual(play.texts, ["bob", "alice: hi"]);
});

test("what is refused stays, with its reason, until it is discarded", () => {
  const play = new Play().happen(
    { kind: "sending", id: 1, to: "bob", body: "hi" },
    { kind: "sending", id: 2, to: "bob", body: "ho" },
    { kind: "refused", id: 1, why: "blocked" },
  );
  assert.deepEqual(
    play.model.pending.map(({ mark, why }) => [mark, why]),
    [
      ["refused", "blocked"],
      ["waiting", undefined],
    ],
  );
  play.happen({ kind: "discard", ids: [1] });
  assert.deepEqual(
    play.model.pending.map(({ id }) => id),
    [2],
  );
});

test("the unread line stands above the first message that was not read", () => {
  const play = new Play().happen({
    kind: "conversations",
    rooms: [],
    known: [{ with: "#ops", topic: "calm", newest: 8, read: 6, unread: 2 }],
  });
  play.visit(
    "#ops",
    message(5, "bob", "a"),
    message(6, "bob", "b"),
    message(7, "bob", "c"),
    message(8, "bob", "d"),
  );
  assert.deepEqual(play.texts, ["#ops: calm", "bob: a", "bob: b", "unread", "bob: c", "bob: d"]);
  assert.deepEqual(play.effects, [
    { kind: "fetch", with: "#ops", count: 10 },
    { kind: "read", with: "#ops", seq: 8 },
  ]);
});

test("what arrives while the history is asked for is printed after it", () => {
  const play = new Play().happen({ kind: "go", to: "bob", draft: "" });
  play.happen(entry("bob", message(9, "bob", "new")));
  assert.deepEqual(play.texts, []);
  play.happen({
    kind: "history",
    with: "bob",
    entries: [message(8, "bob", "old"), message(9, "bob", "new")],
    isComplete: true,
  });
  assert.deepEqual(play.texts, ["bob", "bob: old", "bob: new"]);
});

test("a message that the server counted already is not counted again", () => {
  const known = [{ with: "bob", newest: 8, read: 6, unread: 2 }];
  const early = new Play().happen(entry("bob", message(8, "bob", "d"), true), {
    kind: "conversations",
    rooms: [],
    known,
  });
  const late = new Play().happen(
    { kind: "conversations", rooms: [], known },
    entry("bob", message(8, "bob", "d"), true),
  );
  assert.equal(early.conversation("bob").unread, 2);
  assert.equal(late.conversation("bob").unread, 2);
  late.happen(entry("bob", message(9, "bob", "e")));
  assert.equal(late.conversation("bob").unread, 3);
});

test("what another device read is read here", () => {
  const play = new Play().happen(
    entry("bob", message(5, "bob", "hi")),
    entry("bob", message(6, "bob", "ho")),
  );
  play.happen({ kind: "read", with: "BOB", seq: 5 });
  assert.equal(play.conversation("bob").unread, 1);
  play.happen({ kind: "read", with: "bob", seq: 6 });
  assert.equal(play.conversation("bob").unread, 0);
  assert.equal(play.conversation("bob").isUrgent, false);
});

test("a day line stands where the day changes", () => {
  const next = new Date(2026, 10, 24, 1).getTime();
  const play = new Play().visit("bob");
  play.happen(entry("bob", message(5, "bob", "a")), entry("bob", message(6, "bob", "b")));
  play.happen(entry("bob", message(7, "bob", "c", { at: next })));
  assert.deepEqual(
    play.printed.map(({ kind }) => kind),
    ["heading", "day", "message", "message", "day", "message"],
  );
});

test("a draft stays with its conversation", () => {
  const play = new Play().visit("bob").happen({ kind: "go", to: "#ops", draft: "half a th" });
  assert.equal(play.conversation("bob").draft, "half a th");
});

test("a room's topic is told when one goes there", () => {
  const play = new Play().happen({ kind: "topic", with: "#ops", topic: "calm" }).visit("#ops");
  assert.deepEqual(play.texts, ["#ops: calm"]);
});

test("a room that was left is gone", () => {
  const play = new Play().visit("#ops").happen({ kind: "left", with: "#ops" });
  assert.equal(play.model.current, undefined);
  assert.deepEqual(play.model.conversations, []);
});

test("whoever types is said to for six seconds, or until he has spoken", () => {
  const play = new Play()
    .visit("bob")
    .happen({ kind: "typing", with: "bob", who: "bob", at: 1_000 });
  play.happen({ kind: "tick", now: 6_000 });
  assert.equal(play.model.typing.size, 1);
  play.happen({ kind: "tick", now: 7_000 });
  assert.equal(play.model.typing.size, 0);
  play.happen({ kind: "typing", with: "bob", who: "bob", at: 1_000 });
  play.happen(entry("bob", message(5, "bob", "hi")));
  assert.equal(play.model.typing.size, 0);
});

test("in whatever order things happen, every message is printed where it belongs", async (t) => {
  const places = ["bob", "#ops", "carol"] as const;
  const step = fc.oneof(
    fc.constantFrom(...places).map((where) => ({ go: where })),
    fc.constantFrom(...places).map((where) => ({ come: where })),
    fc.constantFrom(...places).map((where) => ({ answer: where })),
  );
  await check(
    t,
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const play = new Play();
      const sent = new Map<string, Entry[]>(places.map((where) => [where, []]));
      let seq = 0;
      for (const one of steps) {
        if ("go" in one) play.happen({ kind: "go", to: one.go, draft: "" });
        if ("answer" in one && find(play.model, one.answer)?.loading === "asked") {
          play.happen({
            kind: "history",
            with: one.answer,
            entries: sent.get(one.answer) ?? [],
            isComplete: true,
          });
        }
        if ("come" in one) {
          const came = message(++seq, "bob", `${one.come} ${seq}`);
          sent.get(one.come)?.push(came);
          play.happen(entry(one.come, came));
        }
      }
      for (const where of places) {
        play.happen({ kind: "go", to: where, draft: "" });
        play.happen({
          kind: "history",
          with: where,
          entries: sent.get(where) ?? [],
          isComplete: true,
        });
        const lines = play.texts.filter((text) => text.startsWith(`bob: ${where} `));
        for (const { body } of (sent.get(where) ?? []) as MessageEntry[]) {
          assert.ok(lines.includes(`bob: ${body}`), `${body} of ${lines.join(", ")}`);
        }
        assert.equal(play.conversation(where).unread, 0);
      }
    }),
    { numRuns: 300 },
  );
});
