// The conversations of two names, by the lower and the higher of their ids. Those of rooms are in `room-table.ts`.

import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Conversations whose ids are kept in memory. */
const REMEMBERED = 100_000;

export class ConversationTable {
  readonly #find: StatementSync;
  readonly #add: StatementSync;
  readonly #ids = new Map<string, number>();

  constructor(database: DatabaseSync) {
    this.#find = database.prepare("SELECT id FROM conversations WHERE a = ? AND b = ?");
    this.#add = database.prepare("INSERT INTO conversations (a, b) VALUES (?, ?)");
  }

  /** Of two names, which may be one. Makes it when there is none. */
  of(one: number, other: number): number {
    const known = this.find(one, other);
    if (known !== undefined) return known;
    const [a, b] = [Math.min(one, other), Math.max(one, other)];
    return this.#remember(a, b, Number(this.#add.run(a, b).lastInsertRowid));
  }

  /** @returns undefined when there is none */
  find(one: number, other: number | undefined): number | undefined {
    if (other === undefined) return undefined;
    const a = Math.min(one, other);
    const b = Math.max(one, other);
    const known = this.#ids.get(`${a} ${b}`);
    if (known !== undefined) return known;
    const row = this.#find.get(a, b) as { id: number } | undefined;
    return row && this.#remember(a, b, row.id);
  }

  #remember(a: number, b: number, id: number): number {
    if (this.#ids.size >= REMEMBERED) this.#ids.clear();
    this.#ids.set(`${a} ${b}`, id);
    return id;
  }
}
