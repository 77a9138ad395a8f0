// What is kept, and the writing of it: changes that come while one is written are written together.

import { LineError } from "./errors.ts";
import { newStored, type Store, type Stored } from "./store.ts";

export class Keeper {
  readonly #store: Store;
  #stored: Stored = newStored();
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #isOpen = false;

  constructor(store: Store) {
    this.#store = store;
  }

  get stored(): Stored {
    return this.#stored;
  }

  /** @throws LineError `store` */
  async open(): Promise<void> {
    const found = await this.#store.open();
    this.#isOpen = true;
    if (found === undefined) await this.change({});
    else this.#stored = found;
  }

  /** Resolves when it would outlive a crash. @throws LineError `store` */
  change(part: Partial<Stored>): Promise<void> {
    this.#stored = { ...this.#stored, ...part };
    this.#next ??= this.#writeNext();
    return this.#next;
  }

  async close(): Promise<void> {
    await this.#next?.catch(() => {});
    await this.#writing?.catch(() => {});
    if (this.#isOpen) await this.#store.close();
    this.#isOpen = false;
  }

  async #writeNext(): Promise<void> {
    // A turn later: what changes in this turn is one write.
    await (this.#writing ?? Promise.resolve()).catch(() => {});
    this.#next = undefined;
    this.#writing = this.#store.write(this.#stored).catch((error: unknown) => {
      if (error instanceof LineError) throw error;
      const { message } = error as Error;
      throw new LineError("store", `what must be kept could not be: ${message}`, { cause: error });
    });
    await this.#writing;
  }
}
