// Who listens to what a line tells.

import type { LineEvents } from "./line-options.ts";

export type Listener<E extends keyof LineEvents> = (event: LineEvents[E]) => void;

export class Listeners {
  readonly #listeners = new Map<keyof LineEvents, Set<Listener<never>>>();

  /** @returns a function that ends it */
  add<E extends keyof LineEvents>(event: E, listener: Listener<E>): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  tell<E extends keyof LineEvents>(event: E, value: LineEvents[E]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        (listener as Listener<E>)(value);
      } catch (error) {
        // A mistake of whoever listens, told as one of his, and not in the middle of our work.
        setTimeout(() => {
          throw error;
        });
      }
    }
  }
}
