// A store in a file: written beside it, synced, and put in its place, so that a crash leaves the former
// one or the new one. Who owns it holds a lock that the system gives back when he dies.

import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LineError } from "./errors.ts";
import { isStored, type Store, type Stored } from "./store.ts";

/** The form of the file. */
const VERSION = 1;

/** SQLITE_BUSY: what SQLite says when another process has the file. */
const BUSY = 5;

export function createFileStore(given: string): Store {
  // It is the same file wherever the program goes on from here.
  const path = resolve(given);
  let lock: DatabaseSync | undefined;
  return {
    async open() {
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        lock = takeLock(`${path}.lock`);
        return parse(await readFile(path, "utf8").catch(ifMissing), path);
      } catch (error) {
        lock?.close();
        lock = undefined;
        if (error instanceof LineError) throw error;
        throw new LineError("store", `${path}: ${(error as Error).message}`, { cause: error });
      }
    },
    async write(stored) {
      const next = `${path}.next`;
      const file = await open(next, "w", 0o600);
      try {
        await file.writeFile(JSON.stringify({ version: VERSION, ...stored }));
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(next, path);
      await syncFolder(dirname(path));
    },
    async close() {
      lock?.close();
      lock = undefined;
    },
  };
}

/** An SQLite file that is locked as long as its owner lives: Node has no other lock of a file. */
function takeLock(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    // Without a journal on the disk, so that a full one can be locked too.
    database.exec(
      "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE;",
    );
    return database;
  } catch (error) {
    database.close();
    const { errcode, message } = error as { readonly errcode?: number; readonly message: string };
    if (errcode === BUSY) {
      throw new LineError("store-in-use", `${path} is locked: another program uses this store`);
    }
    throw new LineError("store", `${path} cannot be locked: ${message}`, { cause: error });
  }
}

/** Without it a power cut may take the new name back. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
  return undefined;
}

function parse(text: string | undefined, path: string): Stored | undefined {
  if (text === undefined) return undefined;
  const { version, ...stored } = parseObject(text);
  if (version === VERSION && isStored(stored)) return stored;
  const why = "is not a store that this program can read: move it away to begin with a new one";
  throw new LineError("store", `${path} ${why}`);
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
