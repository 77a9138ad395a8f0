// The names that the store works with: their ids, and how much waits for each, kept in memory for
// the recently used ones and looked up for the others.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Name } from "../../protocol/name.ts";

/** What the store knows of one name. It changes with each batch and is forgotten when one fails. */
export interface NameState {
  readonly id: number;
  seen: boolean;
  cursor: number;
  /** Messages, and their bytes in UTF-8, addressed to the name and above its cursor. */
  waitingMessages: number;
  waitingBytes: number;
}

interface NameRow {
  id: number;
  seen: number | null;
  cursor: number;
}

interface Sum {
  messages: number | null;
  bytes: number | null;
}

/** Names kept in memory, at about 200 bytes each. */
const REMEMBERED = 100_000;

export class NameTable {
  readonly #states = new Map<string, NameState>();
  #unseen: number;
  readonly #countUnseen: StatementSync;
  readonly #select: StatementSync;
  readonly #insert: StatementSync;
  readonly #firstLogin: StatementSync;
  readonly #moveCursor: StatementSync;
  readonly #around: StatementSync;
  readonly #above: StatementSync;
  readonly #between: StatementSync;

  constructor(database: DatabaseSync) {
    this.#countUnseen = database.prepare("SELECT count(*) AS n FROM names WHERE seen IS NULL");
    this.#select = database.prepare("SELECT id, seen, cursor FROM names WHERE key = ?");
    this.#insert = database.prepare("INSERT INTO names (key, shown, seen) VALUES (?, ?, ?)");
    this.#firstLogin = database.prepare("UPDATE names SET shown = ?, seen = ? WHERE id = ?");
    this.#moveCursor = database.prepare("UPDATE names SET cursor = ? WHERE id = ?");
    this.#around = database.prepare(
      "SELECT last, count AS messages, bytes FROM inbox WHERE name = ? AND first <= ? ORDER BY first DESC LIMIT 1",
    );
    this.#above = database.prepare(
      "SELECT sum(count) AS messages, sum(bytes) AS bytes FROM inbox WHERE name = ? AND first > ?",
    );
    this.#between = database.prepare(
      "SELECT sum(count) AS messages, sum(bytes) AS bytes FROM inbox WHERE name = ? AND first > ? AND last <= ?",
    );
    this.#unseen = this.#count();
  }

  /** Names that never logged in. */
  get unseen(): number {
    return this.#unseen;
  }

  /** @returns undefined when the name was never used */
  find(key: string): NameState | undefined {
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const row = this.#select.get(key) as NameRow | undefined;
    if (row === undefined) return undefined;
    const waiting = this.#waiting(row.id, row.cursor);
    return this.#remember(key, {
      id: row.id,
      seen: row.seen !== null,
      cursor: row.cursor,
      ...waiting,
    });
  }

  /** Adds somebody who was written to and never logged in. */
  add(name: Name): NameState {
    const { lastInsertRowid } = this.#insert.run(name.key, name.shown, null);
    this.#unseen += 1;
    return this.#remember(name.key, {
      id: Number(lastInsertRowid),
      seen: false,
      cursor: 0,
      waitingMessages: 0,
      waitingBytes: 0,
    });
  }

  /** A login: the first one decides how the name is shown. */
  login(name: Name, at: number): void {
    const state = this.find(name.key) ?? this.add(name);
    if (state.seen) return;
    this.#firstLogin.run(name.shown, at, state.id);
    state.seen = true;
    this.#unseen -= 1;
  }

  /** Moves a cursor forward. What it passes no longer waits. */
  confirm(key: string, cursor: number): void {
    const state = this.find(key);
    if (state === undefined || cursor <= state.cursor) return;
    const passed = this.#passed(state.id, state.cursor, cursor);
    state.waitingMessages -= passed.messages;
    state.waitingBytes -= passed.bytes;
    state.cursor = cursor;
    this.#moveCursor.run(cursor, state.id);
  }

  /** Forgets what a batch that failed may have changed. */
  forget(): void {
    this.#states.clear();
    this.#unseen = this.#count();
  }

  /** Keeps memory bounded. Called between batches, when everything is in the file. */
  trim(): void {
    for (const key of this.#states.keys()) {
      if (this.#states.size <= REMEMBERED) return;
      this.#states.delete(key);
    }
  }

  #remember(key: string, state: NameState): NameState {
    this.#states.set(key, state);
    return state;
  }

  #count(): number {
    return (this.#countUnseen.get() as { n: number }).n;
  }

  /** A row that the cursor is inside of counts whole until its end is passed. */
  #waiting(id: number, cursor: number): Pick<NameState, "waitingMessages" | "waitingBytes"> {
    const above = this.#above.get(id, cursor) as unknown as Sum;
    const around = this.#around.get(id, cursor) as (Sum & { last: number }) | undefined;
    const inside = around !== undefined && around.last > cursor ? around : undefined;
    return {
      waitingMessages: (above.messages ?? 0) + (inside?.messages ?? 0),
      waitingBytes: (above.bytes ?? 0) + (inside?.bytes ?? 0),
    };
  }

  #passed(id: number, from: number, to: number): { messages: number; bytes: number } {
    const between = this.#between.get(id, from, to) as unknown as Sum;
    const around = this.#around.get(id, from) as (Sum & { last: number }) | undefined;
    const inside =
      around !== undefined && around.last > from && around.last <= to ? around : undefined;
    return {
      messages: (between.messages ?? 0) + (inside?.messages ?? 0),
      bytes: (between.bytes ?? 0) + (inside?.bytes ?? 0),
    };
  }
}
