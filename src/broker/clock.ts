// Time, as the broker sees it: it has no clock of its own, so that tests can hold every order.

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls once after `ms` milliseconds, unless it is cancelled before. */
  after(ms: number, callback: () => void): { cancel(): void };
  /** Calls once, soon: after what else this turn of the event loop brings. */
  soon(callback: () => void): void;
}

export const systemClock: Clock = {
  now: Date.now,
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return { cancel: () => clearTimeout(timer) };
  },
  soon: (callback) => void setImmediate(callback),
};
