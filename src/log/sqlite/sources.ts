// Where what waits for a name comes from: its inbox, and the messages and events of each room that it
// is in. Each source gives pieces in rising seqs; `waiting.ts` puts them together.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Delivery } from "../run.ts";
import type { RoomEvent } from "../rooms.ts";
import { clipPart, type Part } from "./block.ts";
import type { BlockReader, Reader, StoredBlock } from "./block-reader.ts";

/** Rows that are looked up at a time: keys alone, so that few are looked up in vain. */
const ROWS = 128;

/** Who reads, and whether he is given what he sent himself, and the events of rooms. */
export interface Reading extends Reader {
  readonly everything: boolean;
}

/** A part of a source: nothing of the source lies between two of them. */
export interface Piece {
  readonly first: number;
  readonly last: number;
  read(): readonly Delivery[];
}

/** Gives pieces one by one; at the end undefined. */
export type Source = Rows<Piece>;

type Rows<R> = () => R | undefined;

interface InboxRow {
  readonly first: number;
  readonly last: number;
  readonly blocks: string | null;
}

interface BlockKey {
  readonly seq: number;
  readonly last: number;
}

interface EventRow extends Omit<RoomEvent, "room" | "by"> {
  readonly by: string | null;
}

export class Sources {
  readonly #blocks: BlockReader;
  readonly #inboxAround: StatementSync;
  readonly #inboxAbove: StatementSync;
  readonly #wholeInboxAbove: StatementSync;
  readonly #blockAround: StatementSync;
  readonly #blocksAbove: StatementSync;
  readonly #eventsAbove: StatementSync;
  readonly #eventsBelow: StatementSync;

  constructor(database: DatabaseSync, blocks: BlockReader) {
    this.#blocks = blocks;
    const inbox = "SELECT first, last, blocks FROM inbox WHERE name = ?";
    this.#inboxAround = database.prepare(`${inbox} AND first <= ? ORDER BY first DESC LIMIT 1`);
    const above = `${inbox} AND first > ? AND first <= ?`;
    const inOrder = `ORDER BY first LIMIT ${ROWS}`;
    this.#inboxAbove = database.prepare(`${above} AND count > 0 ${inOrder}`);
    this.#wholeInboxAbove = database.prepare(`${above} ${inOrder}`);
    const blockKeys = `SELECT seq, last FROM conversation_blocks JOIN blocks USING (seq)
      WHERE conversation_blocks.conversation = ?`;
    this.#blockAround = database.prepare(`${blockKeys} AND seq <= ? ORDER BY seq DESC LIMIT 1`);
    this.#blocksAbove = database.prepare(
      `${blockKeys} AND seq > ? AND seq <= ? ORDER BY seq LIMIT ${ROWS}`,
    );
    const events = `SELECT kind, seq, who.shown AS name, actor.shown AS by, text, at FROM room_events
      JOIN names AS who ON who.id = name LEFT JOIN names AS actor ON actor.id = by
      WHERE room = ? AND seq > ? AND seq <= ?`;
    this.#eventsAbove = database.prepare(`${events} ORDER BY seq LIMIT ${ROWS}`);
    this.#eventsBelow = database.prepare(`${events} ORDER BY seq DESC`);
  }

  /** What a name was sent, and what it sent to names. */
  inbox(reader: Reading, after: number, upTo: number): Source {
    const above = reader.everything ? this.#wholeInboxAbove : this.#inboxAbove;
    const around = this.#inboxAround.get(reader.id, after) as InboxRow | undefined;
    const next = rows(
      reachingAbove(around, after),
      (from) => above.all(reader.id, from, upTo) as unknown as InboxRow[],
      after,
      ({ first }) => first,
    );
    return () => {
      const row = next();
      if (row === undefined) return undefined;
      const { first, last, blocks } = row;
      const seqs = blocks === null ? [first] : (JSON.parse(blocks) as number[]);
      return {
        first,
        last,
        read: () => seqs.flatMap((seq) => this.#ofBlock(seq, reader, after, upTo)),
      };
    };
  }

  /** The messages of a room. */
  room(conversation: number, reader: Reading, after: number, upTo: number): Source {
    const next = this.keys(conversation, after, upTo);
    return () => {
      const key = next();
      if (key === undefined) return undefined;
      const { seq: first, last } = key;
      return { first, last, read: () => this.#ofBlock(first, reader, after, upTo) };
    };
  }

  events(
    room: { readonly id: number; readonly shown: string },
    after: number,
    upTo: number,
  ): Source {
    const next = rows(
      undefined,
      (from) => this.#eventsAbove.all(room.id, from, upTo) as unknown as EventRow[],
      after,
      ({ seq }) => seq,
    );
    return () => {
      const row = next();
      if (row === undefined) return undefined;
      return { first: row.seq, last: row.seq, read: () => [eventOf(row, room.shown)] };
    };
  }

  /** The events of a room, the newest first. To be gone through, or ended, before the next. */
  *eventsBelow(
    room: { readonly id: number; readonly shown: string },
    after: number,
    upTo: number,
  ): Generator<RoomEvent, void> {
    const rows = this.#eventsBelow.iterate(room.id, after, upTo) as unknown as Iterable<EventRow>;
    for (const row of rows) yield eventOf(row, room.shown);
  }

  /** Which blocks a conversation has that reach above one seq and do not begin above another. */
  keys(conversation: number, after: number, upTo: number): Rows<BlockKey> {
    const around = this.#blockAround.get(conversation, after) as BlockKey | undefined;
    return rows(
      reachingAbove(around, after),
      (from) => this.#blocksAbove.all(conversation, from, upTo) as unknown as BlockKey[],
      after,
      ({ seq }) => seq,
    );
  }

  #ofBlock(seq: number, reader: Reading, after: number, upTo: number): Delivery[] {
    const block = this.#blocks.block(seq);
    if (block === undefined) return [];
    const deliveries: Delivery[] = [];
    for (const part of this.#blocks.parts(block)) {
      if (!reader.everything && !isFor(reader, block, part)) continue;
      const clipped = clipPart(part, after, upTo);
      if (clipped !== undefined) deliveries.push(this.#blocks.run(block, clipped, reader));
    }
    return deliveries;
  }
}

function eventOf({ by, ...rest }: EventRow, room: string): RoomEvent {
  return { ...rest, room, ...(by === null ? {} : { by }) };
}

/** Whether somebody gets it who is not given what he sent himself, but for notes to himself. */
function isFor(reader: Reading, { a, b }: StoredBlock, { from }: Part): boolean {
  return from !== reader.id || (a !== null && a === b);
}

function reachingAbove<R extends { readonly last: number }>(
  row: R | undefined,
  after: number,
): R | undefined {
  return row !== undefined && row.last > after ? row : undefined;
}

/** The row that `after` lies in, then those that begin above it, some at a time. */
function rows<R>(
  around: R | undefined,
  above: (from: number) => R[],
  after: number,
  firstOf: (row: R) => number,
): Rows<R> {
  let waiting: R[] = around === undefined ? [] : [around];
  let at = 0;
  let from = after;
  let isLast = false;
  return () => {
    if (at === waiting.length && !isLast) {
      waiting = above(from);
      at = 0;
      isLast = waiting.length < ROWS;
    }
    const row = waiting[at++];
    if (row !== undefined) from = Math.max(from, firstOf(row));
    return row;
  };
}
