// How long to wait before the next attempt: longer each time, and not the same for everybody, so that a
// thousand clients do not come back in the same moment.

/** In ms. */
const FIRST = 250;
const LONGEST = 30_000;

export class Backoff {
  #attempts = 0;
  readonly #random: () => number;

  /** @param random from 0 to 1 */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** In ms: between half of what it is about and all of it. */
  next(): number {
    const about = Math.min(LONGEST, FIRST * 2 ** this.#attempts);
    this.#attempts += 1;
    return Math.round(about * (0.5 + this.#random() / 2));
  }

  /** A connection was good. */
  reset(): void {
    this.#attempts = 0;
  }
}
