// The conversations of a name as a client lists them: the newest message of each, and what is unread.

import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type Conversation, LONGEST_LAST } from "../reading.ts";
import type { Run } from "../run.ts";
import { countBetween } from "./block.ts";
import type { BlockReader } from "./block-reader.ts";
import type { HistoryPlace, HistoryReader } from "./history.ts";
import type { RoomReader } from "./room-reader.ts";
import type { Reading, Sources } from "./sources.ts";

/** Unread messages are counted up to here. */
const MOST_UNREAD = 100;

/** And in so many blocks, of which one's own may be any number: it is asked of each conversation. */
const MOST_BLOCKS = 300;

interface PairRow {
  readonly id: number;
  readonly shown: string;
}

interface Place extends HistoryPlace {
  readonly with: string;
}

export class ConversationReader {
  readonly #blocks: BlockReader;
  readonly #sources: Sources;
  readonly #history: HistoryReader;
  readonly #rooms: RoomReader;
  readonly #pairs: StatementSync;
  readonly #marker: StatementSync;

  constructor(
    database: DatabaseSync,
    blocks: BlockReader,
    sources: Sources,
    history: HistoryReader,
    rooms: RoomReader,
  ) {
    this.#blocks = blocks;
    this.#sources = sources;
    this.#history = history;
    this.#rooms = rooms;
    this.#pairs = database.prepare(
      `SELECT id, shown FROM (
         SELECT conversations.id, shown FROM conversations JOIN names ON names.id = b WHERE a = ?1
         UNION SELECT conversations.id, shown FROM conversations JOIN names ON names.id = a WHERE b = ?1
       ) AS pairs ORDER BY
         (SELECT max(seq) FROM conversation_blocks WHERE conversation = pairs.id) DESC LIMIT ?2`,
    );
    this.#marker = database.prepare("SELECT seq FROM markers WHERE name = ? AND conversation = ?");
  }

  /** See `Log.conversations`. */
  list(reader: Reading, upTo: number, count: number): Conversation[] {
    return [...this.#roomsOf(reader), ...this.#pairsOf(reader, count)]
      .map((place) => this.#conversation(place, reader, upTo))
      .filter(
        ({ conversation, place }) => place.room !== undefined || conversation.last !== undefined,
      )
      .map(({ conversation }) => conversation)
      .toSorted((one, other) => (other.last?.first ?? 0) - (one.last?.first ?? 0))
      .slice(0, count);
  }

  #roomsOf({ id }: Reading): Place[] {
    return this.#rooms.intervals(id, Number.MAX_SAFE_INTEGER).map((interval) => ({
      with: interval.room.shown,
      conversation: interval.conversation,
      room: interval.room,
      intervals: [interval],
    }));
  }

  #pairsOf({ id }: Reading, count: number): Place[] {
    const rows = this.#pairs.all(id, count) as unknown as PairRow[];
    return rows.map((row) => ({
      with: row.shown,
      conversation: row.id,
      intervals: [{ joined: 0 }],
    }));
  }

  #conversation(
    place: Place,
    reader: Reading,
    upTo: number,
  ): { readonly place: Place; readonly conversation: Conversation } {
    const last = this.#last(place, reader, upTo);
    const read = this.#read(reader.id, place.conversation);
    const unread = this.#unread(place, reader, read, upTo);
    return { place, conversation: { with: place.with, last, read, unread } };
  }

  #last(place: Place, reader: Reading, upTo: number): Run | undefined {
    const range = { upTo, count: 1, maxBytes: Infinity };
    const [last] = this.#history.read(place, { ...reader, everything: false }, range).deliveries;
    return last && shortened(last as Run);
  }

  /** Of others, above the marker. What they say is not looked at. */
  #unread({ conversation, intervals }: Place, reader: Reading, read: number, upTo: number): number {
    let unread = 0;
    let blocks = 0;
    for (const { joined, left = Infinity } of intervals) {
      const after = Math.max(read, joined - 1);
      const high = Math.min(upTo, left);
      const next = this.#sources.keys(conversation, after, high);
      for (let key = next(); key !== undefined; key = next()) {
        for (const span of this.#blocks.spans(key)) {
          if (span.from !== reader.id) unread += countBetween(span, after, high);
        }
        blocks += 1;
        if (unread >= MOST_UNREAD || blocks >= MOST_BLOCKS) return Math.min(unread, MOST_UNREAD);
      }
    }
    return unread;
  }

  #read(name: number, conversation: number): number {
    const row = this.#marker.get(name, conversation) as { seq: number } | undefined;
    return row?.seq ?? 0;
  }
}

/** No half of a surrogate pair; and a copy, since a slice would keep its whole block in memory. */
function shortened(last: Run): Run {
  const begin = last.bodies.slice(0, LONGEST_LAST).replace(/[\uD800-\uDBFF]$/, "");
  return { ...last, bodies: Buffer.from(begin).toString() };
}
