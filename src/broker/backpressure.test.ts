// What a client causes has room in a batch, or its reader stands still: whatever it is, and also while the
// log cannot be written.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Batch } from "../log/batch.ts";
import type { Follower, Log } from "../log/log.ts";
import { ChatError } from "../protocol/errors.ts";
import { parseName } from "../protocol/name.ts";
import { Broker, type Login } from "./broker.ts";
import { HandClock, settle } from "./hand-clock.ts";
import { AMPLE_LIMITS, MemoryConnection } from "./schedules.ts";

/** A log in memory that commits when the test says. */
class World {
  readonly batches: Batch[] = [];
  readonly connection = new MemoryConnection((step) => setImmediate(step));
  readonly broker: Broker;
  #follower: Follower | undefined;

  constructor() {
    const log: Partial<Log> = {
      id: "k3",
      head: 1_000_000,
      follow: (follower) => void (this.#follower = follower),
      append: (batch) => void this.batches.push(batch),
      name: async () => undefined,
      outbox: async () => ({ sent: 0, refused: [] }),
      waiting: async (_key, _after, upTo) => ({ deliveries: [], position: upTo, removed: 0 }),
    };
    this.broker = new Broker(log as Log, new HandClock(), {
      limits: AMPLE_LIMITS,
      report: () => {},
    });
  }

  logIn(name: string, outbox?: string): Promise<Login> {
    const client = outbox === undefined ? {} : { outbox };
    return this.broker.login(parseName(name), this.connection, client);
  }

  async commit(): Promise<void> {
    await settle();
    const batch = this.batches.shift() ?? assert.fail("nothing is under way");
    this.#follower?.committed({
      head: 1_000_000,
      sends: [],
      refused: [],
      rooms: [],
      accounts: [],
      blockings: (batch.blockings ?? []).map(() => undefined),
      moreToRemove: false,
      batch,
    });
    await settle();
  }

  unavailable(): void {
    this.#follower?.unavailable("the disk is full");
  }

  available(): void {
    this.#follower?.available();
  }
}

test("the reader of who marks very many conversations stands still until there is room", async () => {
  // Each was kept until its commit, and while the disk was full that never came.
  const world = new World();
  const { peer } = await world.logIn("alice");
  await settle();
  let marks = 0;
  for (; !world.connection.isHeld; marks += 1) {
    assert.ok(marks < 10_000, "it is held");
    peer.markRead(parseName(`n${marks}`), 1);
  }
  assert.ok(marks > 1000, "and not before there is much");
  await world.commit();
  assert.equal(world.connection.isHeld, false);
  await world.commit();
  assert.deepEqual(world.batches, []);
});

test("what is said again and again of one outbox, or of one conversation, is said once in a batch", async () => {
  // A flood of `done` made batches that took seconds to commit.
  const world = new World();
  const { peer } = await world.logIn("alice", "one");
  await settle();
  for (let i = 1; i <= 10_000; i += 1) {
    peer.done(i);
    peer.markRead(parseName("bob"), i);
  }
  assert.equal(world.connection.isHeld, false);
  await world.commit();
  const [{ outboxesDone, markers } = assert.fail("a batch")] = world.batches;
  assert.deepEqual(
    outboxesDone?.map(({ upTo }) => upTo),
    [10_000],
  );
  assert.deepEqual(
    markers?.map(({ seq }) => seq),
    [10_000],
  );
});

test("the other devices of a name are told of a marker once, and the one that moved it is not", async () => {
  const world = new World();
  const first = await world.broker.login(parseName("alice"), world.connection, { isShared: true });
  const told: number[] = [];
  const other = new (class extends MemoryConnection {
    override readonly wantsEverything = true;
    override notify(notice: Parameters<MemoryConnection["notify"]>[0]): void {
      if (notice.kind === "read") told.push(notice.seq);
    }
  })((step) => setImmediate(step));
  await world.broker.login(parseName("alice"), other, { isShared: true });
  await settle();
  await world.commit();
  for (let seq = 1; seq <= 100; seq += 1) first.peer.markRead(parseName("bob"), seq);
  await settle();
  await world.commit();
  assert.deepEqual(told, [100]);
});

test("who asks something while the log cannot be written is told so", async () => {
  // Only senders were, and who joined a room waited without a word.
  const world = new World();
  const { peer } = await world.logIn("alice");
  world.unavailable();
  const joining = peer.ask({ action: "join", room: parseName("ops") });
  joining.catch(() => {});
  assert.deepEqual(world.connection.errors, ["log-unavailable"]);
  assert.ok(world.connection.isHeld);
});

function isUnavailable(error: unknown): boolean {
  return error instanceof ChatError && error.code === "log-unavailable";
}

test("a login that needs the log is refused while it cannot be written, and another is not", async () => {
  const world = new World();
  world.unavailable();
  await assert.rejects(world.logIn("alice", "one"), isUnavailable);
  const change = { kind: "invite", hash: "h", at: 1 } as const;
  await assert.rejects(world.broker.changeAccount(change), isUnavailable);
  await world.logIn("alice");
  world.available();
  void world.broker.changeAccount(change);
  await world.commit();
});
