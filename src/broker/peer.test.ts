// A peer alone, with a log that answers when the test says so: the step from behind to live.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Page } from "../log/reading.ts";
import type { Run } from "../log/run.ts";
import { parseName } from "../protocol/name.ts";
import type { Notice } from "./notice.ts";
import { Peer, type PeerBroker } from "./peer.ts";
import { MemoryConnection } from "./schedules.ts";

/** More than half of what is kept while a page is read. */
const LONG = "x".repeat(600_000);

class TalkingConnection extends MemoryConnection {
  readonly lost: string[] = [];

  override notify(notice: Notice): void {
    if (notice.kind === "lost") this.lost.push(`${notice.from} to ${notice.to}`);
  }
}

class World {
  readonly connection = new TalkingConnection(() => {});
  /** Pages that were asked for and are not read yet: above which seq, and up to which. */
  readonly asked: { after: number; upTo: number; answer: (page: Page) => void }[] = [];
  readonly peer: Peer;
  head = 0;

  constructor() {
    const broker: Partial<PeerBroker> = {
      head: () => this.head,
      confirm: () => {},
      waiting: (_, after, upTo) =>
        new Promise((answer) => this.asked.push({ after, upTo, answer })),
    };
    this.peer = new Peer(broker as PeerBroker, parseName("alice"), this.connection);
    this.connection.peer = this.peer;
  }

  /** A message is committed and announced. */
  event(body: string): Run {
    const run = runOf((this.head += 1), body);
    this.peer.event(run);
    return run;
  }

  async page(deliveries: readonly Run[], position: number, removed = 0): Promise<void> {
    this.asked.shift()?.answer({ deliveries, position, removed });
    await nextTurn();
  }
}

function runOf(first: number, bodies: string): Run {
  return { first, step: 1, count: 1, from: "bob", to: "alice", at: 0, bodies };
}

test("what happens while the last page is read comes after it", async () => {
  const world = new World();
  world.peer.start(world.peer.name, 0);
  world.event("one");
  world.event("two");
  await world.page([], 0);
  world.event("three");
  assert.deepEqual(world.connection.seqs, [1, 2, 3]);
  assert.deepEqual(world.asked, []);
});

test("when more happens while the last page is read than is kept, all of it is read from the log", async () => {
  const world = new World();
  world.peer.start(world.peer.name, 0);
  const runs = [world.event(LONG), world.event(LONG), world.event("short")];
  await world.page([], 0);
  assert.deepEqual(world.connection.seqs, []);
  assert.deepEqual([world.asked[0]?.after, world.asked[0]?.upTo], [0, 3]);
  await world.page(runs, 3);
  world.event("live");
  assert.deepEqual(world.connection.seqs, [1, 2, 3, 4]);
});

// What happened while a page was read was kept until the next page, also when the client had no room for
// one: each client that read nothing then held what was up to a megabyte for as long as it read nothing.
test("a peer that waits for its client keeps nothing of what happens", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const world = new World();
  world.head = 2;
  world.peer.start(world.peer.name, 0);
  const event = new WeakRef(world.event("while the page is read"));
  world.connection.isSlow = true;
  await world.page([runOf(1, "one")], 1);
  const later = new WeakRef(world.event("while nothing is read"));
  await nextTurn();
  collect();
  assert.equal(event.deref(), undefined);
  assert.equal(later.deref(), undefined);
  world.connection.read();
  assert.deepEqual([world.asked[0]?.after, world.asked[0]?.upTo], [1, 4]);
});

test("a peer that is behind is told what was removed before it was read, once", async () => {
  // It was told with its next login alone, and until then nothing showed that something was missing.
  const world = new World();
  world.head = 9;
  world.peer.start(world.peer.name, 1);
  await world.page([runOf(5, "left"), runOf(6, "over")], 6, 4);
  assert.deepEqual(world.connection.lost, ["2 to 4"]);
  await world.page([runOf(8, "left")], 8, 7);
  assert.deepEqual(world.connection.lost, ["2 to 4", "7 to 7"]);
  await world.page([], 9, 20);
  assert.deepEqual(world.connection.lost, ["2 to 4", "7 to 7", "9 to 9"]);
  assert.deepEqual(world.connection.seqs, [5, 6, 8]);
});

test("a peer is not told again what it knows to be lost, nor what it has", async () => {
  const world = new World();
  world.head = 9;
  world.peer.start(world.peer.name, 1, 3, 7);
  await world.page([runOf(5, "left between")], 5, 7);
  await world.page([], 9, 5);
  assert.deepEqual(world.connection.lost, []);
});
