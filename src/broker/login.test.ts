// A login of a client that keeps an outbox and a cursor of its own, with a log that answers when the test
// says: what it is told of both is what holds once it has the name.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Batch } from "../log/batch.ts";
import type { Commit } from "../log/commit.ts";
import type { Follower, Log } from "../log/log.ts";
import type { NameRecord, OutboxRecord } from "../log/reading.ts";
import { parseName } from "../protocol/name.ts";
import { Broker, type Login } from "./broker.ts";
import { HandClock, settle } from "./hand-clock.ts";
import type { ClientState } from "./peer.ts";
import { AMPLE_LIMITS, MemoryConnection } from "./schedules.ts";

const ALICE = parseName("alice");
const HEAD = 1000;
const KNOWN: NameRecord = {
  shown: "alice",
  seen: true,
  cursor: 0,
  removed: 0,
  blocked: [],
  rooms: [],
};

/** A log in memory, which holds one outbox and commits when the test says. */
class World {
  readonly broker: Broker;
  /** What the log holds. */
  sent = 0;
  record: Partial<NameRecord> = {};
  /** Where delivery to the peers began. */
  readonly positions: number[] = [];
  #batches: Batch[] = [];
  #follower: Follower | undefined;
  /** Connections that were cut, and whose end the broker has not seen yet. */
  #ends: (() => void)[] = [];

  constructor() {
    const log: Partial<Log> = {
      id: "k3",
      head: HEAD,
      follow: (follower) => void (this.#follower = follower),
      neverGiven: () => undefined,
      append: (batch) => void this.#batches.push(batch),
      name: async () => ({ ...KNOWN, ...this.record }),
      outbox: async (): Promise<OutboxRecord> => ({ sent: this.sent, refused: [] }),
      waiting: async (_key, after, upTo) => {
        this.positions.push(after);
        return { deliveries: [], position: upTo, removed: 0 };
      },
    };
    this.broker = new Broker(log as Log, new HandClock(), {
      limits: AMPLE_LIMITS,
      report: assert.fail,
    });
  }

  async logIn(client: ClientState): Promise<Login> {
    const connection = new MemoryConnection((end) => this.#ends.push(end));
    const login = await this.broker.login(ALICE, connection, client);
    connection.peer = login.peer;
    return login;
  }

  /** Commits what is under way. @param refused what of it was not taken */
  async commit(refused: Commit["refused"] = []): Promise<void> {
    await settle();
    const batch = this.#batches.shift() ?? assert.fail("nothing is under way");
    if (refused.length === 0) this.sent += batch.sends.reduce((sum, { count }) => sum + count, 0);
    this.#follower?.committed({
      head: HEAD,
      sends: [],
      refused,
      rooms: [],
      accounts: [],
      blockings: [],
      moreToRemove: false,
      batch,
    });
    await settle();
  }

  end(): void {
    for (const end of this.#ends.splice(0)) end();
  }
}

function received(seq: number, log = "k3"): ClientState {
  return { received: { log, seq } };
}

test("what an older connection sends until it is gone, the new one is told of", async () => {
  const world = new World();
  const { peer } = await world.logIn({ outbox: "one" });
  peer.resume = "a secret";
  const login = world.logIn({ outbox: "one", resume: "a secret" });
  await settle();
  peer.sendNumbered(1, [ALICE], "the old one is cut, and its last bytes are read", 1);
  await world.commit();
  peer.sendNumbered(2, [ALICE], "these, too", 1);
  world.end();
  await world.commit();
  assert.equal((await login).outbox?.sent, 2);
});

test("a send for whose refusal there was no room is the next one once there is", async () => {
  const world = new World();
  const { peer } = await world.logIn({ outbox: "one" });
  peer.sendNumbered(1, [ALICE], "one", 1);
  peer.sendNumbered(2, [ALICE], "two", 1);
  const full = {
    accepted: 0,
    code: "too-many-refusals",
    text: "say first which are known",
  } as const;
  await world.commit([
    { send: 0, ...full },
    { send: 1, ...full },
  ]);
  peer.sendNumbered(1, [ALICE], "one", 1);
  await world.commit();
  assert.equal(world.sent, 1, "its number was not used up");
});

test("who says what he has received is given what is above, whatever his name has confirmed", async () => {
  const world = new World();
  world.record = { cursor: 700 };
  const { position, lost } = await world.logIn(received(500));
  assert.deepEqual([position, lost], [500, undefined]);
  await settle();
  assert.deepEqual(world.positions, [500]);
});

for (const [what, claim] of [
  ["in another log", received(500, "another")],
  ["above the head", received(HEAD + 1)],
] as const) {
  test(`who has received something ${what} begins at his name's cursor, and is told what he may miss`, async () => {
    const world = new World();
    world.record = { cursor: 700 };
    const { position, lost } = await world.logIn(claim);
    assert.deepEqual([position, lost], [700, { from: 1, to: 700 }]);
    await settle();
    assert.deepEqual(world.positions, [700]);
  });
}

test("who comes back from before what retention kept is told up to where, and who has it is not", async () => {
  const world = new World();
  world.record = { cursor: 700, removed: 600 };
  const { position, lost } = await world.logIn(received(500));
  assert.deepEqual([position, lost], [500, { from: 501, to: 600 }]);
  const later = new World();
  later.record = world.record;
  assert.equal((await later.logIn(received(600))).lost, undefined);
});

test("of another log what is lost goes up to what retention has removed here, where that is more", async () => {
  const world = new World();
  world.record = { cursor: 700, removed: 900 };
  assert.deepEqual((await world.logIn(received(1, "another"))).lost, { from: 1, to: 900 });
});
