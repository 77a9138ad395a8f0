// Seqs are reserved on disk in ranges before they are used, so that after any crash, also one that
// takes commits with it, numbering goes on above all that anyone has seen.

import type { DatabaseSync } from "node:sqlite";

/** Seqs reserved at a time. With 2^53 of them there is room for billions of crashes. */
const RANGE = 2 ** 20;

export class SeqReservation {
  readonly #database: DatabaseSync;
  readonly #sync: () => void;
  #next: number;
  #reserved: number;

  /**
   * @param head no seq up to this one is given
   * @param sync makes durable what was committed
   */
  constructor(database: DatabaseSync, head: number, sync: () => void) {
    this.#database = database;
    this.#sync = sync;
    const { reserved } = database.prepare("SELECT reserved FROM log").get() as { reserved: number };
    this.#reserved = reserved;
    this.#next = Math.max(reserved, head) + 1;
  }

  /** The seq that the next message gets. */
  get next(): number {
    return this.#next;
  }

  /** Makes sure that `count` seqs from the returned one on are reserved on disk. */
  reserve(count: number): number {
    if (count > 0 && this.#next + count - 1 > this.#reserved) {
      this.#write(this.#next + count - 1 + RANGE);
    }
    return this.#next;
  }

  /** Called when everything below `next` is committed. */
  used(next: number): void {
    this.#next = next;
  }

  release(): void {
    if (this.#reserved > this.#next - 1) this.#write(this.#next - 1);
  }

  #write(reserved: number): void {
    this.#database.prepare("UPDATE log SET reserved = ?").run(reserved);
    this.#sync();
    this.#reserved = reserved;
  }
}
