// How far names have read their conversations, as the store keeps it.

import type { DatabaseSync, StatementSync } from "node:sqlite";

export class MarkerTable {
  readonly #setMarker: StatementSync;

  constructor(database: DatabaseSync) {
    this.#setMarker = database.prepare(
      `INSERT INTO markers (name, conversation, seq) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET seq = max(seq, excluded.seq)`,
    );
  }

  /** Moves a marker forward, never back. */
  mark(name: number, conversation: number, seq: number): void {
    this.#setMarker.run(name, conversation, seq);
  }
}
