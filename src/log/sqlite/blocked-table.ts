// Whom names block, as the store keeps it: it decides about every direct message.

import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Names whose blocked ones are kept in memory. */
const REMEMBERED = 100_000;

const NOBODY: ReadonlySet<number> = new Set();

export class BlockedTable {
  readonly #of: StatementSync;
  readonly #add: StatementSync;
  readonly #remove: StatementSync;
  readonly #blocked = new Map<number, ReadonlySet<number>>();

  constructor(database: DatabaseSync) {
    this.#of = database.prepare("SELECT other FROM blocked WHERE name = ?");
    this.#add = database.prepare(
      "INSERT OR IGNORE INTO blocked (name, other, at) VALUES (?, ?, ?)",
    );
    this.#remove = database.prepare("DELETE FROM blocked WHERE name = ? AND other = ?");
  }

  /** Whether a name does not take another's direct messages. */
  blocks(name: number, other: number): boolean {
    let blocked = this.#blocked.get(name);
    if (blocked === undefined) {
      const rows = this.#of.all(name) as unknown as { other: number }[];
      blocked = rows.length === 0 ? NOBODY : new Set(rows.map((row) => row.other));
      this.#blocked.set(name, blocked);
    }
    return blocked.has(other);
  }

  set(name: number, other: number, on: boolean, at: number): void {
    if (on) this.#add.run(name, other, at);
    else this.#remove.run(name, other);
    this.#blocked.delete(name);
  }

  /** Keeps memory bounded. Called between batches. */
  trim(): void {
    if (this.#blocked.size > REMEMBERED) this.#blocked.clear();
  }
}
