// Seqs are reserved on disk in ranges before they are used, so that after any crash, also one that
// takes commits with it, numbering goes on above all that anyone has seen. What is passed over when the log
// is opened is written down: whoever has seen a seq of that has seen another copy of the log.

import type { DatabaseSync } from "node:sqlite";

/** Seqs reserved at a time. With 2^53 of them there is room for billions of crashes. */
const RANGE = 2 ** 20;

/** Seqs that were never given. */
export interface Gap {
  readonly first: number;
  readonly last: number;
}

export class SeqReservation {
  readonly #database: DatabaseSync;
  readonly #sync: () => void;
  #next: number;
  #reserved: number;
  /** Not written down yet. */
  #gap: Gap | undefined;

  /**
   * @param gap is passed over
   * @param sync makes durable what was committed
   */
  constructor(database: DatabaseSync, gap: Gap | undefined, sync: () => void) {
    this.#database = database;
    this.#sync = sync;
    const { reserved } = database.prepare("SELECT reserved FROM log").get() as { reserved: number };
    this.#reserved = reserved;
    this.#next = Math.max(reserved, gap?.last ?? 0) + 1;
    this.#gap = gap;
  }

  /** The seq that the next message gets. */
  get next(): number {
    return this.#next;
  }

  /**
   * Makes sure that `count` seqs from the returned one on are reserved on disk, and those below: a cursor
   * may lie at the last of a gap.
   */
  reserve(count: number): number {
    const last = this.#next + count - 1;
    if (last > this.#reserved) this.#write(count === 0 ? last : last + RANGE);
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
    if (this.#gap !== undefined) {
      const { first, last } = this.#gap;
      this.#database
        .prepare("INSERT OR REPLACE INTO gaps (first, last) VALUES (?, ?)")
        .run(first, last);
    }
    this.#database.prepare("UPDATE log SET reserved = ?").run(reserved);
    this.#sync();
    this.#reserved = reserved;
    this.#gap = undefined;
  }
}
