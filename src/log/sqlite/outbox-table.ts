// The outboxes that the store works with: the number that each has reached, and the refusals that its
// client was not seen to know yet. What a batch changes is written once, with the batch.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ErrorCode } from "../../protocol/errors.ts";
import { MOST_OUTBOXES, type OutboxRefusal } from "../reading.ts";

/** Refusals kept for one outbox; with more, its client must first say that it knows them. */
const MOST_REFUSALS = 1000;

/** Outboxes kept in memory, at about 200 bytes each. */
const REMEMBERED = 20_000;

export interface OutboxState {
  /** The number of the last send that was accepted or refused. */
  sent: number;
  refused: OutboxRefusal[];
}

interface OutboxRow {
  sent: number;
  refused: string;
}

export class OutboxTable {
  readonly #select: StatementSync;
  readonly #replace: StatementSync;
  readonly #dropOldest: StatementSync;
  readonly #expire: StatementSync;
  readonly #states = new Map<string, OutboxState>();
  readonly #changed = new Map<string, { name: number; id: string; at: number }>();

  constructor(database: DatabaseSync) {
    this.#select = database.prepare("SELECT sent, refused FROM outboxes WHERE name = ? AND id = ?");
    this.#replace = database.prepare(
      "INSERT OR REPLACE INTO outboxes (name, id, sent, refused, used) VALUES (?, ?, ?, ?, ?)",
    );
    this.#dropOldest = database.prepare(
      `DELETE FROM outboxes WHERE name = ?1 AND id IN
         (SELECT id FROM outboxes WHERE name = ?1 ORDER BY used DESC, id LIMIT -1 OFFSET ${MOST_OUTBOXES - 1})
       RETURNING id`,
    );
    this.#expire = database.prepare("DELETE FROM outboxes WHERE used < ?");
  }

  /** @returns the number that the next send must have */
  next(name: number, id: string): number {
    return this.#find(name, id).sent + 1;
  }

  hasRoomForRefusals(name: number, id: string): boolean {
    return this.#find(name, id).refused.length < MOST_REFUSALS;
  }

  /** The next `count` numbers are used up, at a time in ms since 1970. */
  use(name: number, id: string, count: number, at: number): void {
    this.#change(name, id, at).sent += count;
  }

  /** The last `count` numbers were refused. */
  refuse(name: number, id: string, count: number, code: ErrorCode, text: string): void {
    const { sent, refused } = this.#find(name, id);
    refused.push({ first: sent - count + 1, last: sent, code, text });
  }

  /** The client knows what was refused up to a number. */
  done(name: number, id: string, upTo: number, at: number): void {
    const { refused } = this.#find(name, id);
    if (!refused.some(({ first }) => first <= upTo)) return;
    const state = this.#change(name, id, at);
    state.refused = refused
      .filter(({ last }) => last > upTo)
      .map(({ first, last, code, text }) => ({
        first: Math.max(first, upTo + 1),
        last,
        code,
        text,
      }));
  }

  /** Removes those that were not used since a time, in ms since 1970. */
  expire(before: number): void {
    this.#expire.run(before);
    this.#states.clear();
  }

  /** Writes what has changed, inside the caller's transaction. */
  write(): void {
    const forgotten = new Set<string>();
    for (const [key, { name, id, at }] of this.#changed) {
      const { sent, refused } = this.#states.get(key) as OutboxState;
      if (this.#select.get(name, id) === undefined) {
        for (const row of this.#dropOldest.all(name)) forgotten.add(keyOf(name, String(row["id"])));
      }
      this.#replace.run(name, id, sent, JSON.stringify(refused), at);
      forgotten.delete(key);
    }
    this.#changed.clear();
    for (const key of forgotten) this.#states.delete(key);
  }

  /** Keeps memory bounded. Called between batches. */
  trim(): void {
    for (const key of this.#states.keys()) {
      if (this.#states.size <= REMEMBERED) return;
      this.#states.delete(key);
    }
  }

  #change(name: number, id: string, at: number): OutboxState {
    const state = this.#find(name, id);
    this.#changed.set(keyOf(name, id), { name, id, at });
    return state;
  }

  #find(name: number, id: string): OutboxState {
    const key = keyOf(name, id);
    let state = this.#states.get(key);
    if (state === undefined) {
      const row = this.#select.get(name, id) as OutboxRow | undefined;
      state = { sent: row?.sent ?? 0, refused: row === undefined ? [] : parseRefused(row.refused) };
      this.#states.set(key, state);
    }
    return state;
  }
}

export function parseRefused(stored: string): OutboxRefusal[] {
  return JSON.parse(stored) as OutboxRefusal[];
}

function keyOf(name: number, id: string): string {
  return `${name} ${id}`;
}
