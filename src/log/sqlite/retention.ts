// Retention: removes the oldest blocks and events of rooms, a bounded number with each batch. What a name
// has not confirmed stays unless the operator said so; a room waits for nobody.

import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Retention } from "../batch.ts";
import { blockParts } from "./block.ts";

/** Blocks and events examined with one batch, so that no commit waits long for it (about 10 ms). */
const STEP = 200;

/** A block or an event, in the order of their seqs. */
interface OldRow {
  seq: number;
  at: number;
  /** Of an event; null for a block. */
  room: number | null;
}

interface BlockRow {
  seq: number;
  last: number;
  sends: string;
  bodies: string;
  conversation: number;
  /** Null in a room, as are the following. */
  a: number | null;
  b: number | null;
  confirmedByA: number | null;
  confirmedByB: number | null;
  room: number | null;
}

interface InboxRow {
  first: number;
  blocks: string | null;
}

/** One walk through the log, from the oldest on, in steps. */
export class RetentionSweep {
  readonly #pageSize: number;
  readonly #pages: StatementSync;
  readonly #freePages: StatementSync;
  readonly #oldest: StatementSync;
  readonly #block: StatementSync;
  readonly #removeBlock: StatementSync;
  readonly #removeFromConversation: StatementSync;
  readonly #findInbox: StatementSync;
  readonly #removeInbox: StatementSync;
  readonly #reduceInbox: StatementSync;
  readonly #roomRemoved: StatementSync;
  readonly #removeEvent: StatementSync;
  readonly #nameRemoved: StatementSync;
  /** Everything up to this seq was examined in this walk. */
  #examined = 0;

  constructor(database: DatabaseSync) {
    this.#pageSize = (
      database.prepare("PRAGMA page_size").get() as { page_size: number }
    ).page_size;
    this.#pages = database.prepare("PRAGMA page_count");
    this.#freePages = database.prepare("PRAGMA freelist_count");
    this.#oldest = database.prepare(`
      SELECT seq, at, NULL AS room FROM blocks WHERE seq > ?1
      UNION ALL SELECT seq, at, room FROM room_events WHERE seq > ?1
      ORDER BY seq LIMIT ${STEP}`);
    this.#block = database.prepare(`
      SELECT seq, last, sends, bodies, conversation, a, b, room,
        one.cursor AS confirmedByA, other.cursor AS confirmedByB
      FROM blocks
      JOIN conversations ON conversations.id = conversation
      LEFT JOIN names AS one ON one.id = a
      LEFT JOIN names AS other ON other.id = b
      WHERE seq = ?`);
    this.#removeBlock = database.prepare("DELETE FROM blocks WHERE seq = ?");
    this.#removeFromConversation = database.prepare(
      "DELETE FROM conversation_blocks WHERE conversation = ? AND seq = ?",
    );
    this.#findInbox = database.prepare(
      "SELECT first, blocks FROM inbox WHERE name = ? AND first <= ? ORDER BY first DESC LIMIT 1",
    );
    this.#removeInbox = database.prepare("DELETE FROM inbox WHERE name = ? AND first = ?");
    this.#reduceInbox = database.prepare(
      "UPDATE inbox SET blocks = ?, count = count - ?, bytes = bytes - ? WHERE name = ? AND first = ?",
    );
    this.#roomRemoved = database.prepare("UPDATE rooms SET removed = max(removed, ?) WHERE id = ?");
    this.#removeEvent = database.prepare("DELETE FROM room_events WHERE room = ? AND seq = ?");
    this.#nameRemoved = database.prepare("UPDATE names SET removed = max(removed, ?) WHERE id = ?");
  }

  /** @returns whether anything was removed, and whether the walk has not ended yet */
  step(retention: Retention): { removed: boolean; more: boolean } {
    const rows = this.#oldest.all(this.#examined) as unknown as OldRow[];
    let removed = false;
    for (const { seq, at, room } of rows) {
      if (!this.#isOld(at, retention)) return this.#ended(removed);
      this.#examined = seq;
      if (room !== null) {
        this.#roomRemoved.run(seq, room);
        this.#removeEvent.run(room, seq);
      } else if (!this.#removeUnlessWaiting(seq, retention)) continue;
      removed = true;
    }
    return rows.length < STEP ? this.#ended(removed) : { removed, more: true };
  }

  #ended(removed: boolean): { removed: boolean; more: boolean } {
    this.#examined = 0;
    return { removed, more: false };
  }

  #isOld(at: number, { before, maxBytes }: Retention): boolean {
    if (before !== undefined && at < before) return true;
    return maxBytes !== undefined && this.#usedBytes() > maxBytes;
  }

  #usedBytes(): number {
    const { page_count: pages } = this.#pages.get() as { page_count: number };
    const { freelist_count: free } = this.#freePages.get() as { freelist_count: number };
    return (pages - free) * this.#pageSize;
  }

  /** @returns whether the block was removed */
  #removeUnlessWaiting(seq: number, { unconfirmed }: Retention): boolean {
    const row = this.#block.get(seq) as unknown as BlockRow;
    if (row.room !== null) this.#roomRemoved.run(row.last, row.room);
    else if (unconfirmed || isConfirmed(row)) {
      // What one device has confirmed another one of that name may not have.
      for (const name of new Set([row.a, row.b])) this.#nameRemoved.run(row.last, name);
    } else return false;
    this.#remove(row);
    return true;
  }

  #remove(row: BlockRow): void {
    const sizes = addressed(row);
    for (const name of new Set([row.a, row.b])) {
      if (name === null) continue;
      const inbox = this.#findInbox.get(name, row.seq) as InboxRow | undefined;
      if (inbox === undefined) continue;
      const blocks = ((JSON.parse(inbox.blocks ?? "null") as number[] | null) ?? []).filter(
        (seq) => seq !== row.seq,
      );
      const { count, bytes } = sizes.get(name) ?? { count: 0, bytes: 0 };
      if (blocks.length === 0) this.#removeInbox.run(name, inbox.first);
      else this.#reduceInbox.run(JSON.stringify(blocks), count, bytes, name, inbox.first);
    }
    this.#removeFromConversation.run(row.conversation, row.seq);
    this.#removeBlock.run(row.seq);
  }
}

/** Whether both names have confirmed what is addressed to them, or nothing in the block is. */
function isConfirmed(row: BlockRow): boolean {
  const { last, a, b, confirmedByA, confirmedByB } = row;
  const hasA = last <= (confirmedByA ?? 0);
  const hasB = last <= (confirmedByB ?? 0);
  if (hasA && hasB) return true;
  const sizes = addressed(row);
  return (hasA || !sizes.has(a)) && (hasB || !sizes.has(b));
}

/** How much of a block is addressed to whom. */
function addressed({
  a,
  b,
  sends,
  bodies,
  last,
}: BlockRow): Map<number | null, { count: number; bytes: number }> {
  const sizes = new Map<number | null, { count: number; bytes: number }>();
  for (const part of blockParts(sends, bodies, last)) {
    const to = part.from === a ? b : a;
    const size = sizes.get(to) ?? { count: 0, bytes: 0 };
    sizes.set(to, size);
    size.count += part.count;
    size.bytes += Buffer.byteLength(part.bodies);
  }
  return sizes;
}
