// One server owns a data folder: the lock that says so, released by the system however we end.

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { FolderError } from "./folder-error.ts";

/**
 * Takes the folder. Node has no file locks; SQLite has, so an exclusive transaction on an empty
 * database of its own holds it for as long as this process lives.
 * @throws FolderError when another process has it
 */
export function lockFolder(folder: string): { release(): void } {
  const path = join(folder, "lock.db");
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: 0 });
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close();
    if ((error as { errcode?: number }).errcode === 5) {
      throw new FolderError(
        `the data folder ${folder} is in use by another partyline: stop that one, or choose another folder with --data`,
      );
    }
    throw new FolderError(`cannot use the data folder ${folder}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  return { release: () => database.close() };
}
