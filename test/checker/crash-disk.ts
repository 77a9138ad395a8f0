// A store as a disk is one: what is written takes its time, may fail, and a crash in the middle of it leaves
// the former or the new one.

import type { Store, Stored } from "../../src/client/index.ts";
import type { Random } from "../harness/chaos-proxy.ts";

/** A write takes at most so long, in ms. */
const SLOWEST = 12;
/** How often one fails. */
const FAILS = 0.003;

export class CrashDisk {
  /** Whether writes fail. */
  isRough = false;
  readonly #random: Random;
  /** Written out: a store keeps what it was given, and not what becomes of it. */
  #kept: string | undefined;
  #writing: { readonly text: string; readonly fail: () => void } | undefined;
  #run = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** For the next run of the program. */
  store(): Store {
    const run = ++this.#run;
    return {
      open: () =>
        Promise.resolve(this.#kept === undefined ? undefined : (JSON.parse(this.#kept) as Stored)),
      write: (stored) => (run === this.#run ? this.#write(stored) : Promise.reject(dead())),
      close: () => Promise.resolve(),
    };
  }

  /** The program dies, wherever it is. */
  crash(): void {
    this.#run += 1;
    const writing = this.#writing;
    this.#writing = undefined;
    if (writing === undefined) return;
    if (this.#random() < 0.5) this.#kept = writing.text;
    writing.fail();
  }

  #write(stored: Stored): Promise<void> {
    const text = JSON.stringify(stored);
    const isFailing = this.isRough && this.#random() < FAILS;
    const time = Math.floor(this.#random() * (SLOWEST + 1));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#writing = undefined;
        if (isFailing) return reject(new Error("the disk had no room"));
        this.#kept = text;
        resolve();
      }, time);
      const fail = (): void => {
        clearTimeout(timer);
        reject(dead());
      };
      // One that fails leaves nothing, also in a crash.
      this.#writing = { text: isFailing ? (this.#kept ?? text) : text, fail };
    });
  }
}

function dead(): Error {
  return new Error("its program is dead");
}
