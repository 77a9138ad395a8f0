// The inbox between a server and a store: what is confirmed is kept before, and what there is no room for is
// still with the server.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HandDisk } from "./hand-disk.ts";
import { type Delivery, Inbox, MOST_WAITING } from "./inbox.ts";
import { type Kept, Keeper } from "./keeper.ts";
import { newStored } from "./store.ts";

const NO_OUTBOX: Kept = { found() {}, drawn: newStored, written() {} };

class World {
  readonly disk: HandDisk;
  readonly keeper: Keeper;
  readonly inbox: Inbox;
  readonly confirmed: number[] = [];
  drained = 0;

  private constructor(disk: HandDisk) {
    this.disk = disk;
    this.keeper = new Keeper(disk.store());
    this.inbox = new Inbox(this.keeper, {
      confirmed: (seq) => this.confirmed.push(seq) > 0,
      drained: () => (this.drained += 1),
      untold() {},
    });
  }

  static async start(disk = new HandDisk()): Promise<World> {
    const world = new World(disk);
    const opening = world.keeper.open(NO_OUTBOX);
    await disk.write();
    await opening;
    return world;
  }
}

function message(seq: number): Delivery {
  return {
    kind: "message",
    seq,
    from: "bob",
    to: "alice",
    body: `${seq}`,
    at: 1,
    isReplayed: false,
    isOwn: false,
  };
}

test("what is confirmed is kept before the server hears of it", async () => {
  const { inbox, disk, confirmed } = await World.start();
  inbox.welcomed("k3", 0);
  await disk.write();
  inbox.add(message(1));
  await inbox.take();
  const kept = inbox.confirm(1);
  assert.deepEqual(confirmed, []);
  await disk.write();
  await kept;
  assert.deepEqual(confirmed, [1]);
  assert.deepEqual(disk.kept?.received, { log: "k3", seq: 1 });
});

test("what is confirmed together is one write, and the server hears of the last", async () => {
  const { inbox, disk, confirmed } = await World.start();
  inbox.welcomed("k3", 0);
  await disk.write();
  for (let seq = 1; seq <= 100; seq += 1) inbox.add(message(seq));
  for (let seq = 1; seq <= 100; seq += 1) void inbox.confirm(seq);
  await disk.write();
  await disk.write();
  assert.ok(confirmed.length <= 2, `${confirmed.length}`);
  assert.equal(confirmed.at(-1), 100);
});

test("what could not be kept is not confirmed, and is kept when it is confirmed again", async () => {
  // The second time it was taken as kept: a program that tried again went on, and got it twice.
  const { inbox, disk, confirmed } = await World.start();
  inbox.welcomed("k3", 0);
  await disk.write();
  inbox.add(message(1));
  await inbox.take();
  disk.isFull = true;
  const failed = assert.rejects(inbox.confirm(1), { code: "store" });
  await disk.write();
  await failed;
  assert.deepEqual(confirmed, []);
  disk.isFull = false;
  const kept = inbox.confirm(1);
  await disk.write();
  await kept;
  assert.deepEqual(confirmed, [1]);
  assert.deepEqual(disk.kept?.received, { log: "k3", seq: 1 });
});

test("a seq of another log says nothing about this one", async () => {
  const { inbox, disk, keeper } = await World.start();
  inbox.welcomed("k3", 0);
  await disk.write();
  inbox.add(message(900));
  await inbox.take();
  void inbox.confirm(900);
  await disk.write();
  inbox.welcomed("k4", 5);
  await disk.write();
  assert.deepEqual(keeper.login.received, { log: "k4", seq: 5 });
  inbox.add(message(6));
  assert.equal((await inbox.take())?.seq, 6);
});

test("what has come already, taken or not, does not come again", async () => {
  const { inbox } = await World.start();
  inbox.welcomed("k3", 0);
  inbox.add(message(1));
  inbox.add(message(2));
  inbox.welcomed("k3", 0);
  for (const seq of [1, 2, 3]) inbox.add(message(seq));
  const seqs = [await inbox.take(), await inbox.take(), await inbox.take()].map((one) => one?.seq);
  assert.deepEqual(seqs, [1, 2, 3]);
  assert.ok(inbox.isEmpty);
});

test("nothing is given once it is closed, and nothing confirmed", async () => {
  const { inbox, disk, confirmed } = await World.start();
  inbox.welcomed("k3", 0);
  await disk.write();
  inbox.add(message(1));
  inbox.close();
  inbox.add(message(2));
  assert.equal(await inbox.take(), undefined);
  await inbox.confirm(2);
  await disk.write();
  assert.deepEqual(confirmed, []);
});

test("what there is no room for is passed over, with all that comes after it, and asked for once there is room", async () => {
  const world = await World.start();
  const { inbox } = world;
  inbox.welcomed("k3", 0);
  for (let seq = 1; seq <= MOST_WAITING + 1; seq += 1) inbox.add(message(seq));
  assert.equal((await inbox.take())?.seq, 1);
  assert.ok(inbox.hasMoreToTake);
  inbox.add(message(MOST_WAITING + 2));
  for (let seq = 2; seq <= MOST_WAITING; seq += 1) assert.equal((await inbox.take())?.seq, seq);
  assert.equal(world.drained, 0);
  const next = inbox.take();
  assert.equal(world.drained, 1);
  inbox.welcomed("k3", MOST_WAITING);
  inbox.add(message(MOST_WAITING + 1));
  assert.equal((await next)?.seq, MOST_WAITING + 1);
});
