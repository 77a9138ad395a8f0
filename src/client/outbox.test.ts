// The outbox between a store and a server: whatever dies between two writes, each message is on the server
// once or never was transmitted, and no number is given to two of them.

import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import * as fc from "fast-check";
import type { ErrorCode } from "../protocol/errors.ts";
import { LineError } from "./errors.ts";
import { HandDisk } from "./hand-disk.ts";
import { Keeper } from "./keeper.ts";
import { KEEP_AGAIN, Outbox, type Settled } from "./outbox.ts";

/** As many refusals are kept by a server until it hears that they are known. */
const MOST_REFUSALS = 2;

/** What a server has of an outbox. */
class Taken {
  readonly bodies: string[] = [];
  sent = 0;
  refused: number[] = [];
}

/** Takes the next number of each outbox, and nothing else. What begins with `no` is refused. */
class Server {
  readonly outboxes = new Map<string, Taken>();

  take(outbox: string, number: number, body: string): "accepted" | ErrorCode {
    const taken = this.of(outbox);
    if (number !== taken.sent + 1) return "out-of-order";
    if (taken.refused.length === MOST_REFUSALS) return "too-many-refusals";
    taken.sent = number;
    if (body.startsWith("no")) {
      taken.refused.push(number);
      return "blocked";
    }
    taken.bodies.push(body);
    return "accepted";
  }

  done(outbox: string, upTo: number): void {
    const taken = this.of(outbox);
    taken.refused = taken.refused.filter((number) => number > upTo);
  }

  of(outbox: string): Taken {
    const taken = this.outboxes.get(outbox) ?? new Taken();
    this.outboxes.set(outbox, taken);
    return taken;
  }

  get all(): string[] {
    return [...this.outboxes.values()].flatMap(({ bodies }) => bodies);
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
  transmissions = 0;
  /** Whether the connection is, and nobody has noticed. */
  isDead = false;
  readonly bodies = new Map<number, string>();
  #replies: (() => void)[] = [];

  private constructor(disk: HandDisk, server: Server) {
    this.disk = disk;
    this.server = server;
    this.keeper = new Keeper(disk.store());
    this.outbox = new Outbox(
      this.keeper,
      {
        transmit: (number, { body }) => {
          this.transmissions += 1;
          if (this.isDead) return;
          const code = server.take(this.outbox.id, number, body);
          this.#replies.push(() => {
            if (code === "accepted") this.outbox.accepted(number, { seqs: { bob: 1 }, at: 1 });
            else this.outbox.refused(number, { code, text: "no" });
          });
        },
        transmitted: () => {},
        done: (number) => {
          this.done.push(number);
          if (!this.isDead) server.done(this.outbox.id, number);
        },
        expired: () => (this.expired += 1),
        changed: (settled) => settled && this.settled.push(settled),
      },
      false,
    );
  }

  static async start(disk: HandDisk, server: Server): Promise<Program> {
    const program = new Program(disk, server);
    const opening = program.keeper.open(program.outbox);
    await disk.write();
    await opening;
    for (const { id, body } of program.outbox.unsent) program.bodies.set(id, body);
    return program;
  }

  connect(): void {
    const { sent, refused } = this.server.of(this.outbox.id);
    const told = { code: "blocked", text: "no" } as const;
    this.outbox.welcomed(
      sent,
      refused.map((number) => ({ first: number, last: number, ...told })),
    );
  }

  /** The connection is cut, and takes the replies with it. */
  cut(): void {
    this.outbox.offline();
    this.isDead = false;
    this.#replies = [];
  }

  reply(count = Infinity): void {
    for (const reply of this.#replies.splice(0, count)) reply();
  }

  /** @returns how it went, once it is known */
  send(body: string): Promise<string> {
    const outcome = this.outbox.send(["bob"], body).then(
      () => "sent",
      ({ code }: LineError) => code,
    );
    this.bodies.set(this.outbox.last, body);
    return outcome;
  }

  /** What was told of each is so. */
  check(): void {
    for (const { id, outcome } of this.settled) {
      const body = this.bodies.get(id) ?? "";
      const isThere = outcome === "sent";
      assert.equal(this.server.all.includes(body), isThere, `${body} was ${outcome}`);
    }
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
  assert.equal(await third.outbox.withdraw(again.id), false);
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

test("what there was no room to refuse goes again once the server has heard which refusals are known", async () => {
  // After the thousandth refusal at once an online client waited until it was connected anew.
  const disk = new HandDisk();
  const program = await Program.start(disk, new Server());
  program.connect();
  const bodies = Array.from({ length: 9 }, (_, at) => (at % 3 === 2 ? `${at}` : `no ${at}`));
  const outcomes = bodies.map((body) => program.send(body));
  for (let i = 0; i < 20; i += 1) {
    await disk.write();
    program.reply();
  }
  assert.deepEqual(
    await Promise.all(outcomes),
    bodies.map((body) => (body.startsWith("no") ? "blocked" : "sent")),
  );
  assert.deepEqual(program.server.all, ["2", "5", "8"]);
  assert.ok(program.transmissions <= 3 * 9, `${program.transmissions} transmissions`);
});

test("what is told of one transmission is not taken for the answer to the next", async () => {
  const disk = new HandDisk();
  const program = await Program.start(disk, new Server());
  program.connect();
  for (const body of ["one", "two"]) void program.send(body);
  await disk.write();
  program.outbox.refused(1, { code: "too-many-refusals", text: "say done" });
  assert.equal(program.transmissions, 4);
  program.outbox.refused(2, { code: "too-many-refusals", text: "say done" });
  assert.equal(program.transmissions, 4);
});

test("what goes again takes no number that a crash could give to one that was withdrawn", async () => {
  const disk = new HandDisk();
  const server = new Server();
  const program = await Program.start(disk, server);
  program.connect();
  for (const body of ["no 1", "no 2", "three", "four"]) void program.send(body);
  await disk.write();
  const next = program.outbox.unsent.find(({ body }) => body === "three");
  program.reply(3);
  await turn();
  // As the refusals are written, so that the server hears that they are known.
  void program.outbox.withdraw(next?.id ?? 0);
  await disk.write();
  const again = await Program.start(disk, server);
  again.connect();
  for (let i = 0; i < 6; i += 1) {
    await disk.write();
    again.reply();
  }
  again.check();
  assert.equal(new Set(server.all).size, server.all.length);
});

test("whoever withdraws hears that it is out when no crash can bring it back", async () => {
  // It was told before it was kept: killed in that moment, the next run of the program sent it.
  const disk = new HandDisk();
  const server = new Server();
  const program = await Program.start(disk, server);
  const outcome = program.send("one");
  await disk.write();
  const [{ id } = assert.fail("it is there")] = program.outbox.unsent;
  const told: unknown[] = [];
  const withdrawn = program.outbox.withdraw(id);
  void withdrawn.then((isOut) => told.push(isOut));
  void outcome.then((code) => told.push(code));
  assert.deepEqual(program.outbox.unsent, []);
  await turn();
  assert.deepEqual(told, []);
  await disk.write();
  assert.deepEqual(new Set(told), new Set(["aborted", true]));
  const next = await Program.start(disk, server);
  assert.deepEqual(next.outbox.unsent, []);
});

test("what is given up while the store fails may go out with the next run, and its writer hears so", async () => {
  const disk = new HandDisk();
  const program = await Program.start(disk, new Server());
  const outcome = program.send("one");
  await disk.write();
  const [{ id } = assert.fail("it is there")] = program.outbox.unsent;
  disk.isFull = true;
  const withdrawn = assert.rejects(program.outbox.withdraw(id), { code: "store" });
  await disk.write();
  await withdrawn;
  assert.equal(await outcome, "outcome-unknown");
});

test("letting go of what is accepted writes what still waits a few times, not once for each", async () => {
  // Each answer wrote the whole outbox: 20,000 sends without a wait took seconds.
  const disk = new HandDisk();
  const program = await Program.start(disk, new Server());
  const outcomes = Array.from({ length: 1000 }, (_, at) => program.send(`${at}`));
  await disk.write();
  program.connect();
  await disk.write();
  disk.writes = 0;
  for (let i = 0; i < 1000; i += 1) {
    program.reply(1);
    await disk.write();
  }
  assert.ok((await Promise.all(outcomes)).every((outcome) => outcome === "sent"));
  assert.ok(disk.writes <= 11, `${disk.writes} writes`);
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

test("what is written into an older copy of a store is sent, though its numbers are used", async () => {
  // It was taken for what had had its number before, and told as sent.
  const disk = new HandDisk();
  const server = new Server();
  const first = await Program.start(disk, server);
  first.connect();
  void first.send("one");
  await disk.write();
  first.reply();
  await disk.write();
  const older = disk.kept;
  void first.send("two");
  await disk.write();
  disk.kept = older;
  const again = await Program.start(disk, server);
  const outcome = again.send("three");
  await disk.write();
  again.connect();
  await disk.write();
  await disk.write();
  again.reply();
  assert.equal(await outcome, "sent");
  assert.deepEqual(server.all, ["one", "two", "three"]);
});

test("nothing is told to be known before anything is", async () => {
  // A write that was under way when the first refusal came had the client say `done` of number 0, which no server takes.
  const disk = new HandDisk();
  const program = await Program.start(disk, new Server());
  program.connect();
  void program.send("one");
  await disk.write();
  void program.send("two");
  await turn();
  program.outbox.refused(1, { code: "blocked", text: "no" });
  await disk.write();
  assert.deepEqual(program.done, []);
  await disk.write();
  assert.deepEqual(program.done, [1]);
});

test("what is decided when the outbox is found to be forgotten is not told again", async () => {
  // The connection was cut between two answers, and the server put back to before them: what it had taken was
  // told to be refused after its writer had heard that it was sent.
  const disk = new HandDisk();
  const server = new Server();
  const program = await Program.start(disk, server);
  program.connect();
  void program.send("one");
  await disk.write();
  program.reply();
  const unknown = program.send("two");
  const sent = program.send("three");
  await disk.write();
  // What is accepted is told before what the same commit has refused.
  program.outbox.accepted(3, { seqs: { bob: 3 }, at: 1 });
  program.cut();
  server.outboxes.clear();
  program.connect();
  assert.equal(await sent, "sent");
  assert.equal(await unknown, "outbox-expired");
  assert.deepEqual(
    program.settled.map(({ id, outcome }) => `${id} ${outcome}`),
    ["1 sent", "3 sent", "2 refused"],
  );
});

function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "Timeout").length;
}

test("an outbox that is closed while the store fails keeps no program from ending", async () => {
  // The store was to be tried again a second later, and the program stayed for that.
  const disk = new HandDisk();
  const program = await Program.start(disk, new Server());
  program.connect();
  disk.isFull = true;
  const before = timers();
  const unkept = program.send("one");
  await disk.write();
  assert.equal(await unkept, "store");
  assert.equal(timers(), before + 1);
  program.outbox.close(new LineError("closed", "it was closed"));
  assert.equal(timers(), before);
});

test("nothing goes with a new outbox before that is kept", async () => {
  const disk = new HandDisk();
  const server = new Server();
  const program = await Program.start(disk, server);
  program.connect();
  void program.send("one");
  await disk.write();
  program.reply();
  await disk.write();
  void program.send("two");
  await turn();
  // Cut while it is written: it is kept in its place, and was not transmitted.
  program.cut();
  await disk.write();
  server.outboxes.clear();
  program.connect();
  assert.equal(program.expired, 1);
  program.connect();
  assert.deepEqual(server.all, []);
  await disk.write();
  await disk.write();
  assert.deepEqual(server.all, ["two"]);
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
  const former = program.outbox.id;
  server.outboxes.clear();
  program.connect();
  assert.equal(program.expired, 1);
  assert.equal(await unknown, "outbox-expired");
  assert.notEqual(program.outbox.id, former);
  program.connect();
  await disk.write();
  await disk.write();
  assert.deepEqual(server.all, ["three"]);
});

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant("send" as const) },
  { weight: 2, arbitrary: fc.constant("send refused" as const) },
  { weight: 5, arbitrary: fc.constant("write" as const) },
  { weight: 2, arbitrary: fc.constant("connect" as const) },
  { weight: 2, arbitrary: fc.constant("reply" as const) },
  { weight: 1, arbitrary: fc.constant("dead" as const) },
  { weight: 1, arbitrary: fc.constant("cut" as const) },
  { weight: 2, arbitrary: fc.constant("withdraw" as const) },
  { weight: 1, arbitrary: fc.constant("full" as const) },
  { weight: 2, arbitrary: fc.constant("crash" as const) },
);

test("whatever is withdrawn, cut or crashes, and whenever: once or never", async (t) => {
  const seed = Number(process.env["PARTYLINE_SEED"] ?? Date.now() % 2 ** 31);
  t.diagnostic(`PARTYLINE_SEED=${seed}`);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const property = fc.asyncProperty(
    fc.array(step, { maxLength: 40, size: "max" }),
    async (steps) => {
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
          case "send":
          case "send refused": {
            const body = `${what === "send" ? "body" : "no"} ${(bodies += 1)}`;
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
            const some = program.outbox.unsent.filter(({ isTransmitted }) => !isTransmitted);
            const one = some[index % Math.max(1, some.length)];
            if (one === undefined) break;
            const taken = program.outbox.withdraw(one.id);
            taken.then(
              (isOut) => isOut && withdrawn.push(one.body),
              () => {},
            );
            break;
          }
          case "full":
            disk.isFull = !disk.isFull;
            break;
          case "crash":
            program.check();
            program.cut();
            isOnline = false;
            program = await Program.start(disk, server);
        }
        await turn();
      }
      disk.isFull = false;
      const left = program.outbox.unsent.map(({ body }) => body);
      if (!isOnline) program.connect();
      for (
        let i = 0, after = 0;
        after < 4;
        i += 1, after = program.outbox.count > 0 ? 0 : after + 1
      ) {
        assert.ok(i < 200, "everything is decided in the end");
        await disk.write();
        program.reply();
        t.mock.timers.tick(KEEP_AGAIN);
      }
      await turn();
      program.check();
      for (const { refused } of server.outboxes.values()) assert.deepEqual(refused, []);
      const { all } = server;
      assert.equal(new Set(all).size, all.length, "nothing is there twice");
      for (const body of [...sent, ...left]) {
        assert.equal(
          all.includes(body),
          !body.startsWith("no"),
          `${body} is there, if not refused`,
        );
      }
      for (const body of withdrawn) assert.ok(!all.includes(body), `${body} was withdrawn`);
      for (const body of unkept) assert.ok(!left.includes(body), `${body} was not kept`);
    },
  );
  await fc.assert(property, { seed, numRuns: Number(process.env["PARTYLINE_RUNS"] ?? 2000) });
});

test("that refusals are known is told again where it was lost with a connection", async () => {
  const disk = new HandDisk();
  const program = await Program.start(disk, new Server());
  program.connect();
  void program.send("no 1");
  await disk.write();
  program.reply();
  program.isDead = true;
  await disk.write();
  await disk.write();
  program.cut();
  program.connect();
  await disk.write();
  assert.deepEqual(program.server.of(program.outbox.id).refused, []);
});
