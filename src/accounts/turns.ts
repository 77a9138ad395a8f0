// Whose password is hashed next: one at a time, and those who try many wait behind all others. Whoever was sent
// away keeps his place for when he comes again, so that those who come once from ever new addresses wait behind him.

import type { Clock } from "../broker/clock.ts";
import { ChatError } from "../protocol/errors.ts";

/** Tries that wait; with more the one that would come last is `busy`. */
const MOST_WAITING = 50;

/**
 * After a try that was not right nothing is hashed for so many times as long as it took of a core, so that trying
 * takes a fifth of one.
 */
const REST = 4;

/** Addresses of which something is remembered, either way; the oldest are forgotten first. */
const REMEMBERED = 20_000;

/** Who asks for a turn. */
export interface Asker {
  readonly address: string;
  /** Whether nobody waits for the answer any more. */
  isGone(): boolean;
}

interface Waiting {
  /** Undefined for who has shown already that he may. */
  readonly asker: Asker | undefined;
  /** The lowest is next. */
  readonly rank: number;
  /** Of several of one rank the lowest: that is who was the first to ask, here or before he was sent away. */
  readonly since: number;
  begin(): void;
  refuse(error: ChatError): void;
}

/**
 * Ends a turn.
 * @param wasRight what came from the address was right, and nobody need wait for it
 * @param took of a core, in ms
 */
export type EndTurn = (wasRight: boolean, took: number) => void;

export class Turns {
  readonly #clock: Pick<Clock, "after">;
  #waiting: Waiting[] = [];
  #isTaken = false;
  /** How often an address has tried since it was right, the tries that wait included. */
  readonly #tries = new Map<string, number>();
  /** The addresses that were right once. */
  readonly #known = new Map<string, true>();
  /** Which place an address has that has asked since its last turn: the lower, the longer ago. */
  readonly #since = new Map<string, number>();
  #asked = 0;

  constructor(clock: Pick<Clock, "after">) {
    this.#clock = clock;
  }

  /**
   * Resolves when it is the turn of an address.
   * @param asker undefined for who has shown already that he may: he is next
   * @returns what must be called when the turn is over
   * @throws ChatError `busy`, also after a while when others come who are before it
   */
  next(asker: Asker | undefined): Promise<EndTurn> {
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        resolve((wasRight, took) => this.#ended(asker?.address, wasRight, took));
      };
      const place = { rank: this.#rank(asker?.address), since: this.#place(asker?.address) };
      this.#waiting.push({ asker, ...place, begin, refuse: reject });
      this.#count(asker?.address, 1);
      if (!this.#isTaken) return this.#beginNext();
      if (this.#waiting.length > MOST_WAITING) this.#refuseGone();
      if (this.#waiting.length > MOST_WAITING) this.#refuseLast();
    });
  }

  /** What an address tries first is before what others try again, and one that is known is before others. */
  #rank(address: string | undefined): number {
    if (address === undefined) return -1;
    return (this.#tries.get(address) ?? 0) + (this.#known.has(address) ? 0 : 1);
  }

  #place(address: string | undefined): number {
    this.#asked += 1;
    if (address === undefined) return this.#asked;
    const since = this.#since.get(address) ?? this.#asked;
    remember(this.#since, address, since);
    return since;
  }

  #beginNext(): void {
    this.#refuseGone();
    const next = this.#waiting.toSorted(inTurn)[0];
    this.#isTaken = next !== undefined;
    if (next === undefined) return;
    this.#remove(next);
    if (next.asker !== undefined) this.#since.delete(next.asker.address);
    next.begin();
  }

  /** Whoever has hung up takes neither a turn nor a place from those who wait. */
  #refuseGone(): void {
    for (const waiting of this.#waiting) {
      if (waiting.asker?.isGone() === true) this.#refuse(waiting, "you have hung up");
    }
  }

  #refuseLast(): void {
    const last = this.#waiting.toSorted(inTurn).at(-1);
    if (last === undefined) return;
    this.#refuse(last, "too many passwords are being checked: try again in a moment");
  }

  #refuse(waiting: Waiting, text: string): void {
    this.#remove(waiting);
    // Nobody has looked at it: it does not count.
    this.#count(waiting.asker?.address, -1);
    waiting.refuse(new ChatError("busy", text));
  }

  #ended(address: string | undefined, wasRight: boolean, took: number): void {
    if (!wasRight) {
      this.#clock.after(REST * took, () => this.#beginNext());
      return;
    }
    if (address !== undefined) {
      const left = this.#waiting.filter(({ asker }) => asker?.address === address).length;
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

function inTurn(one: Waiting, other: Waiting): number {
  return one.rank - other.rank || one.since - other.since;
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
