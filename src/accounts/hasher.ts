// Hashes passwords in a thread of its own, away from those that serve everybody: the caller's side of it. The log's
// threads answer all that they were asked before they end; this one is cut off, and keeps no program from ending.

import type { Argon2Parameters } from "node:crypto";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { ChatError } from "../protocol/errors.ts";

/** The thread's own memory, beside that of the hash: it makes next to nothing, in MiB. */
const HEAP = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 };

export interface Hash {
  readonly bytes: Uint8Array;
  /** Of a core, in ms. */
  readonly took: number;
}

/** The thread is begun with the first hash, and anew when it has died. */
export class Hasher {
  readonly #module: URL;
  #worker: Worker | undefined;
  #isClosed = false;

  /** @param module what runs in the thread: each message is hashed, and answered by its hash */
  constructor(module: URL = beside("hash-thread")) {
    this.#module = module;
  }

  /**
   * One at a time. Until it is done the thread keeps the program from ending, and no longer.
   * @throws ChatError `shutting-down`; Error when the thread has died
   */
  async hash(parameters: Argon2Parameters): Promise<Hash> {
    if (this.#isClosed) throw shuttingDown();
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve, reject } = Promise.withResolvers<Hash>();
    const ended = (): void =>
      reject(this.#isClosed ? shuttingDown() : new Error("the hash-thread has ended"));
    worker.once("message", resolve).once("error", reject).once("exit", ended).ref();
    worker.postMessage(parameters);
    try {
      return await promise;
    } finally {
      worker.off("message", resolve).off("error", reject).off("exit", ended).unref();
    }
  }

  /** Nothing is hashed any more, nor is what was begun. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(this.#module, { name: "hash-thread", resourceLimits: HEAP });
    const forget = (): void => {
      if (this.#worker === worker) this.#worker = undefined;
    };
    // Whoever waits for the hash is told why.
    return worker.on("error", forget).on("exit", forget);
  }
}

/** A module of this folder, compiled where this one is. */
function beside(module: string): URL {
  return new URL(`./${module}${extname(import.meta.url)}`, import.meta.url);
}

function shuttingDown(): ChatError {
  return new ChatError("shutting-down", "the server is stopping");
}
