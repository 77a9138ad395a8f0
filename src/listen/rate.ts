// How fast one peer may send: a bucket that fills with time. Over the rate a reader waits; nobody
// is cut for it.

export class Rate {
  readonly #perSecond: number;
  #tokens: number;
  #at: number;

  /** @param perSecond messages; they may come all at once, then the next ones wait */
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#at = now;
  }

  /** Messages that may be sent now. */
  allowance(now: number): number {
    this.#tokens = Math.min(
      this.#perSecond,
      this.#tokens + (Math.max(0, now - this.#at) * this.#perSecond) / 1000,
    );
    this.#at = now;
    return Math.floor(this.#tokens);
  }

  spend(messages: number): void {
    this.#tokens -= messages;
  }

  /** Milliseconds until one message may be sent. */
  get wait(): number {
    return Math.max(1, Math.ceil(((1 - this.#tokens) * 1000) / this.#perSecond));
  }
}
