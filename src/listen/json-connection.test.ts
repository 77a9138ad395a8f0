// What a connection that speaks JSON does by itself, with a clock that goes on when the test says.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Accounts } from "../accounts/accounts.ts";
import type { Broker } from "../broker/broker.ts";
import { HandClock, settle } from "../broker/hand-clock.ts";
import type { Peer } from "../broker/peer.ts";
import type { FrameOwner, FrameTransport } from "./frames.ts";
import { JsonConnection } from "./json-connection.ts";
import { ListenFigures } from "./listen-figures.ts";
import { Pings } from "./pings.ts";

/** Carries frames nowhere. */
class KeptFrames implements FrameTransport {
  readonly written: string[] = [];
  unsent = 0;
  lastByteAt = 0;
  pings = 0;
  owner: FrameOwner | undefined;
  readonly #hasPing: boolean;

  constructor(hasPing: boolean) {
    this.#hasPing = hasPing;
  }

  start(owner: FrameOwner): void {
    this.owner = owner;
  }

  write(frames: string): void {
    this.written.push(frames);
  }

  ping(): boolean {
    if (this.#hasPing) this.pings += 1;
    return this.#hasPing;
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
  cut(): void {}
  probe(): void {}
}

const CLIENT = { address: "127.0.0.1", isLoopback: true, isSecure: false };

/** Logs in, then three quarters of a minute go by. */
async function quiet(frames: KeptFrames, login: object): Promise<readonly string[]> {
  const clock = new HandClock();
  const peer = { name: { shown: "alice", key: "alice" } } as Peer;
  const context = {
    clock,
    broker: {} as Broker,
    accounts: {
      logIn: () => Promise.resolve({ peer, log: "k3", head: 0, position: 0 }),
    } as unknown as Accounts,
    options: { maxRecipients: 1, maxRate: 0 },
    report: (_: string, what: unknown): void => assert.fail(String(what)),
    figures: new ListenFigures(),
    pings: new Pings(clock),
  };
  const connection = new JsonConnection(frames, CLIENT, 30_000, context);
  connection.frame(JSON.stringify(login));
  await settle();
  for (let seconds = 0; seconds < 45; seconds += 5) await clock.goOn(5000);
  const [welcome = "", ...after] = frames.written;
  assert.match(welcome, /^\{"welcome":/);
  return after;
}

test("a quiet client is asked in the way of its transport, where there is one", async () => {
  const frames = new KeptFrames(true);
  assert.deepEqual(await quiet(frames, { login: "alice", version: 1 }), []);
  assert.equal(frames.pings, 1);
});

test("elsewhere it is asked by a frame, if it said its version", async () => {
  const login = { login: "alice", version: 1 };
  assert.deepEqual(await quiet(new KeptFrames(false), login), ['{"ping":"?"}\n']);
  assert.deepEqual(await quiet(new KeptFrames(false), { login: "alice" }), []);
});

test("whoever reads slowly is not asked", async () => {
  const frames = new KeptFrames(true);
  frames.unsent = 1;
  assert.deepEqual(await quiet(frames, { login: "alice", version: 1 }), []);
  assert.equal(frames.pings, 0);
});
