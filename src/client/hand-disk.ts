// For tests: what outlives a crash of a client, and is written when the test says.

import { setImmediate as turn } from "node:timers/promises";
import type { Store, Stored } from "./store.ts";

export class HandDisk {
  kept: Stored | undefined;
  isFull = false;
  writes = 0;
  #writing: { stored: Stored; done: () => void; failed: (error: Error) => void } | undefined;

  /** Of one run of the program. */
  store(): Store {
    this.#writing = undefined;
    return {
      open: () => Promise.resolve(this.kept),
      write: (stored) =>
        new Promise((done, failed) => {
          this.#writing = { stored, done, failed };
        }),
      close: () => Promise.resolve(),
    };
  }

  async write(): Promise<void> {
    await turn();
    const writing = this.#writing;
    this.#writing = undefined;
    if (writing === undefined) return;
    this.writes += 1;
    if (this.isFull) writing.failed(new Error("the disk is full"));
    else {
      this.kept = writing.stored;
      writing.done();
    }
    await turn();
  }
}
