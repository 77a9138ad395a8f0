// The broker with the real log and connections in memory, in all the orders that fast-check finds:
// what a peer gets is exactly what was accepted for its name above the cursor it began at.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import * as fc from "fast-check";
import { ChatError } from "../protocol/errors.ts";
import { type Name, parseName } from "../protocol/name.ts";
import type { Follower, Log } from "../log/log.ts";
import { openSqliteLog } from "../log/sqlite/sqlite-log.ts";
import { Broker, EXPELLED_TIME } from "./broker.ts";
import { HandClock } from "./hand-clock.ts";
import {
  AMPLE_LIMITS,
  drain,
  happen,
  MemoryConnection,
  scheduled,
  scheduledClock,
  type ScheduledLog,
} from "./schedules.ts";

const NAMES = ["alice", "bob", "carol"] as const;
type Who = (typeof NAMES)[number];

interface Login {
  connection: MemoryConnection;
  cursor: number;
}

/** Clients, and what is known about what they must get. Each world has names of its own. */
class World {
  static #worlds = 0;
  readonly accepted = new Map<string, number[]>();
  readonly confirmed = new Map<string, number>();
  readonly logins = new Map<string, Login[]>();
  readonly failures: unknown[] = [];
  readonly schedule: fc.Scheduler;
  readonly log: ScheduledLog;
  readonly broker: Broker;
  readonly #suffix: number;

  constructor(log: Log, schedule: fc.Scheduler) {
    this.#suffix = ++World.#worlds;
    this.schedule = schedule;
    this.log = scheduled(log, schedule);
    const { log: slow } = this;
    const follow = (follower: Follower): void =>
      slow.follow({
        ...follower,
        committed: (commit) => {
          for (const { first, to, count } of commit.sends) {
            for (let i = 0; i < count * to.length; i++) {
              valuesOf(this.accepted, to[i % to.length]?.key ?? "").push(first + i);
            }
          }
          follower.committed(commit);
        },
      });
    this.broker = new Broker({ ...slow, follow }, scheduledClock(schedule), {
      limits: AMPLE_LIMITS,
      report: (_, error) => this.failures.push(error),
    });
  }

  name(who: Who): Name {
    return parseName(`${who}${this.#suffix}`);
  }

  current(who: Who): MemoryConnection | undefined {
    const connection = this.logins.get(who)?.at(-1)?.connection;
    return connection?.isGone === false ? connection : undefined;
  }

  logIn(who: Who): Promise<void> {
    const connection = new MemoryConnection((step) => {
      void this.schedule.schedule(Promise.resolve(), "close").then(step);
    });
    return this.broker.login(this.name(who), connection).then(
      ({ peer }) => {
        connection.peer = peer;
        valuesOf(this.logins, who).push({ connection, cursor: this.confirmed.get(who) ?? 0 });
      },
      (error: unknown) => {
        if (!(error instanceof ChatError)) this.failures.push(error);
      },
    );
  }

  confirm(who: Who, share: number): void {
    const connection = this.current(who);
    const seq = connection?.seqs[Math.floor(connection.seqs.length * share)];
    if (seq === undefined) return;
    this.confirmed.set(who, Math.max(seq, this.confirmed.get(who) ?? 0));
    connection?.peer?.confirm(seq);
  }

  /** What is due to somebody who began above a cursor. */
  due(who: Who, cursor: number): number[] {
    return (this.accepted.get(this.name(who).key) ?? []).filter((seq) => seq > cursor);
  }

  check(): void {
    assert.deepEqual(this.failures, []);
    for (const who of NAMES) {
      for (const { connection, cursor } of this.logins.get(who) ?? []) {
        const due = this.due(who, cursor);
        assert.deepEqual(connection.seqs, due.slice(0, connection.seqs.length), who);
      }
    }
  }
}

function valuesOf<V>(map: Map<string, V[]>, key: string): V[] {
  const values = map.get(key) ?? [];
  map.set(key, values);
  return values;
}

type Action = (world: World) => unknown;

const anyName = fc.constantFrom(...NAMES);
const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: anyName.map(
      (name): Action =>
        (world) =>
          void world.logIn(name),
    ),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(anyName, fc.uniqueArray(anyName, { minLength: 1 }), fc.integer({ min: 1, max: 3 }))
      .map(([from, to, count]): Action => (world) => {
        const connection = world.current(from);
        if (connection?.isHeld === true || connection?.readerEnded === true) return;
        const bodies = Array.from({ length: count }, (_, i) => String(i)).join("\u001e");
        connection?.peer?.send(
          to.map((who) => world.name(who)),
          bodies,
          count,
        );
      }),
  },
  fc.tuple(anyName, fc.double({ min: 0, max: 0.99, noNaN: true })).map(
    ([name, share]): Action =>
      (world) =>
        world.confirm(name, share),
  ),
  anyName.map(
    (name): Action =>
      (world) =>
        world.current(name)?.peer?.finish(),
  ),
  anyName.map(
    (name): Action =>
      (world) =>
        world.current(name)?.cut(),
  ),
  anyName.map(
    (name): Action =>
      (world) =>
        world.current(name)?.peer?.expel(new ChatError("token-revoked", "it was revoked")),
  ),
  anyName.map((name): Action => (world) => {
    const connection = world.current(name);
    if (connection !== undefined) connection.isSlow = true;
  }),
  anyName.map(
    (name): Action =>
      (world) =>
        world.current(name)?.read(),
  ),
);

/** What somebody does, and how much of what is under way happens before the next does something. */
const step = fc.tuple(action, fc.integer({ min: 0, max: 4 }));

it("every peer gets what is above its cursor, once and in order, whatever happens when", async () => {
  const folder = mkdtempSync(join(tmpdir(), "partyline-broker-"));
  const log = openSqliteLog({ folder, durability: "process", report: assert.fail });
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(step, { minLength: 5, maxLength: 80, size: "max" }),
        async (schedule, steps) => {
          const world = new World(log, schedule);
          for (const [act, turns] of steps) {
            await act(world);
            await happen(world, turns);
            world.check();
          }
          await drain(world);
          for (const who of NAMES) await takesAll(world, who);
          world.broker.stop();
          await drain(world);
          assert.deepEqual(world.broker.who(), [], "nobody stays as a ghost");
          await world.broker.settled();
        },
      ),
      { numRuns: Number(process.env["PARTYLINE_RUNS"] ?? 1000), verbose: 1 },
    );
  } finally {
    await log.close();
    rmSync(folder, { recursive: true });
  }
});

// Whoever had more before him than he read was told that his account is gone, and stayed connected for as
// long as he read nothing: the notice and the end came behind all of it.
it("who is expelled and does not read is cut after some seconds, and who does is not", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "partyline-broker-"));
  const log = openSqliteLog({ folder, durability: "process", report: assert.fail });
  t.after(async () => {
    await log.close();
    rmSync(folder, { recursive: true });
  });
  const clock = new HandClock();
  const broker = new Broker(log, clock, { limits: AMPLE_LIMITS, report: assert.fail });
  const logIn = async (name: string): Promise<MemoryConnection> => {
    const connection = new MemoryConnection(setImmediate);
    connection.peer = (await broker.login(parseName(name), connection)).peer;
    return connection;
  };
  const [slow, other] = [await logIn("slow"), await logIn("other")];
  slow.isSlow = true;
  for (const { peer } of [slow, other]) peer?.expel(new ChatError("account-removed", "it is gone"));
  await clock.goOn(EXPELLED_TIME - 1);
  assert.deepEqual(broker.who(), ["slow"]);
  const again = await logIn("other");
  await clock.goOn(1);
  assert.deepEqual([slow.isGone, again.isGone], [true, false]);
  assert.deepEqual(broker.who(), ["other"]);
});

/** Whoever logs in at the end gets everything that was not confirmed. */
async function takesAll(world: World, who: Who): Promise<void> {
  world.current(who)?.cut();
  await drain(world);
  await Promise.all([world.logIn(who), drain(world)]);
  await drain(world);
  world.check();
  const last = world.logins.get(who)?.at(-1);
  assert.ok(last !== undefined);
  assert.deepEqual(last.connection.seqs, world.due(who, last.cursor), `${who} gets all at last`);
}
