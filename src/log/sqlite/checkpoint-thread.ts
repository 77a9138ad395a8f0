// The checkpoint thread: moves what is committed from the write-ahead log into the file while the
// commit thread goes on.

import { databasePath, openCheckpointer } from "./database.ts";
import { serve } from "./thread.ts";

export interface CheckpointThreadData {
  readonly folder: string;
}

export type CheckpointRequests = {
  /** Moves what it can without stopping anybody. Gives the frames (pages) that are left. */
  checkpoint(): number;
};

interface CheckpointRow {
  log: number;
  checkpointed: number;
}

serve(({ folder }: CheckpointThreadData): CheckpointRequests & { close(): void } => {
  const database = openCheckpointer(databasePath(folder));
  const passive = database.prepare("PRAGMA wal_checkpoint(PASSIVE)");
  return {
    checkpoint() {
      const { log, checkpointed } = passive.get() as unknown as CheckpointRow;
      return log - checkpointed;
    },
    close: () => database.close(),
  };
});
