// For tests: a clock that goes on when the test says.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "./clock.ts";

/** What was begun is over: a cut takes one turn, and whom it wakes a few more promises. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await nextTurn();
}

export class HandClock implements Clock {
  #now = 0;
  #timers: { readonly at: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): { cancel(): void } {
    const timer = { at: this.#now + ms, callback };
    this.#timers.push(timer);
    return { cancel: () => (this.#timers = this.#timers.filter((other) => other !== timer)) };
  }

  soon(callback: () => void): void {
    setImmediate(callback);
  }

  async goOn(ms: number): Promise<void> {
    this.#now += ms;
    for (const timer of this.#timers.filter(({ at }) => at <= this.#now)) timer.callback();
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    await settle();
  }
}
