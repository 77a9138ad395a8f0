// The names that the store works with: their ids, and how much waits for each, kept in memory for
// the recently used ones and looked up for the others.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ChatError } from "../../protocol/errors.ts";
import type { Name } from "../../protocol/name.ts";
import type { Limits } from "../batch.ts";
import type { IndexBuffer } from "./index-buffer.ts";

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

interface Size {
  messages: number;
  bytes: number;
}

/** Names kept in memory, at about 200 bytes each. */
const REMEMBERED = 100_000;

export class NameTable {
  readonly #index: IndexBuffer;
  readonly #states = new Map<string, NameState>();
  #unseen: number;
  readonly #countUnseen: StatementSync;
  readonly #select: StatementSync;
  readonly #shown: StatementSync;
  readonly #insert: StatementSync;
  readonly #firstLogin: StatementSync;
  readonly #forgetLogin: StatementSync;
  readonly #moveCursor: StatementSync;
  readonly #around: StatementSync;
  readonly #above: StatementSync;

  /** @param index knows what is not in the file yet */
  constructor(database: DatabaseSync, index: IndexBuffer) {
    this.#index = index;
    this.#countUnseen = database.prepare("SELECT count(*) AS n FROM names WHERE seen IS NULL");
    this.#select = database.prepare("SELECT id, seen, cursor FROM names WHERE key = ?");
    this.#shown = database.prepare("SELECT shown FROM names WHERE id = ?");
    this.#insert = database.prepare("INSERT INTO names (key, shown, seen) VALUES (?, ?, ?)");
    this.#firstLogin = database.prepare("UPDATE names SET shown = ?, seen = ? WHERE id = ?");
    this.#forgetLogin = database.prepare(
      `UPDATE names SET seen = NULL WHERE id = ?1
         AND NOT EXISTS (SELECT 1 FROM inbox WHERE name = ?1)
         AND NOT EXISTS (SELECT 1 FROM members WHERE name = ?1)
         AND NOT EXISTS (SELECT 1 FROM blocked WHERE name = ?1)`,
    );
    this.#moveCursor = database.prepare("UPDATE names SET cursor = ? WHERE id = ?");
    this.#around = database.prepare(
      "SELECT last, count AS messages, bytes FROM inbox WHERE name = ? AND first <= ? ORDER BY first DESC LIMIT 1",
    );
    this.#above = database.prepare(
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
    const { messages, bytes } = this.#between(row.id, row.cursor, Number.MAX_SAFE_INTEGER);
    return this.#remember(key, {
      id: row.id,
      seen: row.seen !== null,
      cursor: row.cursor,
      waitingMessages: messages,
      waitingBytes: bytes,
    });
  }

  /** How a name that is there is shown. */
  shown(id: number): string {
    return (this.#shown.get(id) as { shown: string }).shown;
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
  login(name: Name, at: number): NameState {
    const state = this.find(name.key) ?? this.add(name);
    if (state.seen) return state;
    this.#firstLogin.run(name.shown, at, state.id);
    state.seen = true;
    this.#unseen -= 1;
    return state;
  }

  /** Nobody has the name any more: unless something of whoever had it is stored, nobody ever did. */
  release(state: NameState): void {
    if (!state.seen || this.#index.inboxOf(state.id).length > 0) return;
    if (Number(this.#forgetLogin.run(state.id).changes) === 0) return;
    state.seen = false;
    this.#unseen += 1;
  }

  /** Moves a cursor forward. What it passes no longer waits. */
  confirm(key: string, cursor: number): void {
    const state = this.find(key);
    if (state === undefined || cursor <= state.cursor) return;
    const passed = this.#between(state.id, state.cursor, cursor);
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

  /** Keeps memory bounded. Called between batches. */
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

  /**
   * What is addressed to a name in entries that end above one seq and not above another. An entry
   * that a cursor is inside of counts whole, until its end is passed.
   */
  #between(id: number, after: number, upTo: number): Size {
    const size: Size = { messages: 0, bytes: 0 };
    const add = (entry: Sum | undefined): void => {
      size.messages += entry?.messages ?? 0;
      size.bytes += entry?.bytes ?? 0;
    };
    for (const { last, count, bytes } of this.#index.inboxOf(id)) {
      if (last > after && last <= upTo) add({ messages: count, bytes });
    }
    if (after >= this.#index.indexed) return size;
    add(this.#above.get(id, after, upTo) as unknown as Sum);
    const inside = this.#around.get(id, after) as (Sum & { last: number }) | undefined;
    if (inside !== undefined && inside.last > after && inside.last <= upTo) add(inside);
    return size;
  }
}

/** Somebody who was written to, spoken of or blocked, and never logged in, would be one too many. */
export function tooManyNames({ shown }: Name, { unseenNames }: Limits): ChatError {
  const text = `${unseenNames} names that never logged in are known already, and "${shown}" would be another`;
  return new ChatError("too-many-names", text);
}
