// Reads follow the commits a little behind (see `IndexBuffer`): whoever reads as far as the head asks
// for the rest here, which is one question to the commit thread however many ask.

import { ChatError } from "../../protocol/errors.ts";

export class Indexing {
  readonly #index: () => Promise<number>;
  readonly #pause: () => Promise<void>;
  /** Reads are complete up to this seq. */
  #indexed = 0;
  #attempt: Promise<Error | undefined> | undefined;
  #pausing: Promise<void> | undefined;
  #isClosing = false;

  /**
   * @param index makes reads complete up to the head, which it gives
   * @param pause what to wait for after it failed: a full disk
   */
  constructor(index: () => Promise<number>, pause: () => Promise<void>) {
    this.#index = index;
    this.#pause = pause;
  }

  /** A commit has written the index up to here. */
  reached(indexed: number): void {
    this.#indexed = Math.max(this.#indexed, indexed);
  }

  /** From now on who cannot be served is told so, and does not wait. */
  close(): void {
    this.#isClosing = true;
  }

  /**
   * Waits until something above `after` can be read, on a healthy disk all up to `upTo`.
   * @returns up to where reads are complete, at most `upTo`
   * @throws ChatError `log-unavailable` when the log is closed before
   */
  async readable(after: number, upTo: number): Promise<number> {
    while (this.#indexed < upTo) {
      await this.#pausing;
      this.#attempt ??= this.#try().finally(() => (this.#attempt = undefined));
      const failure = await this.#attempt;
      if (failure === undefined) continue;
      if (this.#isClosing) throw new ChatError("log-unavailable", failure.message);
      if (this.#indexed > after) break;
    }
    return Math.min(this.#indexed, upTo);
  }

  async #try(): Promise<Error | undefined> {
    try {
      this.reached(await this.#index());
      return undefined;
    } catch (error) {
      this.#pausing ??= this.#pause().finally(() => (this.#pausing = undefined));
      return error as Error;
    }
  }
}
