// Puts a backup in the place of a data folder's log, as a new log: whoever kept a cursor of the
// replaced one is told that it means nothing here.

import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { databasePath } from "./database.ts";
import { FolderError } from "./folder-error.ts";
import { lockFolder } from "./folder-lock.ts";
import { newLogId } from "./migrate.ts";
import { syncFile } from "./sync.ts";

/**
 * Restores a backup. The replaced log is kept beside it.
 * @param at names the replaced log, in milliseconds since 1970
 * @returns where the replaced log is now; undefined when there was none
 * @throws FolderError when a server has the folder, or the file is not a backup
 */
export function restoreBackup(file: string, folder: string, at: number): string | undefined {
  if (!existsSync(file)) throw new FolderError(`${file} does not exist`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = lockFolder(folder);
  const path = databasePath(folder);
  const incoming = `${path}.incoming`;
  try {
    copyFileSync(file, incoming);
    const used = reservedOf(path);
    renew(incoming, file, used);
    syncFile(incoming);
    const replaced = setAside(path, at);
    // In one step: whatever happens, there is a log here, the former one or the new one.
    renameSync(incoming, path);
    syncFile(path);
    return replaced;
  } finally {
    rmSync(incoming, { force: true });
    lock.release();
  }
}

/** The seqs that were used up here: numbering goes on above them, even for who ignores the new id. */
function reservedOf(path: string): number {
  if (!existsSync(path)) return 0;
  const database = new DatabaseSync(path);
  try {
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    const row = database.prepare("SELECT reserved FROM log").get() as { reserved: number };
    return row.reserved;
  } catch {
    // A damaged log is the best reason for a restore.
    return 0;
  } finally {
    database.close();
  }
}

function renew(incoming: string, file: string, used: number): void {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(incoming);
    const { changes } = database
      .prepare("UPDATE log SET id = ?, reserved = max(reserved, ?)")
      .run(newLogId(), used);
    if (Number(changes) !== 1) throw new Error("it holds no log");
    database.exec("PRAGMA journal_mode = DELETE");
  } catch (error) {
    throw new FolderError(`${file} is not a backup of a log: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    database?.close();
  }
}

/** Gives the log another name besides its own. What belonged to a damaged one must not meet the new one. */
function setAside(path: string, at: number): string | undefined {
  if (!existsSync(path)) return undefined;
  const stamp = new Date(at).toISOString().replaceAll(":", "-");
  const replaced = `${path}.replaced-${stamp}`;
  nameTwice(path, replaced);
  for (const ending of ["-wal", "-shm"]) {
    if (existsSync(path + ending)) renameSync(path + ending, replaced + ending);
  }
  syncFile(replaced);
  return replaced;
}

function nameTwice(path: string, other: string): void {
  try {
    linkSync(path, other);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    // A file system where a file has one name only: FAT, some network shares.
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(code)) throw error;
    copyFileSync(path, other);
  }
}
