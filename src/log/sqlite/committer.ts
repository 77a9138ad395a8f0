// The committer: the only writer of the log file. It applies batches, and after a failure opens the
// file again to learn what became of the last one.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Batch } from "../batch.ts";
import { databasePath, type Durability, openWriter } from "./database.ts";
import { CommitError, type Outcome, Store } from "./store.ts";
import type { Gap } from "./seq-reservation.ts";
import { WalFile } from "./wal-file.ts";

export interface CommitterOptions {
  readonly folder: string;
  readonly durability: Durability;
  /** What is passed over: numbering goes on above it. */
  readonly gap?: Gap | undefined;
}

export type CommitRequests = {
  /** Throws when nothing of the batch is in the file. `walFrames`, now and then: what awaits a checkpoint. */
  apply(batch: Batch): Outcome & { readonly walFrames?: number };
  /** Makes reads complete up to the head, which it gives. */
  index(): number;
};

/** The write-ahead log is measured whenever it may have grown by this much, in bytes. */
const MEASURE_AFTER = 1024 * 1024;

/** What a commit takes in the write-ahead log besides its bodies, about, in bytes. */
const COMMIT_OVERHEAD = 16 * 1024;

/**
 * Moves the whole write-ahead log into the file, which SQLite syncs. What the system could not sync
 * it may have given up while we still read it: after a failed sync only a new write is durable.
 */
function moveAll(database: DatabaseSync): void {
  const { busy } = database.prepare("PRAGMA wal_checkpoint(RESTART)").get() as { busy: number };
  if (busy !== 0)
    throw new Error("the log file is being read: its write-ahead log cannot be moved");
}

export function createCommitter({
  folder,
  durability,
  gap,
}: CommitterOptions): CommitRequests & { close(): void } {
  const path = databasePath(folder);
  let database: DatabaseSync;
  let wal: WalFile | undefined;
  let walSize: StatementSync;
  let store: Store | undefined;
  let written = 0;
  /** Of a batch whose commit failed, if it is in the file after all. It will be tried again. */
  let unknown: Outcome | undefined;

  const open = (): Store => {
    database = openWriter(path);
    walSize = database.prepare("PRAGMA wal_checkpoint(NOOP)");
    moveAll(database);
    const file = (wal = new WalFile(path));
    const sync = (): void => file.sync();
    return new Store(database, gap, durability === "disk" ? sync : () => {}, sync);
  };

  const close = (): void => {
    store = undefined;
    wal?.close();
    wal = undefined;
    if (database.isOpen) database.close();
  };

  /** After a failure nothing is known until the file was opened again and asked. */
  const attempt = <T>(work: (store: Store) => T): T => {
    try {
      return work((store ??= open()));
    } catch (error) {
      if (error instanceof CommitError) unknown = error.outcome;
      close();
      throw error;
    }
  };

  store = open();
  return {
    apply(batch) {
      const outcome = attempt((store) =>
        unknown !== undefined && store.holds(unknown, batch) ? unknown : store.apply(batch),
      );
      unknown = undefined;
      written += batch.sends.reduce((sum, send) => sum + send.bodies.length, COMMIT_OVERHEAD);
      if (written < MEASURE_AFTER) return outcome;
      written = 0;
      const { log: walFrames } = walSize.get() as { log: number };
      wal?.lengthen(walFrames);
      return { ...outcome, walFrames };
    },
    index: () => attempt((store) => store.index()),
    close() {
      try {
        store?.close();
      } finally {
        close();
      }
    },
  };
}
