// Says that connections are turned away: once when it begins, and then once a minute how many they
// were, however many come.

import type { Clock } from "../broker/clock.ts";
import type { Report } from "../log/report.ts";

/** In ms. */
const EVERY = 60_000;

export class TurnedAway {
  readonly #clock: Pick<Clock, "after">;
  readonly #report: Report;
  #count = 0;
  #timer: { cancel(): void } | undefined;

  constructor(clock: Pick<Clock, "after">, report: Report) {
    this.#clock = clock;
    this.#report = report;
  }

  /** @param why a sentence on what to do about it */
  add(why: string): void {
    this.#count += 1;
    if (this.#timer !== undefined) return;
    this.#report("accept", `connections are turned away: ${why}`);
    this.#count = 0;
    this.#wait();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #wait(): void {
    this.#timer = this.#clock.after(EVERY, () => {
      this.#timer = undefined;
      if (this.#count === 0)
        return this.#report("accept", "no connection was turned away for a minute", "over");
      this.#report("accept", `${this.#count} more connections were turned away`);
      this.#count = 0;
      this.#wait();
    });
  }
}
