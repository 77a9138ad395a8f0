// The committer: the only writer of the log file. It applies batches, and after a failure opens the
// file again to learn what became of the last one.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Batch } from "../log.ts";
import { databasePath, type Durability, openWriter } from "./database.ts";
import { CommitError, type Outcome, Store } from "./store.ts";

export interface CommitterOptions {
  readonly folder: string;
  readonly durability: Durability;
}

export type CommitRequests = {
  /** Throws when nothing of the batch is in the file. `walFrames`: what awaits a checkpoint. */
  apply(batch: Batch): Outcome & { readonly walFrames: number };
};

export function createCommitter({
  folder,
  durability,
}: CommitterOptions): CommitRequests & { close(): void } {
  const path = databasePath(folder);
  let database: DatabaseSync;
  let walSize: StatementSync;
  let store: Store | undefined;
  /** Of a batch whose commit failed, if it is in the file after all. It will be tried again. */
  let unknown: Outcome | undefined;

  const open = (): Store => {
    database = openWriter(path, durability);
    walSize = database.prepare("PRAGMA wal_checkpoint(NOOP)");
    return new Store(database);
  };

  const close = (): void => {
    store = undefined;
    if (database.isOpen) database.close();
  };

  /** After a failure nothing is known until the file was opened again and asked. */
  const apply = (batch: Batch): Outcome => {
    try {
      store ??= open();
      if (unknown !== undefined && store.holds(unknown)) return unknown;
      return store.apply(batch);
    } catch (error) {
      if (error instanceof CommitError) unknown = error.outcome;
      close();
      throw error;
    }
  };

  store = open();
  return {
    apply(batch) {
      const outcome = apply(batch);
      unknown = undefined;
      return { ...outcome, walFrames: (walSize.get() as { log: number }).log };
    },
    close() {
      try {
        store?.close();
      } finally {
        close();
      }
    },
  };
}
