// Retention that is quicker than a client: it is told what it will not get, on the real log.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { openSqliteLog } from "../log/sqlite/sqlite-log.ts";
import { parseName } from "../protocol/name.ts";
import { Broker, type Login } from "./broker.ts";
import { systemClock } from "./clock.ts";
import { Listening } from "./connected-world.ts";
import { AMPLE_LIMITS } from "./schedules.ts";

type Received = { readonly seq: number; readonly lost?: number };

class World {
  readonly #log: ReturnType<typeof openSqliteLog>;
  readonly #broker: Broker;

  constructor(folder: string) {
    this.#log = openSqliteLog({ folder, durability: "process", report: assert.fail });
    this.#broker = new Broker(this.#log, systemClock, {
      limits: AMPLE_LIMITS,
      report: assert.fail,
    });
  }

  get head(): number {
    return this.#broker.head;
  }

  async close(): Promise<void> {
    this.#broker.cutAll();
    await this.#broker.settled();
    await this.#log.close();
  }

  async login(name: string, received?: Received): Promise<Login & { connection: Listening }> {
    const connection = new Listening((step) => setImmediate(step));
    const client = received === undefined ? {} : { received: { ...received, log: this.#log.id } };
    const login = await this.#broker.login(parseName(name), connection, client);
    connection.peer = login.peer;
    return { ...login, connection };
  }

  /** Removes everything, also what nobody has confirmed. */
  async remove(): Promise<void> {
    this.#broker.retain({ before: Number.MAX_SAFE_INTEGER, unconfirmed: true });
    for (let removed = 0; removed === 0;) {
      await nextTurn();
      ({ removed = 0 } = (await this.#log.name("bob", 0)) ?? {});
    }
  }
}

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "partyline-lost-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function begin(t: TestContext): World {
  const world = new World(temporaryFolder(t));
  t.after(() => world.close());
  return world;
}

/** A whole life of a server, in which alice says something to bob. @returns the head at its end */
async function visit(folder: string, body: string): Promise<number> {
  const world = new World(folder);
  const { peer } = await world.login("alice");
  peer.send([parseName("bob")], body, 1);
  await peer.rooms();
  const { head } = world;
  await world.close();
  return head;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await nextTurn();
}

function lostOf({ notices }: Listening): readonly object[] {
  return notices.filter(({ kind }) => kind === "lost");
}

test("a slow client is told what was removed meanwhile, and goes on with what comes then", async (t) => {
  const world = begin(t);
  const alice = await world.login("alice");
  const bob = await world.login("bob");
  const say = (body: string): void => alice.peer.send([parseName("bob")], body, 1);
  say("1");
  await until(() => bob.connection.seqs.length === 1);
  bob.connection.isSlow = true;
  say("2");
  await alice.peer.rooms();
  say("3");
  await alice.peer.rooms();
  await world.remove();
  bob.connection.read();
  await until(() => bob.peer.position === 3);
  assert.deepEqual(lostOf(bob.connection), [{ kind: "lost", from: 2, to: 3 }]);
  say("4");
  await until(() => bob.connection.seqs.length === 2);
  assert.deepEqual(bob.connection.seqs, [1, 4]);
  assert.equal(lostOf(bob.connection).length, 1);
});

test("what was told at the login is not told again", async (t) => {
  const world = begin(t);
  const alice = await world.login("alice");
  alice.peer.send([parseName("bob")], "1", 1);
  await alice.peer.rooms();
  await world.remove();
  const told = await world.login("bob", { seq: 0 });
  assert.deepEqual(told.lost, { from: 1, to: 1 });
  told.peer.gone();
  const again = await world.login("bob", { seq: 0, lost: 1 });
  assert.equal(again.lost, undefined);
  await until(() => again.peer.position === 1);
  assert.deepEqual(lostOf(again.connection), []);
  assert.deepEqual(lostOf(told.connection), []);
});

test("who has seen more than the copy that was put back is told that something may be lost", async (t) => {
  const folder = temporaryFolder(t);
  await visit(folder, "kept");
  const copy = readFileSync(join(folder, "partyline.db"));
  const seen = await visit(folder, "seen");
  await visit(folder, "never seen, and gone");
  writeFileSync(join(folder, "partyline.db"), copy);
  await visit(folder, "new");
  const world = new World(folder);
  t.after(() => world.close());
  const { lost, position, connection, peer } = await world.login("bob", { seq: seen });
  assert.equal(position, seen);
  assert.ok(lost !== undefined && lost.from === seen + 1 && lost.to < world.head);
  await until(() => peer.position === world.head);
  assert.equal(connection.seqs.length, 1, "the new one");
  assert.deepEqual(lostOf(connection), []);
});
