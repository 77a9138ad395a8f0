// Seqs, when the power is cut between a reservation and its commit: none is given out a second time.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { SeqReservation } from "./seq-reservation.ts";

/** What a power cut leaves: what was written, as of the last sync. */
class Disk {
  readonly database = new DatabaseSync(":memory:");
  durable = 0;

  constructor() {
    this.database.exec("CREATE TABLE log (reserved INTEGER); INSERT INTO log VALUES (0);");
  }

  start(): SeqReservation {
    return new SeqReservation(this.database, undefined, () => (this.durable = this.#reserved));
  }

  cutPower(): SeqReservation {
    this.database.prepare("UPDATE log SET reserved = ?").run(this.durable);
    return this.start();
  }

  get #reserved(): number {
    return (this.database.prepare("SELECT reserved FROM log").get() as { reserved: number })
      .reserved;
  }
}

test("after a power cut numbering goes on above all that may have been seen", () => {
  const disk = new Disk();
  const seqs = disk.start();
  const first = seqs.reserve(3);
  assert.ok(disk.durable >= first + 2, "they are durable before anybody has them");
  seqs.used(first + 3);
  const second = seqs.reserve(2);
  assert.equal(second, first + 3);
  const next = disk.cutPower().reserve(1);
  assert.ok(next > second + 1, `${next} comes after ${second + 1}`);
});

test("a batch larger than what is reserved at a time has all of its seqs reserved", () => {
  const disk = new Disk();
  const count = 5_000_000;
  const first = disk.start().reserve(count);
  assert.ok(disk.durable >= first + count - 1);
});

test("after a clean end what was never used is used", () => {
  const disk = new Disk();
  const seqs = disk.start();
  seqs.used(seqs.reserve(3) + 3);
  seqs.release();
  assert.equal(disk.cutPower().reserve(1), 4);
});
