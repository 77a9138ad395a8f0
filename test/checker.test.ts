// Exactly once, seen from outside: clients of the SDK in rooms and in pairs, through a proxy that cuts,
// resets, stalls and splits, with the server killed and started again every two seconds. Their programs die in
// the middle of a write, some are processes that are killed, some names have several devices; sends are given
// up and withdrawn; and clients without manners are among them. Every send that resolved arrives once, in
// order, at everybody it is for; every refused one never; and nothing else. `checker/rules.md` lists the rules
// without which it fails.
//
//   PARTYLINE_CHECK_SECONDS=60 PARTYLINE_SEED=… node --test test/checker.test.ts

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { connect } from "../src/client/index.ts";
import { Client, type Habit, type Party, TOO_LONG } from "./checker/client.ts";
import { CrashDisk } from "./checker/crash-disk.ts";
import { checkAll } from "./checker/due.ts";
import { type Place, placeElsewhere, placeHere } from "./checker/runs.ts";
import { Unruly } from "./checker/unruly.ts";
import { ChaosProxy, type Random, seeded } from "./harness/chaos-proxy.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

const SECONDS = Number(process.env["PARTYLINE_CHECK_SECONDS"] ?? 15);
const SEED = Number(process.env["PARTYLINE_SEED"] ?? Date.now() % 2 ** 31);
/** Open names with one device each; of the last ones the programs are processes. */
const OPEN_NAMES = 14;
const PROCESSES = 2;
/** Accounts, and the devices of each. */
const ACCOUNTS = ["acc0", "acc1"] as const;
const DEVICES = ["password", "token", "session"] as const;
const PASSWORD = "correct horse";
const ROOMS = ["#one", "#two", "#three"] as const;
const HABITS: readonly Habit[] = [1, 3, 20];
/** The server is killed so often, in ms. */
const KILL_EVERY = 2000;
/** How long everything may take to arrive once nothing goes wrong any more, in ms. */
const PATIENCE = 60_000;
const ARGS = ["--registration", "open"];

class World {
  readonly clients: Client[] = [];
  readonly unruly: Unruly[] = [];
  readonly failures: Error[] = [];
  readonly #t: TestContext;
  readonly #port: () => number;

  constructor(t: TestContext, port: () => number) {
    this.#t = t;
    this.#port = port;
  }

  get parties(): readonly Party[] {
    return [...this.clients, ...this.unruly];
  }

  /** Streams of their own: what one does does not change what another one has to do. */
  #random(): Random {
    return seeded(SEED + 1 + this.parties.length);
  }

  readonly #report = (error: Error): void => void this.failures.push(error);

  #add(name: string, device: string, place: Place): void {
    const habit = HABITS[this.clients.length % HABITS.length] as Habit;
    this.clients.push(new Client({ name, device }, place, habit, this.#report));
  }

  get #url(): string {
    const transport = this.clients.length % 2 === 0 ? "partyline" : "ws";
    return `${transport}://127.0.0.1:${this.#port()}`;
  }

  async fill(): Promise<void> {
    for (let i = 0; i < OPEN_NAMES; i++) {
      const name = `n${i}`;
      const isProcess = i >= OPEN_NAMES - PROCESSES;
      const place = isProcess
        ? placeElsewhere(this.#url, name, `${temporaryFolder(this.#t)}/store`)
        : placeHere(this.#url, { name }, new CrashDisk(this.#random()));
      this.#add(name, name, place);
    }
    for (const name of ACCOUNTS) {
      await using first = connect(this.#url, { name, password: PASSWORD, register: true });
      const token = await first.makeToken("bot");
      for (const device of DEVICES) {
        const proof = device === "token" ? { token } : { password: PASSWORD };
        const place = placeHere(this.#url, { name, ...proof }, new CrashDisk(this.#random()));
        this.#add(name, `${name}.${device}`, place);
      }
    }
    const account = { password: PASSWORD, register: true };
    for (const [name, proof] of [
      ["un0", {}],
      ["un1", account],
    ] as const) {
      this.unruly.push(new Unruly(name, proof, this.#port, this.#random(), this.#report));
    }
  }

  /** Everybody is in his rooms, and has kept where he begins. */
  async settle(): Promise<void> {
    for (const client of this.clients) client.start();
    for (const one of this.unruly) one.connect();
    for (const [i, client] of this.clients.entries()) {
      for (const room of roomsOf(i)) client.join(room);
    }
    await this.until("is welcome", this.unruly, ({ isWelcome }) => isWelcome);
    await this.until("is in all rooms", this.clients, (client) =>
      roomsOf(this.clients.indexOf(client)).every((room) => client.rooms.has(room)),
    );
    for (const one of this.unruly) one.join("#one");
    for (const name of ACCOUNTS) {
      const devices = this.clients.filter((client) => client.name === name);
      const rooms = devices.flatMap((client) => [...client.rooms]);
      for (const device of devices) for (const room of rooms) device.rooms.add(room);
    }
    for (const client of this.clients) client.send([client.name], "begins");
    for (const one of this.unruly) one.send([one.name], "begins");
    await this.until("has begun", this.parties, hasGot("begins"));
  }

  /** Waits until something holds of all of them, and nothing has gone wrong. */
  async until<P extends Party>(
    what: string,
    parties: readonly P[],
    holds: (party: P) => boolean,
  ): Promise<void> {
    const deadline = Date.now() + PATIENCE;
    while (!parties.every(holds) && Date.now() < deadline) {
      this.check();
      await pause(20);
    }
    const missing = parties.filter((party) => !holds(party)).map(({ device }) => device);
    assert.deepEqual(missing, [], `everybody ${what}`);
  }

  check(): void {
    for (const error of this.failures) throw error;
  }
}

/** All are in the first one; of an account each device brings those of the others. */
function roomsOf(index: number): readonly string[] {
  return ROOMS.filter((_, j) => j === 0 || (index + j) % 2 === 0);
}

function hasGot(what: string): (party: Party) => boolean {
  return ({ name, device, got }) =>
    got.some(({ text }) => text.startsWith(`${name} ${device} `) && text.endsWith(what));
}

async function play({ clients, unruly, failures, parties }: World, random: Random, end: number) {
  const one = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const names = [...new Set(parties.map(({ name }) => name)), "nobody"];
  while (Date.now() < end && failures.length === 0) {
    const client = one(clients);
    const what = random();
    const patience = random() < 0.05 ? Math.floor(random() * 40) : undefined;
    if (what < 0.01) client.restart(random() < 0.8 ? "die" : "close");
    else if (what < 0.03) client.withdraw();
    else if (what < 0.09) client.send(["#nowhere"], "refused", patience);
    else if (what < 0.12) client.send([one(names), "#nowhere"], "refused whole");
    else if (what < 0.13) client.send([one(names)], "with a bell\u0007");
    else if (what < 0.132) client.send([one(names)], "too long".padEnd(TOO_LONG + 1));
    else if (what < 0.5) client.send([one([...client.rooms])], "in a room", patience);
    else if (what < 0.6) client.send([one(names), one([...client.rooms])], "by two ways");
    else if (what < 0.9) client.send([one(names)], "directly", patience);
    else if (what < 0.96) one(unruly).misbehave();
    else if (what < 0.98) one(unruly).acknowledge();
    else if (what < 0.982) one(unruly).send([one(names), "#nowhere"], "refused");
    else one(unruly).send([one(names), "#one"], "unruly, and well");
    if (random() < 0.2) await pause(1);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

test(`exactly once: ${SECONDS} s, seed ${SEED}`, async (t) => {
  t.diagnostic(`PARTYLINE_SEED=${SEED}`);
  let server = await TestServer.start(t, { args: ARGS });
  const proxy = await ChaosProxy.start(t, seeded(SEED), () => server.port);
  proxy.isWild = false;
  const world = new World(t, () => proxy.port);
  const { clients, unruly } = world;
  t.after(async () => {
    for (const one of unruly) one.end();
    await Promise.all(clients.map((client) => client.end()));
  });
  await world.fill();
  await world.settle();
  proxy.isWild = true;
  for (const client of clients) client.isRough = true;
  const end = Date.now() + SECONDS * 1000;
  let kills = 0;
  const killing = (async () => {
    while (Date.now() < end && world.failures.length === 0) {
      await pause(Math.min(KILL_EVERY, Math.max(0, end - Date.now())));
      await server.end("SIGKILL");
      kills += 1;
      server = await TestServer.start(t, { data: server.data, port: server.port, args: ARGS });
    }
  })();
  await Promise.all([play(world, seeded(SEED), end), killing]);
  proxy.isWild = false;
  world.check();
  for (const client of clients) client.isRough = false;
  await world.until("knows what became of each send", clients, ({ sent }) =>
    sent.every(({ outcome }) => outcome !== undefined),
  );
  await world.until("knows it", unruly, ({ isDecided }) => isDecided);
  // What an outbox holds goes in order: with this also those are decided that were given up.
  const said = new Map(
    clients.map((client) => [client, client.send([client.name], "has said all")]),
  );
  await world.until("has said all", clients, (client) => said.get(client)?.outcome === "sent");
  for (const client of clients) client.send([client.name], "the end");
  for (const one of unruly) one.send([one.name], "the end");
  await world.until("has got everything", world.parties, hasGot("the end"));
  checkAll(world.parties);
  const all = world.parties.flatMap(({ sent }) => sent);
  const count = (outcome: string): number => all.filter((sent) => sent.outcome === outcome).length;
  t.diagnostic(
    `${kills} kills, ${JSON.stringify(proxy.deeds)}, ${sum(clients.map(({ ends }) => ends.died))} programs died, ` +
      `${sum(unruly.map(({ misdeeds }) => misdeeds))} misdeeds, ` +
      ["sent", "refused", "gone", "perhaps"].map((what) => `${count(what)} ${what}`).join(", "),
  );
  assert.ok(count("sent") > 100 && count("refused") > 5, "something was tried");
});
