// The reader: all queries that the log answers, on a read-only connection beside the store.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { isRoom } from "../../protocol/room.ts";
import type {
  Conversation,
  HistoryPage,
  HistoryQuery,
  NameRecord,
  OutboxRecord,
  Page,
} from "../reading.ts";
import { BlockReader } from "./block-reader.ts";
import { ConversationReader } from "./conversation-reader.ts";
import { type HistoryPlace, HistoryReader } from "./history.ts";
import { parseRefused } from "./outbox-table.ts";
import { RoomReader } from "./room-reader.ts";
import { Sources } from "./sources.ts";
import { readPage } from "./waiting.ts";

interface NameRow {
  id: number;
  shown: string;
  seen: number | null;
  cursor: number;
  removed: number;
}

export class LogReader {
  readonly rooms: RoomReader;
  readonly #sources: Sources;
  readonly #history: HistoryReader;
  readonly #conversations: ConversationReader;
  readonly #blocked: StatementSync;
  readonly #name: StatementSync;
  readonly #outbox: StatementSync;
  readonly #conversation: StatementSync;
  readonly #countNames: StatementSync;
  readonly #countUnseen: StatementSync;

  constructor(database: DatabaseSync) {
    const blocks = new BlockReader(database);
    this.rooms = new RoomReader(database);
    this.#sources = new Sources(database, blocks);
    this.#history = new HistoryReader(database, blocks, this.#sources);
    this.#conversations = new ConversationReader(
      database,
      blocks,
      this.#sources,
      this.#history,
      this.rooms,
    );
    this.#blocked = database.prepare(
      `SELECT who.key, who.shown FROM names JOIN blocked ON blocked.name = names.id
       JOIN names AS who ON who.id = other WHERE names.key = ? ORDER BY who.key`,
    );
    this.#name = database.prepare(
      "SELECT id, shown, seen, cursor, removed FROM names WHERE key = ?",
    );
    this.#outbox = database.prepare(
      "SELECT sent, refused FROM outboxes JOIN names ON names.id = name WHERE key = ? AND outboxes.id = ?",
    );
    this.#conversation = database.prepare("SELECT id FROM conversations WHERE a = ? AND b = ?");
    this.#countNames = database.prepare("SELECT count(*) AS n FROM names");
    this.#countUnseen = database.prepare("SELECT count(*) AS n FROM names WHERE seen IS NULL");
  }

  name(key: string, after: number): NameRecord | undefined {
    const row = this.#find(key);
    if (row === undefined) return undefined;
    const { id, shown, seen, cursor } = row;
    const removed = this.#removed(row);
    const rooms = this.rooms.memberships(id, after);
    const blocked = this.#blocked.all(key) as unknown as { key: string }[];
    return {
      shown,
      seen: seen !== null,
      cursor,
      removed,
      blocked: blocked.map((other) => other.key),
      rooms,
    };
  }

  outbox(key: string, id: string): OutboxRecord {
    const row = this.#outbox.get(key, id) as { sent: number; refused: string } | undefined;
    return { sent: row?.sent ?? 0, refused: row === undefined ? [] : parseRefused(row.refused) };
  }

  /** See `Log.waiting`. */
  waiting(key: string, after: number, upTo: number, maxBytes: number, everything: boolean): Page {
    const name = this.#find(key);
    if (name === undefined) return { deliveries: [], position: upTo, removed: 0 };
    const reader = { ...name, everything };
    const sources = [this.#sources.inbox(reader, after, upTo)];
    for (const { room, conversation, joined, left } of this.rooms.intervals(name.id, after)) {
      const low = Math.max(after, joined - 1);
      const high = Math.min(upTo, left ?? Infinity);
      if (low >= high) continue;
      sources.push(this.#sources.room(conversation, reader, low, high));
      if (everything) sources.push(this.#sources.events(room, low, high));
    }
    const page = readPage(sources, upTo, maxBytes);
    return { ...page, removed: this.#removed(this.#find(key) ?? name) };
  }

  /** See `Log.history`. */
  history({ key, other, everything, ...range }: HistoryQuery): HistoryPage {
    const name = this.#find(key);
    const place =
      name && (isRoom(other) ? this.rooms.place(name.id, other) : this.#pair(name, other));
    if (name === undefined || place === undefined) return { deliveries: [], more: false };
    return this.#history.read(place, { ...name, everything }, range);
  }

  /** See `Log.conversations`. */
  conversations(key: string, upTo: number, count: number): Conversation[] {
    const name = this.#find(key);
    if (name === undefined) return [];
    return this.#conversations.list({ ...name, everything: false }, upTo, count);
  }

  blocked(key: string): string[] {
    return (this.#blocked.all(key) as unknown as { shown: string }[]).map(({ shown }) => shown);
  }

  count(): { names: number; unseenNames: number } {
    return {
      names: (this.#countNames.get() as { n: number }).n,
      unseenNames: (this.#countUnseen.get() as { n: number }).n,
    };
  }

  /** Up to where retention has removed what was for a name, from it, or in a room while it was there. */
  #removed({ id, removed }: NameRow): number {
    return Math.max(removed, this.rooms.removed(id));
  }

  #find(key: string): NameRow | undefined {
    return this.#name.get(key) as NameRow | undefined;
  }

  #pair(one: NameRow, key: string): HistoryPlace | undefined {
    const other = this.#find(key);
    if (other === undefined) return undefined;
    const pair = [Math.min(one.id, other.id), Math.max(one.id, other.id)] as const;
    const row = this.#conversation.get(...pair) as { id: number } | undefined;
    return row && { conversation: row.id, intervals: [{ joined: 0 }] };
  }
}
