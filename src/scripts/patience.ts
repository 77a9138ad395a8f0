// What ends a run of `partyline send` before everything is durable: a signal, a wait that is too long, or a line
// that has ended.

export class Patience {
  /** Aborted when it is over. The reason is a text. */
  readonly signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #timeout: number;

  /**
   * @param timeout in ms; 0 is as long as it takes
   * @param signal ends it; the reason is the name of a signal of the system
   */
  constructor(timeout: number, signal: AbortSignal) {
    this.#timeout = timeout;
    this.signal = this.#over.signal;
    const end = (): void => this.end(`ended by ${String(signal.reason)}`);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** Something begins that may take as long as that. @returns what to call when it is done */
  begin(): () => void {
    if (this.#timeout === 0) return () => {};
    const text = `given up after ${this.#timeout / 1000} s`;
    const timer = setTimeout(() => this.end(text), this.#timeout);
    return () => clearTimeout(timer);
  }

  end(why: string): void {
    this.#over.abort(why);
  }

  /** @throws why it was over before that was done */
  async wait<T>(promise: Promise<T>): Promise<T> {
    const { promise: over, reject } = Promise.withResolvers<never>();
    const abort = (): void => reject(new Error(String(this.signal.reason)));
    if (this.isOver) abort();
    this.signal.addEventListener("abort", abort, { once: true });
    return await Promise.race([promise, over]).finally(() => {
      this.signal.removeEventListener("abort", abort);
    });
  }
}
