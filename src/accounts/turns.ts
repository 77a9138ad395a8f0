// Whose password is hashed next: one at a time, and those who try many wait behind all others.

import type { Clock } from "../broker/clock.ts";
import { ChatError } from "../protocol/errors.ts";

/** Tries that wait; with more the one that would come last is `busy`. */
const MOST_WAITING = 50;

/**
 * After a try that was not right nothing is hashed for so many times as long as it took, so that trying takes
 * a fifth of one core; and never for longer than this, in ms, since a clock may be set meanwhile.
 */
const REST = 4;
const LONGEST_REST = 2000;

/** Addresses of which something is remembered, either way; the oldest are forgotten first. */
const REMEMBERED = 20_000;

interface Waiting {
  readonly address: string | undefined;
  /** The lowest is next; of several the first. */
  readonly rank: number;
  begin(): void;
  refuse(error: ChatError): void;
}

/** Ends a turn. `wasRight`: what came from the address was right, and nobody need wait for it. */
export type EndTurn = (wasRight: boolean) => void;

export class Turns {
  readonly #clock: Pick<Clock, "now" | "after">;
  /** In the order in which they came. */
  #waiting: Waiting[] = [];
  #isTaken = false;
  /** How often an address has tried since it was right, the tries that wait included. */
  readonly #tries = new Map<string, number>();
  /** The addresses that were right once. */
  readonly #known = new Map<string, true>();

  constructor(clock: Pick<Clock, "now" | "after">) {
    this.#clock = clock;
  }

  /**
   * Resolves when it is the turn of an address.
   * @param address undefined for who has shown already that he may: he is next
   * @returns what must be called when the turn is over
   * @throws ChatError `busy`, also after a while when others come who are before it
   */
  next(address: string | undefined): Promise<EndTurn> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        const began = this.#clock.now();
        resolve((wasRight) => this.#ended(address, wasRight, this.#clock.now() - began));
      };
      this.#waiting.push({ address, rank: this.#rank(address), begin, refuse: reject });
      this.#count(address, 1);
      if (!this.#isTaken) this.#beginNext();
      else if (this.#waiting.length > MOST_WAITING) this.#refuseLast();
    });
  }

  /** What an address tries first is before what others try again, and one that is known is before others. */
  #rank(address: string | undefined): number {
    if (address === undefined) return -1;
    return (this.#tries.get(address) ?? 0) + (this.#known.has(address) ? 0 : 1);
  }

  #beginNext(): void {
    const lowest = Math.min(...this.#waiting.map(({ rank }) => rank));
    const next = this.#waiting.find(({ rank }) => rank === lowest);
    this.#isTaken = next !== undefined;
    if (next === undefined) return;
    this.#remove(next);
    next.begin();
  }

  #refuseLast(): void {
    const highest = Math.max(...this.#waiting.map(({ rank }) => rank));
    const last = this.#waiting.findLast(({ rank }) => rank === highest);
    if (last === undefined) return;
    this.#remove(last);
    // Nobody has looked at it: it does not count.
    this.#count(last.address, -1);
    const text = "too many passwords are being checked: try again in a moment";
    last.refuse(new ChatError("busy", text));
  }

  #ended(address: string | undefined, wasRight: boolean, took: number): void {
    if (!wasRight) {
      this.#clock.after(Math.min(REST * took, LONGEST_REST), () => this.#beginNext());
      return;
    }
    if (address !== undefined) {
      const left = this.#waiting.filter((other) => other.address === address).length;
      this.#count(address, left - (this.#tries.get(address) ?? 0));
      remember(this.#known, address, true);
    }
    this.#beginNext();
  }

  #count(address: string | undefined, more: number): void {
    if (address === undefined) return;
    const tries = (this.#tries.get(address) ?? 0) + more;
    if (tries > 0) remember(this.#tries, address, tries);
    else this.#tries.delete(address);
  }

  #remove(waiting: Waiting): void {
    this.#waiting = this.#waiting.filter((other) => other !== waiting);
  }
}

/** What is remembered last is forgotten last. */
function remember<V>(all: Map<string, V>, address: string, value: V): void {
  all.delete(address);
  all.set(address, value);
  for (const oldest of all.keys()) {
    if (all.size <= REMEMBERED) return;
    all.delete(oldest);
  }
}
