// What is kept, and the writing of it: changes that come while one is written are written together.

import { LineError } from "./errors.ts";
import type { Store, Stored, StoredLogin, StoredOutbox } from "./store.ts";

/** What is asked for when it is written, so that a change of it costs nothing but the mark that there is one. */
export interface Kept {
  /** What was kept of a former run. */
  found(stored: StoredOutbox): void;
  /** What is to be written now. */
  drawn(): StoredOutbox;
  /** What was drawn last would outlive a crash. */
  written(): void;
}

export class Keeper {
  readonly #store: Store;
  #login: StoredLogin = {};
  #kept: Kept | undefined;
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #isClosing = false;

  constructor(store: Store) {
    this.#store = store;
  }

  get login(): StoredLogin {
    return this.#login;
  }

  /** Takes the store. @throws LineError `store`, `store-in-use` */
  async open(kept: Kept): Promise<void> {
    const found = await this.#store.open();
    this.#kept = kept;
    if (found === undefined) return this.change({});
    const { received, resume, token } = found;
    this.#login = { received, resume, token };
    kept.found(found);
  }

  /** Resolves when it would outlive a crash. @throws LineError `store`, `closed` */
  change(part: StoredLogin): Promise<void> {
    // Somebody else may have the store by the time it would be written.
    if (this.#isClosing) return Promise.reject(closed());
    this.#login = { ...this.#login, ...part };
    this.#next ??= this.#writeNext();
    return this.#next;
  }

  /** What was asked for before is written, and nothing after it. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#next?.catch(() => {});
    await this.#writing?.catch(() => {});
    if (this.#kept !== undefined) await this.#store.close();
    this.#kept = undefined;
  }

  async #writeNext(): Promise<void> {
    // A turn later: what changes in this turn is one write.
    await (this.#writing ?? Promise.resolve()).catch(() => {});
    this.#next = undefined;
    this.#writing = this.#write();
    await this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#kept === undefined) throw closed();
    const stored: Stored = { ...this.#kept.drawn(), ...this.#login };
    try {
      await this.#store.write(stored);
    } catch (error) {
      if (error instanceof LineError) throw error;
      const { message } = error as Error;
      throw new LineError("store", `what must be kept could not be: ${message}`, { cause: error });
    }
    this.#kept.written();
  }
}

function closed(): LineError {
  return new LineError("closed", "the line was closed");
}
