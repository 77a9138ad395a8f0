// How many passwords may be tried: from one address, and from one address with one name. Counted before
// anything is hashed.

import type { Clock } from "../broker/clock.ts";
import { ChatError } from "../protocol/errors.ts";

/** Wrong ones in a row, and after these one more each so many ms. */
const FOR_NAME = { burst: 10, every: 6000 };
const FOR_ADDRESS = { burst: 100, every: 600 };

/** Addresses and names that are remembered; the oldest are forgotten first. */
const REMEMBERED = 20_000;

export class Attempts {
  readonly #clock: Pick<Clock, "now">;
  /** When all that was tried will be made good for, in ms since 1970: what is full is not there. */
  readonly #until = new Map<string, number>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Counts one that is about to be checked. @throws ChatError `too-many-attempts` */
  take(address: string, key: string): void {
    this.#check(address, FOR_ADDRESS);
    this.#check(`${address} ${key}`, FOR_NAME);
    this.#add(address, FOR_ADDRESS.every);
    this.#add(`${address} ${key}`, FOR_NAME.every);
  }

  /** It was right: it does not count. */
  giveBack(address: string, key: string): void {
    this.#add(address, -FOR_ADDRESS.every);
    this.#add(`${address} ${key}`, -FOR_NAME.every);
  }

  #check(what: string, { burst, every }: typeof FOR_NAME): void {
    const until = this.#until.get(what) ?? 0;
    const ahead = until - this.#clock.now();
    if (ahead <= (burst - 1) * every) return;
    const wait = Math.ceil((ahead - (burst - 1) * every) / 1000);
    throw new ChatError("too-many-attempts", `too many wrong passwords: try again in ${wait} s`);
  }

  #add(what: string, every: number): void {
    const now = this.#clock.now();
    const until = Math.max(now, this.#until.get(what) ?? 0) + every;
    this.#until.delete(what);
    this.#until.set(what, until);
    for (const [oldest, over] of this.#until) {
      if (over > now && this.#until.size <= REMEMBERED) break;
      this.#until.delete(oldest);
    }
  }
}
