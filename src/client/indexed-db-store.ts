// A store in the browser's IndexedDB. Web Locks say which tab owns it. A page without TLS has none: there
// whoever opens it last owns it, and each write asks whether its writer still does.

import { LineError } from "./errors.ts";
import { isStored, randomId, type Store } from "./store.ts";

/** As much of IndexedDB as is used here: Node, where this is type-checked too, has none. */
interface Asked<T> {
  result: T;
  error: Error | null;
  addEventListener(event: "success" | "error" | "upgradeneeded", listener: () => void): void;
}
interface Table {
  get(key: string): Asked<unknown>;
  put(value: unknown, key: string): void;
  delete(key: string): void;
}
interface Transaction {
  objectStore(name: string): Table;
  abort(): void;
  error: Error | null;
  addEventListener(event: "complete" | "abort", listener: () => void): void;
}
interface Database {
  transaction(table: string, mode?: "readwrite", options?: { durability: "strict" }): Transaction;
  createObjectStore(table: string): void;
  close(): void;
}
interface Factory {
  open(name: string, version: number): Asked<Database>;
}

const DATABASE = "partyline";
const TABLE = "stores";

/**
 * Keeps everything in IndexedDB under a name. While one tab has it, `open` in another is refused
 * (`store-in-use`); it goes on where that one ended once it is closed.
 * @param name for example the server's address with the person's name
 * @example
 * ```ts
 * const line = connect(url, { name: "alice", store: indexedDbStore("alice@chat.example") });
 * ```
 */
export function indexedDbStore(name: string): Store {
  const owner = randomId();
  let database: Database | undefined;
  let release: (() => Promise<void>) | undefined;
  return {
    async open() {
      release = await takeLock(`partyline store ${name}`);
      try {
        database = await openDatabase();
        const transaction = strict(database);
        const table = transaction.objectStore(TABLE);
        table.put(owner, ownerKey(name));
        const found = await done(table.get(name));
        await completed(transaction);
        if (found === undefined || isStored(found)) return found;
        throw new Error(`${name} is not a store that this page can read`);
      } catch (error) {
        await release();
        throw new LineError("store", `IndexedDB: ${(error as Error).message}`, { cause: error });
      }
    },
    async write(stored) {
      if (database === undefined) throw new LineError("store", "the store is not open");
      const transaction = strict(database);
      const table = transaction.objectStore(TABLE);
      const isOver = completed(transaction);
      isOver.catch(() => {});
      if ((await done(table.get(ownerKey(name)))) !== owner) {
        transaction.abort();
        throw new LineError("store-in-use", "another tab has taken this store");
      }
      table.put(stored, name);
      await isOver;
    },
    async close() {
      database?.close();
      database = undefined;
      await release?.();
      release = undefined;
    },
  };
}

/**
 * Removes what is kept under a name: what was not sent is lost.
 * @throws LineError `store-in-use` while a tab has it
 * @example
 * ```ts
 * await forgetIndexedDbStore("alice@chat.example");
 * ```
 */
export async function forgetIndexedDbStore(name: string): Promise<void> {
  const release = await takeLock(`partyline store ${name}`);
  try {
    const database = await openDatabase();
    const transaction = strict(database);
    const table = transaction.objectStore(TABLE);
    table.delete(name);
    table.delete(ownerKey(name));
    await completed(transaction);
    database.close();
  } catch (error) {
    throw new LineError("store", `IndexedDB: ${(error as Error).message}`, { cause: error });
  } finally {
    await release();
  }
}

function ownerKey(name: string): string {
  return `${name} owner`;
}

/** @returns what gives it back, and resolves when others can have it */
async function takeLock(name: string): Promise<() => Promise<void>> {
  const { locks } = globalThis.navigator ?? {};
  if (locks === undefined) return () => Promise.resolve();
  const taken = Promise.withResolvers<() => Promise<void>>();
  const ended = locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock === null)
      return taken.reject(new LineError("store-in-use", "another tab has this store"));
    const held = Promise.withResolvers<void>();
    taken.resolve(async () => {
      held.resolve();
      await ended;
    });
    return held.promise;
  });
  return taken.promise;
}

async function openDatabase(): Promise<Database> {
  const { indexedDB } = globalThis as unknown as { indexedDB: Factory };
  const request = indexedDB.open(DATABASE, 1);
  request.addEventListener("upgradeneeded", () => request.result.createObjectStore(TABLE));
  return done(request);
}

function strict(database: Database): Transaction {
  return database.transaction(TABLE, "readwrite", { durability: "strict" });
}

function done<T>(request: Asked<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("it failed")));
  });
}

function completed(transaction: Transaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener("complete", () => resolve());
    transaction.addEventListener("abort", () =>
      reject(transaction.error ?? new Error("it was aborted")),
    );
  });
}
