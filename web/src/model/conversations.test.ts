// What is known of conversations: what the server told, what came since, and what was read.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Delivery, Message } from "../../../src/client/index.ts";
import {
  type Conversations,
  delivered,
  learned,
  listed,
  opened,
  readUpTo,
} from "./conversations.ts";

const ME = "alice";
const NONE: Conversations = new Map();
const OPS = {
  room: "#ops",
  topic: "",
  isPrivate: false,
  members: 2,
  isMember: true,
  standing: "member",
} as const;

function message(seq: number, from: string, to: string, body = "hi"): Message {
  const isOwn = from === ME;
  return { kind: "message", seq, from, to, body, at: seq, isOwn, isReplayed: false };
}

function after(conversations: Conversations, ...messages: readonly Message[]): Conversations {
  return messages.reduce((all, one) => delivered(all, one, ME), conversations);
}

function counts(conversations: Conversations): Record<string, string> {
  const entries = [...conversations.values()].map(({ shown, unread, isUrgent }) => [
    shown,
    `${unread}${isUrgent ? "!" : ""}`,
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

test("what came since the server counted is counted once", () => {
  const live = after(NONE, message(5, "bob", ME), message(6, "bob", ME));
  const told = { with: "bob", last: { seq: 5, from: "bob", body: "hi" }, read: 0, unread: 1 };
  assert.deepEqual(counts(learned(live, [told as never], [])), { bob: "2!" });
  const first = learned(NONE, [told as never], []);
  assert.deepEqual(counts(after(first, message(5, "bob", ME))), { bob: "1!" });
  assert.deepEqual(counts(after(first, message(6, "bob", ME))), { bob: "2!" });
});

// After a reconnect the list came before the messages, and a mention among them did not stand out.
test("a mention that the server has counted already is found when it comes", () => {
  const told = { with: "#ops", last: { seq: 9, from: "bob", body: "x" }, read: 7, unread: 2 };
  const first = learned(NONE, [told as never], [OPS as never]);
  assert.deepEqual(counts(first), { "#ops": "2" });
  const late = after(first, message(8, "bob", "#ops", "@alice?"), message(9, "bob", "#ops", "x"));
  assert.deepEqual(counts(late), { "#ops": "2!" });
  assert.deepEqual(counts(after(first, message(7, "bob", "#ops", "@alice!"))), { "#ops": "2" });
});

test("one's own messages are never new, and notes to oneself are no others'", () => {
  assert.deepEqual(counts(after(NONE, message(1, ME, "bob"), message(2, ME, ME))), {
    bob: "0",
    alice: "0",
  });
});

test("reading leaves what lies above, and never goes back", () => {
  const all = after(NONE, message(1, "bob", ME), message(2, "bob", ME), message(3, "bob", ME));
  const some = readUpTo(all, "BOB", 2, 1);
  assert.deepEqual(counts(some), { bob: "1!" });
  assert.equal(readUpTo(some, "bob", 1, 2), some);
  assert.deepEqual(counts(readUpTo(some, "bob", 3)), { bob: "0" });
});

test("a room that one has left on another device is gone, people stay", () => {
  const all = opened(opened(NONE, "#ops"), "bob");
  assert.deepEqual([...learned(all, [], []).keys()], ["bob"]);
  assert.deepEqual([...learned(all, [], [OPS as never]).keys()], ["#ops", "bob"]);
});

test("rooms are listed by name, people by who was heard of last", () => {
  const all = after(NONE, message(1, "bob", ME), message(2, "carol", ME), message(3, ME, "bob"));
  const mine = ["#b-10", "#b-2", "#a"].map((room) => ({ ...OPS, room }));
  const { rooms, people } = listed(learned(all, [], mine as never));
  assert.deepEqual(
    [rooms, people].map((part) => part.map(({ shown }) => shown)),
    [
      ["#a", "#b-2", "#b-10"],
      ["bob", "carol"],
    ],
  );
});

function event(kind: "join" | "leave" | "topic", name: string): Delivery {
  return { kind, seq: 1, room: "#ops", name, text: "new", at: 1, isReplayed: false };
}

function roomsIn(all: Conversations): number {
  return listed(all).rooms.length;
}

// Whatever room was written to, or found something in, was listed as if one were in it, with 0 members.
test("a room is listed while one is in it", () => {
  const outside = opened(NONE, "#ops");
  assert.equal(roomsIn(outside), 0);
  const joined = delivered(outside, event("join", ME), ME);
  assert.equal(roomsIn(joined), 1);
  assert.equal(roomsIn(delivered(joined, event("leave", "bob"), ME)), 1);
  assert.equal(roomsIn(delivered(joined, event("leave", ME), ME)), 0);
  assert.equal(roomsIn(learned(outside, [], [OPS as never])), 1);
  assert.equal(roomsIn(after(NONE, message(1, "bob", "#ops"))), 1);
});
