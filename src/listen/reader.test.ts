// When a reader reads and when it stands still, without bytes, and with a clock that goes on when the test says.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Broker } from "../broker/broker.ts";
import { HandClock, settle } from "../broker/hand-clock.ts";
import type { Peer } from "../broker/peer.ts";
import { ChatError } from "../protocol/errors.ts";
import { ListenFigures } from "./listen-figures.ts";
import { Reader, type ReaderOwner } from "./reader.ts";

const MIB = 2 ** 20;

/** Notes what its reader wants of it. */
class Owner implements ReaderOwner {
  readonly loginHint = "log in";
  readonly asked: string[] = [];
  unsent = 0;
  lastByteAt = 0;

  pause(): void {
    this.asked.push("pause");
  }

  readOn(): void {
    this.asked.push("read on");
  }

  write(text: string): void {
    this.asked.push(text);
  }

  formatError({ code }: ChatError, id?: string | number): string {
    return `${code} ${id ?? "-"}`;
  }

  end(): void {
    this.asked.push("end");
  }

  cut(): void {
    this.asked.push("cut");
  }

  /** What was asked since it was taken last. */
  take(): string[] {
    return this.asked.splice(0);
  }
}

class FakePeer {
  readonly position = 0;
  isLeaving = false;
  isGone = false;

  finish(): void {
    this.isLeaving = true;
  }

  gone(): void {
    this.isGone = true;
  }

  writable(): void {}
}

function begin(maxRate = 0) {
  const clock = new HandClock();
  const owner = new Owner();
  const reported: unknown[] = [];
  const reader = new Reader(owner, 30_000, {
    broker: { head: 0 } as Broker,
    clock,
    options: { maxRate },
    figures: new ListenFigures(),
    report: (_, what) => void reported.push(what),
  });
  return { clock, owner, reader, reported };
}

async function loggedIn(maxRate = 0) {
  const begun = begin(maxRate);
  const peer = new FakePeer();
  begun.reader.login(Promise.resolve({ peer: peer as unknown as Peer }), () => {});
  assert.ok(!begun.reader.mayRead);
  await settle();
  assert.deepEqual(begun.owner.take(), ["pause", "read on"]);
  return { ...begun, peer };
}

test("it reads on when all that it waits for is over", async () => {
  const { owner, reader } = await loggedIn();
  const answer = Promise.withResolvers<string>();
  reader.answer("history", answer.promise);
  reader.hold();
  owner.unsent = MIB + 1;
  answer.resolve("the answer");
  await settle();
  assert.deepEqual(owner.take(), ["pause", "pause", "the answer", "pause"]);
  reader.release();
  assert.ok(!reader.mayRead);
  owner.unsent = MIB;
  reader.written();
  assert.deepEqual(owner.take(), ["read on"]);
  assert.ok(reader.mayRead);
});

test("over the rate it stands still until a message may come", async () => {
  const { clock, owner, reader } = await loggedIn(10);
  reader.sent(9);
  assert.equal(reader.allowance, 1);
  assert.deepEqual(owner.take(), []);
  reader.sent(1);
  assert.deepEqual(owner.take(), ["pause"]);
  await clock.goOn(100);
  assert.deepEqual(owner.take(), ["read on"]);
  assert.equal(reader.allowance, 1);
});

test("who does not log in in time is told so, and that is the end", async () => {
  const { clock, owner } = begin();
  await clock.goOn(30_000);
  assert.deepEqual(owner.take(), ["login-timeout -", "end"]);
});

test("a refusal before the login is the end, and after it only where nothing can follow", async () => {
  const { owner: stranger, reader: early } = begin();
  early.refuse("frame", new ChatError("bad-json", "that is not JSON"));
  assert.deepEqual(stranger.take(), ["bad-json -", "end"]);
  const { owner, reader, peer } = await loggedIn();
  reader.refuse("frame", new ChatError("bad-json", "that is not JSON"), 7);
  assert.deepEqual(owner.take(), ["bad-json 7"]);
  assert.ok(reader.mayRead && !peer.isLeaving);
  reader.refuse("frame", new ChatError("bad-send-number", "which one?"));
  assert.ok(!reader.mayRead && peer.isLeaving);
});

test("a mistake of ours is logged, told, and the end", async () => {
  const { owner, reader, reported, peer } = await loggedIn();
  const mistake = new Error("oh");
  reader.answer("history", Promise.reject(mistake), 7);
  await settle();
  assert.deepEqual(reported, [mistake]);
  assert.deepEqual(owner.take(), ["pause", "internal 7"]);
  assert.ok(peer.isLeaving);
});

test("who is idle is told so, and nobody is idle while it stands still", async () => {
  const { owner, reader, peer } = await loggedIn();
  reader.hold();
  reader.endIfIdleSince(1);
  reader.release();
  assert.deepEqual(owner.take(), ["pause", "read on"]);
  reader.endIfIdleSince(0);
  assert.deepEqual(owner.take(), []);
  reader.endIfIdleSince(1);
  assert.deepEqual(owner.take(), ["idle-timeout -"]);
  assert.ok(peer.isLeaving);
});

test("a login that succeeds after the connection was closed is gone at once", async () => {
  const { owner, reader } = begin();
  const peer = new FakePeer();
  reader.login(Promise.resolve({ peer: peer as unknown as Peer }), () => assert.fail("welcome"));
  reader.closed();
  await settle();
  assert.ok(peer.isGone);
  assert.deepEqual(owner.take(), ["pause"]);
});

test("a stop cuts who has not logged in, and no login that is under way", async () => {
  const { owner, reader } = begin();
  reader.stop();
  assert.deepEqual(owner.take(), ["cut"]);
  reader.login(new Promise<{ readonly peer: Peer }>(() => {}), () => {});
  reader.stop();
  assert.deepEqual(owner.take(), ["pause"]);
});
