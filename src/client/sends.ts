// What waits in an outbox, in order: numbers follow from places, ids rise. Taking from the front and looking
// something up cost the same whatever waits.

import type { StoredSend } from "./store.ts";

/** So many that are gone may stand before what waits: below, it is not worth moving it. */
const FEW = 64;

export class Sends {
  #sends: (StoredSend | undefined)[] = [];
  /** How many at the front are gone. */
  #gone = 0;
  #base = 1;

  /** The number of the first. */
  get base(): number {
    return this.#base;
  }

  /** The number that the next one gets. */
  get end(): number {
    return this.#base + this.length;
  }

  get length(): number {
    return this.#sends.length - this.#gone;
  }

  /** In order: a copy. */
  get all(): readonly StoredSend[] {
    return this.#sends.slice(this.#gone) as StoredSend[];
  }

  /** @param base the number of the first */
  reset(base: number, sends: readonly StoredSend[]): void {
    this.#base = base;
    this.#sends = [...sends];
    this.#gone = 0;
  }

  at(number: number): StoredSend | undefined {
    return number < this.#base ? undefined : this.#sends[this.#gone + number - this.#base];
  }

  /** The last one. */
  get last(): StoredSend | undefined {
    return this.at(this.end - 1);
  }

  /** The number of the first whose id is above one; of the end when there is none. */
  above(id: number): number {
    let low = this.#base;
    let high = this.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.at(middle) as StoredSend).id > id) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** @returns undefined when it is not there */
  numberOf(id: number): number | undefined {
    const number = this.above(id) - 1;
    return this.at(number)?.id === id ? number : undefined;
  }

  push(send: StoredSend): void {
    this.#sends.push(send);
  }

  /** Takes one out: those after it have other numbers then. */
  remove(number: number): void {
    this.#sends.splice(this.#gone + number - this.#base, 1);
  }

  /** Takes the first ones: the others keep their numbers. */
  shift(count: number): void {
    this.#sends.fill(undefined, this.#gone, this.#gone + count);
    this.#gone += count;
    this.#base += count;
    if (this.#gone < FEW || this.#gone < this.#sends.length / 2) return;
    this.#sends = this.#sends.slice(this.#gone);
    this.#gone = 0;
  }
}
