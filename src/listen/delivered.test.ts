// The end of a line connection where the system does not tell what arrived: a full close looks like a FIN,
// and only an error after a later write shows it.

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { HandClock } from "../broker/hand-clock.ts";
import { Delivered } from "./delivered.ts";
import type { LineWriter } from "./line-writer.ts";
import type { TcpWatch } from "./tcp-watch.ts";

const WAITING = "from bob: hi\n";

const WATCH = { supported: false, watch() {}, unwatch() {}, lookSoon() {} } as unknown as TcpWatch;

/** A client that has sent a FIN while something waited for it, and its writer. */
class World implements Pick<LineWriter, "handed" | "unsent" | "holdBack" | "write"> {
  readonly clock = new HandClock();
  readonly socket = { writable: true };
  readonly confirmed: number[] = [];
  written = "";
  isFinished = false;
  readonly delivered: Delivered;
  #waiting: string = WAITING;

  constructor() {
    this.delivered = new Delivered(
      this.socket as Socket,
      this as unknown as LineWriter,
      { clock: this.clock, watch: WATCH, options: { redeliveryWindow: 90_000 } },
      { confirm: (seq) => this.confirmed.push(seq), dead: assert.fail },
    );
    void this.delivered.finish(true).then(() => (this.isFinished = true));
  }

  get handed(): LineWriter["handed"] {
    return { bytes: this.written.length, seq: this.written === WAITING ? 7 : 0 };
  }

  get unsent(): number {
    return this.#waiting.length;
  }

  holdBack(): string {
    const last = this.#waiting.slice(-1);
    this.#waiting = this.#waiting.slice(0, -1);
    return last;
  }

  write(text: string): void {
    this.#waiting += text;
    this.flush();
  }

  /** The system takes what there is. */
  flush(): void {
    this.written += this.#waiting;
    this.#waiting = "";
    this.delivered.written();
  }
}

test("the last byte is held back, and when nobody objects to it all has arrived", async () => {
  const world = new World();
  world.flush();
  assert.equal(world.written, WAITING.slice(0, -1));
  await world.clock.goOn(999);
  assert.deepEqual([world.confirmed, world.isFinished], [[], false]);
  await world.clock.goOn(1);
  assert.equal(world.written, WAITING);
  assert.deepEqual([world.confirmed, world.isFinished], [[7], true]);
});

test("when the answer is an error nothing is confirmed", async () => {
  const world = new World();
  world.flush();
  world.socket.writable = false;
  world.delivered.closed();
  await world.clock.goOn(1000);
  assert.deepEqual([world.confirmed, world.isFinished], [[], true]);
});
