// Makes commits durable: the write-ahead log is synced by us and not by SQLite, which calls fsync.
// Data alone, in a file that is long enough already, takes half the time.

import { Buffer } from "node:buffer";
import { closeSync, fdatasyncSync, fstatSync, openSync, writeSync } from "node:fs";

/** What a frame takes: a page of 4 KiB and its header, in bytes. */
const FRAME_BYTES = 4096 + 24;

/** The file is made this much longer, in bytes, when less than half of it is left. */
const AHEAD = 4 * 1024 * 1024;

const zeros = Buffer.alloc(AHEAD);

export class WalFile {
  readonly #file: number;
  #bytes: number;

  /** @param path of the database, which the caller has open and has read from: so the file exists */
  constructor(path: string) {
    this.#file = openSync(`${path}-wal`, "r+");
    this.#bytes = fstatSync(this.#file).size;
    this.lengthen(0);
  }

  /** Makes durable what was committed before. @throws the system's error: then nothing is known */
  sync(): void {
    fdatasyncSync(this.#file);
  }

  /**
   * Makes the file long enough for what comes next: a file that grows has its length to be synced
   * too. SQLite knows where its log ends by checksums, and does not mind what follows.
   * @param frames those that the log has
   */
  lengthen(frames: number): void {
    if (this.#bytes - frames * FRAME_BYTES > AHEAD / 2) return;
    const end = Math.max(fstatSync(this.#file).size, frames * FRAME_BYTES);
    try {
      this.#bytes = end + writeSync(this.#file, zeros, 0, AHEAD, end);
    } catch {
      // A full disk: then commits are slower, or fail and say so themselves.
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
