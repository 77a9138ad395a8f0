// Cursors on their way to the log.

import type { Clock } from "./clock.ts";
import type { PendingBatch } from "./pending-batch.ts";

/** How long cursors that moved collect, in ms. */
const CURSORS_EVERY = 250;

/**
 * Cursors collect for a moment, so that a thousand who acknowledge each message cost a thousand writes
 * now and then, and not with each message. What a crash takes with it comes again to those who keep
 * no cursor of their own.
 */
export class Cursors {
  readonly #clock: Clock;
  readonly #record: (add: (batch: PendingBatch) => void) => void;
  /** Confirmed, and not in a batch yet. */
  readonly #moved = new Map<string, number>();
  #timer: { cancel(): void } | undefined;

  constructor(clock: Clock, record: (add: (batch: PendingBatch) => void) => void) {
    this.#clock = clock;
    this.#record = record;
  }

  /** What has collected for a name; 0 for nothing. */
  of(key: string): number {
    return this.#moved.get(key) ?? 0;
  }

  move(key: string, cursor: number): void {
    this.#moved.set(key, Math.max(cursor, this.of(key)));
    this.#timer ??= this.#clock.after(CURSORS_EVERY, () => this.flush());
  }

  /** Gives what has collected to the batch. */
  flush(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#moved.size === 0) return;
    const moved = [...this.#moved];
    this.#moved.clear();
    this.#record((batch) => {
      for (const [key, cursor] of moved) batch.confirm(key, cursor);
    });
  }
}
