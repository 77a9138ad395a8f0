// The reader: all queries that the log answers, on a read-only connection beside the store.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { NameRecord, OutboxRecord, Page, Run } from "../log.ts";
import { blockParts, clipPart, type Part } from "./block.ts";
import { parseRefused } from "./outbox-table.ts";

interface NameRow {
  id: number;
  shown: string;
  seen: number | null;
  cursor: number;
}

interface InboxRow {
  first: number;
  last: number;
  blocks: string | null;
}

interface BlockRow {
  seq: number;
  last: number;
  sends: string;
  bodies: string;
}

export class LogReader {
  readonly #name: StatementSync;
  readonly #outbox: StatementSync;
  readonly #shown: StatementSync;
  readonly #inboxAround: StatementSync;
  readonly #inboxAbove: StatementSync;
  readonly #block: StatementSync;
  readonly #conversation: StatementSync;
  readonly #blocksBelow: StatementSync;
  readonly #countNames: StatementSync;
  readonly #countUnseen: StatementSync;

  constructor(database: DatabaseSync) {
    this.#name = database.prepare("SELECT id, shown, seen, cursor FROM names WHERE key = ?");
    this.#outbox = database.prepare(
      "SELECT sent, refused FROM outboxes JOIN names ON names.id = name WHERE key = ? AND outboxes.id = ?",
    );
    this.#shown = database.prepare("SELECT shown FROM names WHERE id = ?");
    this.#inboxAround = database.prepare(
      "SELECT first, last, blocks FROM inbox WHERE name = ? AND first <= ? ORDER BY first DESC LIMIT 1",
    );
    this.#inboxAbove = database.prepare(
      "SELECT first, last, blocks FROM inbox WHERE name = ? AND first > ? AND first <= ? AND count > 0 ORDER BY first",
    );
    this.#block = database.prepare(
      "SELECT seq, last, sends, bodies, a = b AS alone FROM blocks JOIN conversations ON id = conversation WHERE seq = ?",
    );
    this.#conversation = database.prepare("SELECT id FROM conversations WHERE a = ? AND b = ?");
    this.#blocksBelow = database.prepare(
      `SELECT seq, last, sends, bodies FROM conversation_blocks JOIN blocks USING (seq)
       WHERE conversation_blocks.conversation = ? AND seq <= ? ORDER BY seq DESC`,
    );
    this.#countNames = database.prepare("SELECT count(*) AS n FROM names");
    this.#countUnseen = database.prepare("SELECT count(*) AS n FROM names WHERE seen IS NULL");
  }

  name(key: string): NameRecord | undefined {
    const row = this.#name.get(key) as NameRow | undefined;
    return row && { shown: row.shown, seen: row.seen !== null, cursor: row.cursor };
  }

  outbox(key: string, id: string): OutboxRecord {
    const row = this.#outbox.get(key, id) as { sent: number; refused: string } | undefined;
    return { sent: row?.sent ?? 0, refused: row === undefined ? [] : parseRefused(row.refused) };
  }

  /** See `Log.waiting`. */
  waiting(key: string, after: number, upTo: number, maxBytes: number): Page {
    const name = this.#name.get(key) as NameRow | undefined;
    if (name === undefined) return { runs: [], position: upTo };
    const runs: Run[] = [];
    let bytes = 0;
    for (const row of this.#inbox(name.id, after, upTo)) {
      for (const part of this.#addressed(name.id, row)) {
        const clipped = clipPart(part, after, upTo);
        if (clipped === undefined) continue;
        runs.push(this.#run(clipped, name.shown));
        bytes += clipped.bodies.length;
      }
      if (bytes >= maxBytes) return { runs, position: Math.min(row.last, upTo) };
    }
    return { runs, position: upTo };
  }

  /** See `Log.history`. */
  history(
    key: string,
    other: string,
    upTo: number,
    count: number,
    maxBytes: number,
  ): readonly Run[] {
    const one = this.#name.get(key) as NameRow | undefined;
    const two = this.#name.get(other) as NameRow | undefined;
    if (one === undefined || two === undefined) return [];
    const pair = [one.id, two.id].toSorted((x, y) => x - y) as [number, number];
    const conversation = this.#conversation.get(...pair) as { id: number } | undefined;
    if (conversation === undefined) return [];
    const runs: Run[] = [];
    let missing = count;
    let room = maxBytes;
    const rows = this.#blocksBelow.iterate(conversation.id, upTo);
    for (const row of rows as unknown as Iterable<BlockRow>) {
      for (const part of partsOf(row).toReversed()) {
        const skipped = Math.max(0, part.count - missing);
        const last = clipPart(part, part.first + (skipped - 1) * part.step, upTo);
        if (last === undefined) continue;
        runs.push(this.#run(last, (part.from === one.id ? two : one).shown));
        missing -= last.count;
        room -= last.bodies.length;
        if (missing === 0 || room <= 0) return runs.toReversed();
      }
    }
    return runs.toReversed();
  }

  count(): { names: number; unseenNames: number } {
    return {
      names: (this.#countNames.get() as { n: number }).n,
      unseenNames: (this.#countUnseen.get() as { n: number }).n,
    };
  }

  /** The rows that reach above `after`: the one that it lies in, then all that begin above it. */
  *#inbox(name: number, after: number, upTo: number): Generator<InboxRow> {
    const around = this.#inboxAround.get(name, after) as InboxRow | undefined;
    if (around !== undefined && around.last > after) yield around;
    yield* this.#inboxAbove.iterate(name, after, upTo) as unknown as Iterable<InboxRow>;
  }

  /** What of an inbox row is addressed to the name, in rising seqs: sends never overlap. */
  #addressed(name: number, { first, blocks }: InboxRow): Part[] {
    const seqs = blocks === null ? [first] : (JSON.parse(blocks) as number[]);
    const parts: Part[] = [];
    for (const seq of seqs) {
      const row = this.#block.get(seq) as (BlockRow & { alone: number }) | undefined;
      if (row === undefined) continue;
      for (const part of partsOf(row)) {
        if (part.from !== name || row.alone === 1) parts.push(part);
      }
    }
    return seqs.length === 1 ? parts : parts.toSorted((x, y) => x.first - y.first);
  }

  #run(part: Part, to: string): Run {
    const { shown } = this.#shown.get(part.from) as { shown: string };
    return { ...part, from: shown, to };
  }
}

function partsOf(row: BlockRow): Part[] {
  return blockParts(row.sends, row.bodies, row.last);
}
