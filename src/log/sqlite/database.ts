// Opens the log file: one place for every connection's settings, whichever thread it serves.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export type Durability = "disk" | "process";

/** The database's file name inside the data folder. */
const FILE = "partyline.db";

export function databasePath(folder: string): string {
  return join(folder, FILE);
}

/** Memory for pages of one connection, in KiB. */
const CACHE_KIB = 4 * 1024;

/**
 * The one connection that writes. It does not sync commits: `WalFile` does so for `disk`; `process`
 * leaves that to the checkpoints, so a power cut may take the last commits but never damages the file.
 */
export function openWriter(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA temp_store = MEMORY;
  `);
  return database;
}

/** A connection that only reads, beside the writer. */
export function openReader(path: string): DatabaseSync {
  if (!existsSync(path)) throw new Error(`${path} does not exist`);
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  database.exec(`PRAGMA cache_size = -${CACHE_KIB}; PRAGMA temp_store = MEMORY;`);
  return database;
}

/** A connection that moves what is committed from the write-ahead log into the file. */
export function openCheckpointer(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec("PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;");
  return database;
}
