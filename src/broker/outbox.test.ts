// Clients that keep an outbox and a cursor, in all the orders that fast-check finds: whatever is cut,
// and whenever, each message arrives once, in order, and what is refused never does.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import * as fc from "fast-check";
import { unpackBodies } from "../protocol/bodies.ts";
import { ChatError } from "../protocol/errors.ts";
import { type Name, parseName } from "../protocol/name.ts";
import type { CommittedSend } from "../log/commit.ts";
import type { Log } from "../log/log.ts";
import type { Run } from "../log/run.ts";
import { openSqliteLog } from "../log/sqlite/sqlite-log.ts";
import { Broker, type Login } from "./broker.ts";
import {
  AMPLE_LIMITS,
  drain,
  happen,
  MemoryConnection,
  scheduled,
  scheduledClock,
  type ScheduledLog,
} from "./schedules.ts";

interface Sent {
  readonly to: readonly Client[];
  readonly body: string;
  readonly isRefused: boolean;
}

/** One connection of a client, which hears nothing more of it once it is cut. */
class ClientConnection extends MemoryConnection {
  readonly client: Client;

  constructor(client: Client, later: (step: () => void) => void) {
    super(later);
    this.client = client;
  }

  /** Whoever has cut a connection hears nothing more of it. */
  get #isHeard(): boolean {
    return this.client.connection === this;
  }

  override deliver(run: Run): void {
    super.deliver(run);
    if (!this.#isHeard) return;
    unpackBodies(run.bodies).forEach((body, i) => {
      const seq = run.first + i * run.step;
      if (seq <= this.client.received) this.client.got.push("again");
      this.client.received = seq;
      this.client.got.push(`${run.from}: ${body}`);
    });
  }

  override accept({ outbox, count }: CommittedSend): void {
    if (!this.#isHeard || outbox === undefined) return;
    this.client.settled("accepted", outbox.number, count);
  }

  override refuse(error: ChatError, times: number, number = 0): void {
    this.errors.push(error.code);
    if (this.#isHeard && error.code !== "out-of-order")
      this.client.settled("refused", number, times);
  }
}

/** A client with an outbox, a cursor and a secret to replace its older connection with. */
class Client {
  readonly name: Name;
  readonly outbox: Sent[] = [];
  readonly outcomes: string[] = [];
  readonly got: string[] = [];
  /** The seq that it has everything up to. */
  received = 0;
  connection: ClientConnection | undefined;

  constructor(name: Name) {
    this.name = name;
  }

  /** Sends with numbers from `number` on are decided. Told twice, it is the same. */
  settled(outcome: string, number: number, count: number): void {
    for (let i = number - 1; i < number - 1 + count; i++) {
      const before = this.outcomes[i] ?? outcome;
      this.outcomes[i] = before === outcome ? outcome : `${before}, then ${outcome}`;
    }
  }

  transmit(from: number): void {
    const peer = this.connection?.isGone === false ? this.connection.peer : undefined;
    for (let number = from; number <= this.outbox.length; number++) {
      const { to, body, isRefused } = this.outbox[number - 1] as Sent;
      const refusal = isRefused ? new ChatError("bad-body", "refused by the test") : undefined;
      const names = to.map((client) => client.name);
      peer?.sendNumbered(number, names, body, 1, refusal);
    }
  }

  welcome(connection: ClientConnection, { peer, outbox }: Login): void {
    connection.peer = peer;
    peer.resume = `${this.name.key} resumes`;
    const { sent, refused } = outbox ?? { sent: 0, refused: [] };
    for (const { first, last } of refused) this.settled("refused", first, last - first + 1);
    for (let i = 0; i < sent; i++) this.outcomes[i] ??= "accepted";
    this.transmit(sent + 1);
  }
}

class World {
  static #worlds = 0;
  readonly schedule: fc.Scheduler;
  readonly log: ScheduledLog;
  readonly broker: Broker;
  readonly clients: readonly Client[];
  readonly failures: unknown[] = [];

  constructor(log: Log, schedule: fc.Scheduler) {
    const world = ++World.#worlds;
    this.schedule = schedule;
    this.log = scheduled(log, schedule);
    this.broker = new Broker(this.log, scheduledClock(schedule), {
      limits: AMPLE_LIMITS,
      report: (_, error) => this.failures.push(error),
    });
    this.clients = ["alice", "bob", "carol"].map((name) => new Client(parseName(name + world)));
  }

  async logIn(client: Client): Promise<void> {
    const connection = new ClientConnection(client, (step) => {
      void this.schedule.schedule(Promise.resolve(), "close").then(step);
    });
    client.connection?.cut();
    client.connection = connection;
    try {
      const login = await this.broker.login(client.name, connection, {
        outbox: "one",
        received: { log: this.log.id, seq: client.received },
        resume: `${client.name.key} resumes`,
      });
      if (connection.isGone) login.peer.gone();
      else client.welcome(connection, login);
    } catch (error) {
      if (!(error instanceof ChatError)) this.failures.push(error);
    }
  }
}

type Action = (world: World) => unknown;

const anyClient = fc.integer({ min: 0, max: 2 });
const clientOf = (world: World, index: number): Client => world.clients[index] as Client;

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 3,
    arbitrary: anyClient.map(
      (index): Action =>
        (world) =>
          void world.logIn(clientOf(world, index)),
    ),
  },
  {
    weight: 8,
    arbitrary: fc
      .tuple(anyClient, fc.uniqueArray(anyClient, { minLength: 1 }), fc.nat(9))
      .map(([from, to, chance]): Action => (world) => {
        const client = clientOf(world, from);
        const number = client.outbox.push({
          to: to.map((index) => clientOf(world, index)),
          body: String(client.outbox.length + 1),
          isRefused: chance === 0,
        });
        client.transmit(number);
      }),
  },
  anyClient.map(
    (index): Action =>
      (world) =>
        clientOf(world, index).connection?.cut(),
  ),
  anyClient.map((index): Action => (world) => {
    const { received, connection } = clientOf(world, index);
    connection?.peer?.confirm(received);
  }),
  anyClient.map((index): Action => (world) => {
    const { outcomes, connection } = clientOf(world, index);
    if (connection?.isGone === false) connection.peer?.done(outcomes.length);
  }),
);

const step = fc.tuple(action, fc.integer({ min: 0, max: 4 }));

it("who keeps an outbox and a cursor sends and receives exactly once, whatever is cut when", async () => {
  const folder = mkdtempSync(join(tmpdir(), "partyline-broker-"));
  const log = openSqliteLog({ folder, durability: "process", report: assert.fail });
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(step, { minLength: 5, maxLength: 60, size: "max" }),
        async (schedule, steps) => {
          const world = new World(log, schedule);
          for (const [act, turns] of steps) {
            await act(world);
            await happen(world, turns);
          }
          await drain(world);
          for (const client of world.clients) {
            await Promise.all([world.logIn(client), drain(world)]);
            await drain(world);
          }
          assert.deepEqual(world.failures, []);
          for (const client of world.clients) checkClient(world, client);
          world.broker.stop();
          await drain(world);
        },
      ),
      { numRuns: Number(process.env["PARTYLINE_RUNS"] ?? 500), verbose: 1 },
    );
  } finally {
    await log.close();
    rmSync(folder, { recursive: true });
  }
});

function checkClient(world: World, client: Client): void {
  assert.deepEqual(
    client.outcomes,
    client.outbox.map(({ isRefused }) => (isRefused ? "refused" : "accepted")),
    `${client.name.shown} knows what became of everything`,
  );
  assert.ok(!client.got.includes("again"), "what a client has does not come again");
  for (const sender of world.clients) {
    const from = `${sender.name.shown}: `;
    const due = sender.outbox.filter(({ to, isRefused }) => !isRefused && to.includes(client));
    assert.deepEqual(
      client.got.filter((line) => line.startsWith(from)),
      due.map(({ body }) => from + body),
      `${client.name.shown} has what ${sender.name.shown} sent`,
    );
  }
}
