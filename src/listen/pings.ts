// Asks quiet JSON clients whether they are there, so that proxies keep the connection open, and a system that
// is silent shows (see `answering.ts`). Nobody is cut for not answering: slow is not dead.

import type { Clock } from "../broker/clock.ts";

/**
 * How long nothing may have come before a client is asked, in ms. Less than the minute after which proxies let go,
 * and more than the 40 s in which the system itself finds out that a silent host is gone: it asks nothing while
 * bytes of ours are on their way.
 */
const QUIET = 42_000;

/** How often it is looked, in ms. */
const LOOK_EVERY = 5000;

export interface Pinged {
  /** When something last came, in ms since 1970. */
  readonly lastByteAt: number;
  ping(): void;
}

export class Pings {
  readonly #clock: Clock;
  readonly #watched = new Map<Pinged, number>();
  #timer: { cancel(): void } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  watch(connection: Pinged): void {
    this.#watched.set(connection, this.#clock.now());
    this.#timer ??= this.#clock.after(LOOK_EVERY, () => this.#look());
  }

  unwatch(connection: Pinged): void {
    this.#watched.delete(connection);
    if (this.#watched.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #look(): void {
    const now = this.#clock.now();
    for (const [connection, asked] of this.#watched) {
      if (now - Math.max(asked, connection.lastByteAt) < QUIET) continue;
      this.#watched.set(connection, now);
      connection.ping();
    }
    this.#timer = this.#clock.after(LOOK_EVERY, () => this.#look());
  }
}
