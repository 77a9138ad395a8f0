// The conversations of a name as a client lists them: the newest message of each, and what is unread.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Conversation } from "../reading.ts";
import type { Run } from "../run.ts";
import type { HistoryPlace, HistoryReader } from "./history.ts";
import type { RoomReader } from "./room-reader.ts";
import type { Reading } from "./sources.ts";

/** Unread messages are counted up to here. */
const MOST_UNREAD = 100;

interface PairRow {
  readonly id: number;
  readonly shown: string;
}

interface Place extends HistoryPlace {
  readonly with: string;
}

export class ConversationReader {
  readonly #history: HistoryReader;
  readonly #rooms: RoomReader;
  readonly #pairs: StatementSync;
  readonly #marker: StatementSync;

  constructor(database: DatabaseSync, history: HistoryReader, rooms: RoomReader) {
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
    const [last] = this.#runs(place, reader, { upTo, count: 1 });
    const read = this.#read(reader.id, place.conversation);
    const above = this.#runs(place, reader, { after: read, upTo, count: MOST_UNREAD });
    const unread = above.reduce(
      (sum, { from, count }) => (from === reader.shown ? sum : sum + count),
      0,
    );
    return { place, conversation: { with: place.with, last, read, unread } };
  }

  #runs(
    place: Place,
    reader: Reading,
    range: { readonly after?: number; readonly upTo: number; readonly count: number },
  ): Run[] {
    const messages = { ...reader, everything: false };
    const { deliveries } = this.#history.read(place, messages, { ...range, maxBytes: Infinity });
    return deliveries as Run[];
  }

  #read(name: number, conversation: number): number {
    const row = this.#marker.get(name, conversation) as { seq: number } | undefined;
    return row?.seq ?? 0;
  }
}
