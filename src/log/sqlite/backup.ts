// Copies of a log file: consistent ones, made while the server goes on.

import { existsSync, rmSync } from "node:fs";
import { backup, type DatabaseSync } from "node:sqlite";
import { openReader } from "./database.ts";
import { FolderError } from "./folder-error.ts";
import { syncFile } from "./sync.ts";

/** Pages (4 KiB) copied between two reports of progress. */
const STEP = 4096;

/**
 * Copies a log file that is in use.
 * @param progress is told how much is done, from 0 to 1
 * @throws FolderError when the file exists already or cannot be written
 */
export async function backUp(
  path: string,
  file: string,
  progress: (done: number) => void,
): Promise<void> {
  if (existsSync(file)) throw new FolderError(`${file} exists already: choose another file`);
  const database = openReader(path);
  try {
    // The copy would start anew with each commit; a read transaction lets it see none of them.
    database.exec("BEGIN");
    database.prepare("SELECT id FROM log").get();
    await backup(database, file, {
      rate: STEP,
      progress: ({ totalPages, remainingPages }) => progress(1 - remainingPages / totalPages),
    });
    syncFile(file);
    progress(1);
  } catch (error) {
    rmSync(file, { force: true });
    throw new FolderError(`cannot write ${file}: ${(error as Error).message}`, { cause: error });
  } finally {
    database.close();
  }
}

/** Copies an open database at once, before a migration. */
export function copyDatabase(database: DatabaseSync, file: string): void {
  database.prepare("VACUUM INTO ?").run(file);
  syncFile(file);
}
