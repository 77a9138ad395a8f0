// The data folder: made, locked, checked and migrated before the log's threads open it.

import { accessSync, constants, mkdirSync } from "node:fs";
import { stat } from "node:fs/promises";
import type { Report } from "../report.ts";
import { copyDatabase } from "./backup.ts";
import { databasePath, openWriter } from "./database.ts";
import { FolderError } from "./folder-error.ts";
import { lockFolder } from "./folder-lock.ts";
import { migrate } from "./migrate.ts";
import { seqFloor } from "./seq-floor.ts";
import type { Gap } from "./seq-reservation.ts";

export interface OpenFolder {
  /** The log's id. */
  readonly id: string;
  /** The highest seq that may have been used, by this file or by another copy of it. */
  readonly head: number;
  /** Seqs up to it that the log has never given. */
  readonly gaps: readonly Gap[];
  /** The last of them: those that are passed over now. */
  readonly gap: Gap | undefined;
  /** Gives the folder's lock back. */
  close(): void;
}

/**
 * The highest seq that anything in the file shows. What is reserved above it was given by another copy, if at all:
 * by the same server, whose disk was then put back to what it was while that server ran.
 */
const USED = `SELECT max(
  indexed,
  (SELECT coalesce(max(last), 0) FROM blocks WHERE seq > indexed),
  (SELECT coalesce(max(seq), 0) FROM room_events),
  (SELECT coalesce(max(cursor), 0) FROM names),
  (SELECT coalesce(max(last), 0) FROM gaps)
) AS used FROM log`;

/**
 * Opens a data folder, making it and its log when they do not exist.
 * @param now in ms since 1970: numbering goes on above what the log may have reached by then
 * @param report told of a clock that cannot be right
 * @throws FolderError with one line for the person who starts the server
 */
export function openFolder(folder: string, now: number, report: Report): OpenFolder {
  makeFolder(folder);
  const lock = lockFolder(folder);
  try {
    return { ...prepare(folder, now, report), close: () => lock.release() };
  } catch (error) {
    lock.release();
    if (error instanceof FolderError) throw error;
    const { message } = error as Error;
    throw new FolderError(`cannot open ${databasePath(folder)}: ${message}`, { cause: error });
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const { message } = error as Error;
    throw new FolderError(`cannot use the data folder ${folder}: ${message}`, { cause: error });
  }
}

function prepare(folder: string, now: number, report: Report): Omit<OpenFolder, "close"> {
  const path = databasePath(folder);
  const database = openWriter(path);
  try {
    const isNew = migrate(database, path, (version) =>
      copyDatabase(database, `${path}.version-${version}.${Date.now()}.backup`),
    );
    const { id, reserved } = database.prepare("SELECT id, reserved FROM log").get() as {
      id: string;
      reserved: number;
    };
    const head = isNew ? reserved : Math.max(reserved, floorAt(now, report));
    const { used } = database.prepare(USED).get() as { used: number };
    const gaps = database.prepare("SELECT first, last FROM gaps").all() as unknown as Gap[];
    const gap = head > used ? { first: used + 1, last: head } : undefined;
    return { id, head, gaps: gap === undefined ? gaps : [...gaps, gap], gap };
  } finally {
    database.close();
  }
}

function floorAt(now: number, report: Report): number {
  const floor = seqFloor(now);
  if (floor !== undefined) return floor;
  const time = new Date(now).toISOString();
  const text = `the system's clock says ${time}, which cannot be; if an older copy of the log was put back, restore it instead (partyline restore)`;
  report("log", text);
  return 0;
}

/** Bytes of a database with its write-ahead log. */
export async function sizeOnDisk(path: string): Promise<number> {
  const sizes = await Promise.all(
    [path, `${path}-wal`].map((file) =>
      stat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
