// Brings the log file to this program's schema, at start, before anything else opens it.

import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { FolderError } from "./folder-error.ts";
import { MIGRATIONS } from "./schema.ts";

/** A log's id: 10 random characters, 50 bits, enough never to meet the same one again. */
export function newLogId(): string {
  const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
  return Array.from(randomBytes(10), (byte) => alphabet[byte % 32]).join("");
}

/**
 * Runs the migrations that the file lacks, all in one transaction.
 * @param backUp is called before an existing file is changed; it gives the file's version
 * @returns whether the log was made by this
 * @throws FolderError when the file was made by a newer program
 */
export function migrate(
  database: DatabaseSync,
  path: string,
  backUp: (version: number) => void,
  migrations: readonly string[] = MIGRATIONS,
): boolean {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() as {
    user_version: number;
  };
  if (version > migrations.length) {
    throw new FolderError(
      `${path} was written by a newer partyline (its schema is ${version}, this program's ${migrations.length}): start that one, or restore a backup`,
    );
  }
  if (version === migrations.length) return false;
  if (version > 0) backUp(version);
  database.exec("BEGIN IMMEDIATE");
  try {
    for (const migration of migrations.slice(version)) database.exec(migration);
    if (version === 0) {
      database.prepare("INSERT INTO log (id, reserved, indexed) VALUES (?, 0, 0)").run(newLogId());
    }
    database.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
    return version === 0;
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}
