// What a commit to this disk costs at least: the time to make 8 KiB durable, measured in the same run.

import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import type { Percentiles } from "./load/job.ts";
import { percentilesOf } from "./load/percentiles.ts";

const WRITE_BYTES = 8 * 1024;

/** As SQLite's log does at its default checkpoint: the file grows to 4 MB, then its beginning is written again. */
const FILE_BYTES = 4 * 1024 * 1024;

/** A disk that is very slow is measured with fewer samples, not for longer. */
const LIMIT_MS = 5000;

/** All samples of this run, in microseconds. */
export class FsyncSamples {
  readonly #folder: string;
  readonly #samples: number[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  async measure(count: number): Promise<void> {
    const path = join(this.#folder, "fsync-probe");
    const file = openSync(path, "w");
    const data = Buffer.alloc(WRITE_BYTES, "x");
    const end = performance.now() + LIMIT_MS;
    try {
      for (let index = 0; index < count && performance.now() < end; index += 1) {
        const start = performance.now();
        writeSync(file, data, 0, WRITE_BYTES, (index * WRITE_BYTES) % FILE_BYTES);
        fdatasyncSync(file);
        this.#samples.push((performance.now() - start) * 1000);
        await turn();
      }
    } finally {
      closeSync(file);
      rmSync(path, { force: true });
    }
  }

  get percentiles(): Percentiles {
    return percentilesOf(this.#samples);
  }
}
