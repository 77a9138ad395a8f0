// The outbox between a store and a server: whatever dies between two writes, each message is on the server
// once or never was transmitted, and no number is given to two of them.

import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import * as fc from "fast-check";
import type { LineError } from "./errors.ts";
import { HandDisk } from "./hand-disk.ts";
import { Keeper } from "./keeper.ts";
import { KEEP_AGAIN, Outbox, type Settled } from "./outbox.ts";

/** Takes the next number of each outbox, and nothing else. */
class Server {
  readonly outboxes = new Map<string, string[]>();

  take(outbox: string, number: number, body: string): boolean {
    const bodies = this.of(outbox);
    if (number !== bodies.length + 1) return false;
    bodies.push(body);
    return true;
  }

  of(outbox: string): string[] {
    const bodies = this.outboxes.get(outbox) ?? [];
    this.outboxes.set(outbox, bodies);
    return bodies;
  }

  get all(): string[] {
    return [...this.outboxes.values()].flat();
  }
}

/** One run of a program. */
class Program {
  readonly disk: HandDisk;
  readonly server: Server;
  readonly keeper: Keeper;
  readonly outbox: Outbox;
  readonly settled: Settled[] = [];
  /** What the server was told that it may forget. */
  readonly done: number[] = [];
  /** How often the outbox was found to be forgotten. */
  expired = 0;
  #replies: (() => void)[] = [];

  private constructor(disk: HandDisk, server: Server) {
    this.disk = disk;
    this.server = server;
    this.keeper = new Keeper(disk.store());
    this.outbox = new Outbox(
      this.keeper,
      {
        transmit: (number, { body }) => {
          if (!server.take(this.keeper.stored.outbox, number, body)) return;
          this.#replies.push(() => this.outbox.accepted(number, { seqs: { bob: 1 }, at: 1 }));
        },
        transmitted: () => {},
        done: (number) => this.done.push(number),
        expired: () => (this.expired += 1),
        changed: (settled) => settled && this.settled.push(settled),
      },
      false,
    );
  }

  static async start(disk: HandDisk, server: Server): Promise<Program> {
    const program = new Program(disk, server);
    const opening = program.keeper.open();
    await disk.write();
    await opening;
    program.outbox.opened();
    return program;
  }

  connect(): void {
    this.outbox.welcomed(this.server.of(this.keeper.stored.outbox).length, []);
  }

  /** The connection is cut, and takes the replies with it. */
  cut(): void {
    this.outbox.offline();
    this.#replies = [];
  }

  reply(): void {
    for (const reply of this.#replies.splice(0)) reply();
  }

  /** @returns how it went, once it is known */
  send(body: string): Promise<string> {
    return this.outbox.send(["bob"], body).then(
      () => "sent",
      ({ code }: LineError) => code,
    );
  }
}

test("what was written without a connection can be withdrawn by the next run, and what was transmitted cannot", async () => {
  // Everything that a former run had left was taken as transmitted: after the tab was closed and opened
  // again without a connection nothing could be edited or discarded any more.
  const disk = new HandDisk();
  const server = new Server();
  const first = await Program.start(disk, server);
  void first.send("one");
  await disk.write();
  const second = await Program.start(disk, server);
  assert.deepEqual(
    second.outbox.unsent.map(({ isTransmitted }) => isTransmitted),
    [false],
  );
  second.connect();
  await disk.write();
  assert.deepEqual(server.all, ["one"]);
  const third = await Program.start(disk, server);
  const [again = assert.fail("it is there")] = third.outbox.unsent;
  assert.ok(again.isTransmitted);
  assert.equal(third.outbox.withdraw(again.id), false);
});

test("what could not be kept is out of the outbox, and the next one has its number", async () => {
  // It stayed, and went out when there was room again, although its writer had been given its text back.
  const disk = new HandDisk();
  const server = new Server();
  const program = await Program.start(disk, server);
  program.connect();
  disk.isFull = true;
  const unkept = program.send("one");
  await disk.write();
  assert.equal(await unkept, "store");
  assert.deepEqual(program.outbox.unsent, []);
  assert.deepEqual(
    program.settled.map(({ outcome }) => outcome),
    ["withdrawn"],
  );
  await disk.write();
  disk.isFull = false;
  void program.send("two");
  await disk.write();
  assert.deepEqual(server.all, ["two"]);
});

test("what was not the next one is no refusal", async () => {
  const disk = new HandDisk();
  const program = await Program.start(disk, new Server());
  program.connect();
  void program.send("one");
  await disk.write();
  program.outbox.refused(1, { code: "out-of-order", text: "the next one is another" });
  program.outbox.refused(1, { code: "too-many-refusals", text: "say done" });
  assert.deepEqual(program.settled, []);
  program.reply();
  assert.deepEqual(
    program.settled.map(({ outcome }) => outcome),
    ["sent"],
  );
});

test("the server may forget a refusal once it is kept that it is known, and no other", async () => {
  const disk = new HandDisk();
  const program = await Program.start(disk, new Server());
  program.connect();
  const outcomes = [program.send("one"), program.send("two")];
  await disk.write();
  await disk.write();
  program.outbox.refused(1, { code: "blocked", text: "no" });
  assert.equal(await outcomes[0], "blocked");
  assert.deepEqual(program.done, []);
  await disk.write();
  assert.deepEqual(program.done, [1]);
  program.reply();
  await disk.write();
  assert.deepEqual(program.done, [1]);
});

test("of a forgotten outbox nobody knows what became of what was transmitted, and the rest goes with another", async () => {
  const disk = new HandDisk();
  const server = new Server();
  const program = await Program.start(disk, server);
  program.connect();
  void program.send("one");
  await disk.write();
  program.reply();
  const unknown = program.send("two");
  await disk.write();
  program.cut();
  void program.send("three");
  await disk.write();
  const former = program.keeper.stored.outbox;
  server.outboxes.clear();
  program.connect();
  assert.equal(program.expired, 1);
  assert.equal(await unknown, "outbox-expired");
  assert.notEqual(program.keeper.stored.outbox, former);
  program.connect();
  await disk.write();
  await disk.write();
  assert.deepEqual(server.all, ["three"]);
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant("send" as const) },
  { weight: 5, arbitrary: fc.constant("write" as const) },
  { weight: 2, arbitrary: fc.constant("connect" as const) },
  { weight: 2, arbitrary: fc.constant("reply" as const) },
  { weight: 1, arbitrary: fc.constant("cut" as const) },
  { weight: 2, arbitrary: fc.constant("withdraw" as const) },
  { weight: 1, arbitrary: fc.constant("full" as const) },
  { weight: 2, arbitrary: fc.constant("crash" as const) },
);

test("whatever is withdrawn, cut or crashes, and whenever: once or never", async (t) => {
  const seed = Number(process.env["PARTYLINE_SEED"] ?? Date.now() % 2 ** 31);
  t.diagnostic(`PARTYLINE_SEED=${seed}`);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const property = fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
    const disk = new HandDisk();
    const server = new Server();
    let program = await Program.start(disk, server);
    let isOnline = false;
    let bodies = 0;
    const withdrawn: string[] = [];
    const sent: string[] = [];
    const unkept: string[] = [];
    for (const [index, what] of steps.entries()) {
      switch (what) {
        case "send": {
          const body = `body ${(bodies += 1)}`;
          void program.send(body).then((outcome) => {
            if (outcome === "sent") sent.push(body);
            if (outcome === "store") unkept.push(body);
          });
          break;
        }
        case "write":
          await disk.write();
          break;
        case "connect":
          if (!isOnline) program.connect();
          isOnline = true;
          break;
        case "reply":
          program.reply();
          break;
        case "cut":
          program.cut();
          isOnline = false;
          break;
        case "withdraw": {
          const { unsent } = program.outbox;
          const one = unsent[index % Math.max(1, unsent.length)];
          if (one !== undefined && program.outbox.withdraw(one.id)) withdrawn.push(one.body);
          break;
        }
        case "full":
          disk.isFull = !disk.isFull;
          break;
        case "crash":
          program.cut();
          isOnline = false;
          // Withdrawing is durable once it is written: a crash before it may bring it back.
          withdrawn.length = 0;
          program = await Program.start(disk, server);
      }
      await turn();
    }
    disk.isFull = false;
    const left = program.outbox.unsent.map(({ body }) => body);
    if (!isOnline) program.connect();
    for (let i = 0; i < 6; i += 1) {
      await disk.write();
      program.reply();
      t.mock.timers.tick(KEEP_AGAIN);
    }
    await turn();
    const { all } = server;
    assert.equal(new Set(all).size, all.length, "nothing is there twice");
    for (const body of [...sent, ...left]) assert.ok(all.includes(body), `${body} is there`);
    for (const body of withdrawn) assert.ok(!all.includes(body), `${body} was withdrawn`);
    for (const body of unkept) assert.ok(!left.includes(body), `${body} was not kept`);
    assert.deepEqual(program.outbox.unsent, []);
  });
  await fc.assert(property, { seed, numRuns: Number(process.env["PARTYLINE_RUNS"] ?? 4000) });
});
