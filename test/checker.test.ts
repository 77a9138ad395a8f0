// Exactly once, seen from outside: clients of the SDK in rooms and in pairs, through a proxy that cuts,
// resets, stalls and splits, with the server killed and started again every two seconds. Every send that
// resolved arrives once, in order, at everybody it is for; every refused one never; and nothing else.
//
//   PARTYLINE_CHECK_SECONDS=60 PARTYLINE_SEED=… node --test test/checker.test.ts

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import {
  connect,
  type Delivery,
  type Line,
  type LineError,
  memoryStore,
  type Store,
} from "../src/client/index.ts";
import { ChaosProxy, type Random, seeded } from "./harness/chaos-proxy.ts";
import { TestServer } from "./harness/server.ts";

const SECONDS = Number(process.env["PARTYLINE_CHECK_SECONDS"] ?? 10);
const SEED = Number(process.env["PARTYLINE_SEED"] ?? Date.now() % 2 ** 31);
const CLIENTS = 20;
const ROOMS = ["#one", "#two", "#three"] as const;
/** The server is killed so often, in ms. */
const KILL_EVERY = 2000;
/** How long everything may take to arrive once nothing goes wrong any more, in ms. */
const PATIENCE = 60_000;

interface Sent {
  readonly body: string;
  readonly from: string;
  readonly to: readonly string[];
  outcome: "resolved" | "refused" | "unknown" | undefined;
}

class Client {
  readonly name: string;
  readonly sent: Sent[] = [];
  /** Bodies with where they came, in the order in which they came. */
  readonly got: string[] = [];
  readonly rooms = new Set<string>();
  readonly #store: Store = memoryStore();
  readonly #url: string;
  line: Line;

  constructor(name: string, url: string) {
    this.name = name;
    this.#url = url;
    this.line = this.#open();
  }

  send(to: readonly string[], what: string): void {
    const sent: Sent = {
      body: `${this.name} ${this.sent.length} ${what}`,
      from: this.name,
      to,
      outcome: undefined,
    };
    this.sent.push(sent);
    this.line.send(to, sent.body).then(
      () => (sent.outcome = "resolved"),
      (error: unknown) => {
        const { code } = error as LineError;
        sent.outcome = code === "outcome-unknown" || code === "closed" ? "unknown" : "refused";
      },
    );
  }

  /** The program ends, and another run of it goes on with what was kept. */
  async restart(): Promise<void> {
    await this.line.close();
    this.line = this.#open();
  }

  #open(): Line {
    const line = connect(this.#url, { name: this.name, store: this.#store });
    void this.#take(line);
    return line;
  }

  async #take(line: Line): Promise<void> {
    try {
      for await (const delivery of line.deliveries({ confirm: false })) {
        // Now and then it is slow, so that more comes than it has kept when something ends.
        if (delivery.seq % 50 === 0) await pause(delivery.seq % 30);
        // This run has ended: the next one is given it again.
        if (line.state.kind === "closed") return;
        this.#keep(line, delivery);
        // Kept and confirmed in one step: a run that ends has done both or neither.
        await line.confirm(delivery.seq);
      }
    } catch (error) {
      assert.fail(`${this.name}: ${String(error)}`);
    }
  }

  #keep(line: Line, delivery: Delivery): void {
    if (delivery.kind !== "message" || line.isMine(delivery)) return;
    this.got.push(`${delivery.to.startsWith("#") ? delivery.to : "me"} ${delivery.body}`);
  }
}

async function play(clients: readonly Client[], random: Random, until: number): Promise<void> {
  const one = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  while (Date.now() < until) {
    const client = one(clients);
    const what = random();
    if (what < 0.005) await client.restart();
    else if (what < 0.07) client.send(["#nowhere"], "refused");
    else if (what < 0.1) client.send([one(clients).name, "#nowhere"], "refused whole");
    else if (what < 0.5) client.send([one([...client.rooms])], "in a room");
    else if (what < 0.6) client.send([one(clients).name, one([...client.rooms])], "by two ways");
    else client.send([one(clients).name], "directly");
    if (random() < 0.2) await pause(1);
  }
}

test(`exactly once: ${CLIENTS} clients, ${SECONDS} s, seed ${SEED}`, async (t) => {
  t.diagnostic(`PARTYLINE_SEED=${SEED}`);
  const random = seeded(SEED);
  let server = await TestServer.start(t);
  const proxy = await ChaosProxy.start(t, random, () => server.port);
  const clients = Array.from({ length: CLIENTS }, (_, i) => {
    const transport = i % 2 === 0 ? "partyline" : "ws";
    return new Client(`n${i}`, `${transport}://127.0.0.1:${proxy.port}`);
  });
  t.after(() => Promise.all(clients.map(({ line }) => line.close())));
  proxy.isWild = false;
  for (const [i, client] of clients.entries()) {
    for (const room of ROOMS.filter((_, j) => j === 0 || (i + j) % 2 === 0)) {
      await client.line.join(room);
      client.rooms.add(room);
    }
  }
  proxy.isWild = true;
  const end = Date.now() + SECONDS * 1000;
  let kills = 0;
  const killing = (async () => {
    while (Date.now() < end) {
      await pause(Math.min(KILL_EVERY, Math.max(0, end - Date.now())));
      await server.end("SIGKILL");
      kills += 1;
      server = await TestServer.start(t, { data: server.data, port: server.port });
    }
  })();
  await play(clients, random, end);
  await killing;
  proxy.isWild = false;
  const deadline = Date.now() + PATIENCE;
  const isDone = (): boolean =>
    clients.every(
      ({ sent, line }) =>
        line.unsent.length === 0 && sent.every(({ outcome }) => outcome !== undefined),
    );
  while (!isDone() && Date.now() < deadline) await pause(20);
  assert.ok(isDone(), "every send is decided");
  // What follows everything else has come after everything else.
  for (const client of clients) await client.line.send([client.name], "the end");
  while (!clients.every(hasEnded) && Date.now() < deadline) await pause(20);
  assert.ok(clients.every(hasEnded), "everything has come");
  const all = clients.flatMap(({ sent }) => sent);
  for (const client of clients) check(client, all);
  const count = (outcome: Sent["outcome"]): number =>
    all.filter((sent) => sent.outcome === outcome).length;
  t.diagnostic(
    `${kills} kills, ${JSON.stringify(proxy.deeds)}, ${count("resolved")} resolved, ${count("refused")} refused, ${count("unknown")} unknown`,
  );
  assert.ok(count("resolved") > 100 && count("refused") > 5, "something was tried");
});

function check(client: Client, all: readonly Sent[]): void {
  const got = client.got.slice(0, -1);
  assert.equal(new Set(got).size, got.length, `${client.name}: nothing comes twice: ${twice(got)}`);
  const due = new Set<string>();
  for (const { from, to, body, outcome } of all) {
    // One that was given up with its run is in the store of the next: it is decided all the same.
    const isRefused = to.includes("#nowhere");
    assert.notEqual(outcome, isRefused ? "resolved" : "refused", body);
    if (isRefused) continue;
    for (const one of to) {
      if (one === client.name) due.add(`me ${body}`);
      else if (client.rooms.has(one) && from !== client.name) due.add(`${one} ${body}`);
    }
  }
  for (const one of got)
    assert.ok(due.delete(one), `${client.name} got what is not for him: ${one}`);
  assert.deepEqual([...due], [], `${client.name} has not got everything`);
  const last = new Map<string, number>();
  for (const one of got) {
    const [, from = "", number] = one.split(" ");
    assert.ok(Number(number) >= (last.get(from) ?? -1), `${client.name}: out of order: ${one}`);
    last.set(from, Number(number));
  }
}

function twice(got: readonly string[]): string {
  const seen = new Set<string>();
  return got.find((one) => seen.size === seen.add(one).size) ?? "";
}

function hasEnded({ got }: Client): boolean {
  return got.at(-1) === "me the end";
}
