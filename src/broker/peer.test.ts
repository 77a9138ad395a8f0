// A peer alone, with a log that answers when the test says so: the step from behind to live.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Page } from "../log/reading.ts";
import type { Run } from "../log/run.ts";
import { parseName } from "../protocol/name.ts";
import { Peer, type PeerBroker } from "./peer.ts";
import { MemoryConnection } from "./schedules.ts";

/** More than half of what is kept while a page is read. */
const LONG = "x".repeat(600_000);

class World {
  readonly connection = new MemoryConnection(() => {});
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

  async page(deliveries: readonly Run[], position: number): Promise<void> {
    this.asked.shift()?.answer({ deliveries, position });
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
