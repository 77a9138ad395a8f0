// The search index: a database of its own beside the log, fed behind the commits. It can be made again
// from the log at any time, so it is neither synced nor backed up, and one that does not fit is begun anew.

import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { unpackBodies } from "../../protocol/bodies.ts";
import { isRoom } from "../../protocol/room.ts";
import type { Run } from "../run.ts";
import type { SearchPage, SearchQuery } from "../search.ts";
import { blockParts, clipPart } from "./block.ts";
import { BlockReader, type Reader } from "./block-reader.ts";
import { databasePath, openReader } from "./database.ts";
import { RoomReader } from "./room-reader.ts";
import { toIndexed, toMatch } from "./search-words.ts";

const FILE = "partyline-search.db";

/** Raised with every change of the tables or of how words are made: an older file is begun anew. */
const VERSION = 1;

/** Blocks, and about messages, that one step indexes: some milliseconds of work. */
const STEP_BLOCKS = 200;
const STEP_MESSAGES = 500;

/** Rows of messages that retention has removed, forgotten with one step. */
const STEP_REMOVED = 500;

/** Messages that are looked at for one answer; what lies below is the next page's. */
const MOST_EXAMINED = 20_000;

const TABLES = `
  CREATE TABLE meta (version INTEGER NOT NULL, log TEXT NOT NULL, indexed INTEGER NOT NULL) STRICT;
  CREATE VIRTUAL TABLE words USING fts5(
    text, content = '', contentless_delete = 1, tokenize = "unicode61 remove_diacritics 2");
  CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    block INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    sender INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
`;

interface BlockRow {
  readonly seq: number;
  readonly last: number;
  readonly conversation: number;
  readonly sends: string;
  readonly bodies: string;
}

interface Candidate {
  readonly seq: number;
  readonly block: number;
  readonly conversation: number;
}

interface Place {
  readonly a: number | null;
  readonly b: number | null;
  readonly room: string | null;
}

export class SearchStore {
  readonly #log: DatabaseSync;
  readonly #database: DatabaseSync;
  readonly #blocks: BlockReader;
  readonly #rooms: RoomReader;
  readonly #nextBlocks: StatementSync;
  readonly #oldestBlock: StatementSync;
  readonly #addWords: StatementSync;
  readonly #addMessage: StatementSync;
  readonly #setIndexed: StatementSync;
  readonly #oldMessages: StatementSync;
  readonly #removeWords: StatementSync;
  readonly #removeMessage: StatementSync;
  readonly #name: StatementSync;
  readonly #place: StatementSync;
  readonly #pair: StatementSync;
  #indexed: number;

  constructor(folder: string) {
    this.#log = openReader(databasePath(folder));
    const { database, indexed } = openIndex(join(folder, FILE), this.#log);
    this.#database = database;
    this.#indexed = indexed;
    this.#blocks = new BlockReader(this.#log);
    this.#rooms = new RoomReader(this.#log);
    this.#nextBlocks = this.#log.prepare(
      `SELECT seq, last, conversation, sends, bodies FROM blocks WHERE seq > ? ORDER BY seq LIMIT ${STEP_BLOCKS}`,
    );
    this.#oldestBlock = this.#log.prepare("SELECT min(seq) AS seq FROM blocks");
    this.#addWords = database.prepare("INSERT INTO words (rowid, text) VALUES (?, ?)");
    this.#addMessage = database.prepare(
      "INSERT OR IGNORE INTO messages (seq, block, conversation, sender, at) VALUES (?, ?, ?, ?, ?)",
    );
    this.#setIndexed = database.prepare("UPDATE meta SET indexed = ?");
    this.#oldMessages = database.prepare(
      `SELECT seq FROM messages WHERE seq < ? ORDER BY seq LIMIT ${STEP_REMOVED}`,
    );
    this.#removeWords = database.prepare("DELETE FROM words WHERE rowid = ?");
    this.#removeMessage = database.prepare("DELETE FROM messages WHERE seq = ?");
    this.#name = this.#log.prepare("SELECT id, shown FROM names WHERE key = ?");
    this.#place = this.#log.prepare(
      "SELECT a, b, rooms.key AS room FROM conversations LEFT JOIN rooms ON rooms.id = room WHERE conversations.id = ?",
    );
    this.#pair = this.#log.prepare("SELECT id FROM conversations WHERE a = ? AND b = ?");
  }

  /** Indexes a little more. @returns whether there is still more */
  step(): boolean {
    // One by one: a block may be a whole batch, and a step rarely needs more than a few.
    const rows = this.#nextBlocks.iterate(this.#indexed) as unknown as Iterable<BlockRow>;
    this.#database.exec("BEGIN");
    let blocks = 0;
    let messages = 0;
    let isCut = false;
    for (const row of rows) {
      if (messages >= STEP_MESSAGES) {
        isCut = true;
        break;
      }
      messages += this.#indexBlock(row);
      blocks += 1;
      this.#indexed = row.seq;
    }
    const isForgetting = this.#forgetRemoved();
    this.#setIndexed.run(this.#indexed);
    this.#database.exec("COMMIT");
    return isCut || blocks === STEP_BLOCKS || isForgetting;
  }

  /** @param head what is above it was not announced yet */
  search(query: SearchQuery, head: number): SearchPage {
    const complete = Math.min(
      head,
      this.#nextBlocks.get(this.#indexed) === undefined ? head : this.#indexed,
    );
    const match = toMatch(query.words);
    const reader = this.#name.get(query.key) as Reader | undefined;
    if (match === undefined || reader === undefined) return { messages: [], complete };
    const conversation =
      query.with === undefined ? undefined : this.#conversation(reader, query.with);
    const sender =
      query.from === undefined ? undefined : (this.#name.get(query.from) as Reader | undefined);
    const isNowhere =
      (query.with !== undefined && conversation === undefined) ||
      (query.from !== undefined && sender === undefined);
    if (isNowhere) return { messages: [], complete };
    const candidates = this.#candidates(match, query, head, conversation, sender?.id);
    const isVisible = this.#visibility(reader.id);
    const found: Run[] = [];
    let examined = 0;
    let next: number | undefined;
    for (const candidate of candidates) {
      examined += 1;
      if (isVisible(candidate)) {
        const run = this.#message(candidate, reader);
        if (run !== undefined) found.push(run);
      }
      next = candidate.seq;
      if (found.length >= query.count) break;
    }
    const isEnd = found.length < query.count && examined < MOST_EXAMINED;
    return { messages: found, complete, ...(isEnd || next === undefined ? {} : { next }) };
  }

  close(): void {
    this.#database.close();
    this.#log.close();
  }

  #indexBlock({ seq: block, last, conversation, sends, bodies }: BlockRow): number {
    let count = 0;
    for (const part of blockParts(sends, bodies, last)) {
      unpackBodies(part.bodies).forEach((body, i) => {
        const seq = part.first + i * part.step;
        const { changes } = this.#addMessage.run(seq, block, conversation, part.from, part.at);
        if (Number(changes) > 0) this.#addWords.run(seq, toIndexed(body));
      });
      count += part.count;
    }
    return count;
  }

  /** What lies below the oldest block is not there any more. @returns whether there may be more */
  #forgetRemoved(): boolean {
    const { seq: oldest } = this.#oldestBlock.get() as { seq: number | null };
    const rows = this.#oldMessages.all(oldest ?? this.#indexed) as unknown as { seq: number }[];
    for (const { seq } of rows) {
      this.#removeWords.run(seq);
      this.#removeMessage.run(seq);
    }
    return rows.length === STEP_REMOVED;
  }

  #candidates(
    match: string,
    { since = 0, until = Number.MAX_SAFE_INTEGER, below }: SearchQuery,
    head: number,
    conversation: number | undefined,
    sender: number | undefined,
  ): Iterable<Candidate> {
    const more = [
      conversation === undefined ? "" : `AND conversation = ${conversation}`,
      sender === undefined ? "" : `AND sender = ${sender}`,
    ].join(" ");
    const found = this.#database.prepare(
      `SELECT seq, block, conversation FROM words JOIN messages ON seq = words.rowid
       WHERE words MATCH ? AND words.rowid < ? AND at BETWEEN ? AND ? ${more}
       ORDER BY words.rowid DESC LIMIT ${MOST_EXAMINED}`,
    );
    const rows = found.iterate(match, Math.min(below, head + 1), since, until);
    return rows as unknown as Iterable<Candidate>;
  }

  /** Whether somebody may see a message: it is from him or to him, or in a room while he was in it. */
  #visibility(name: number): (candidate: Candidate) => boolean {
    const places = new Map<number, (seq: number) => boolean>();
    return ({ conversation, seq }) => {
      let sees = places.get(conversation);
      if (sees === undefined) {
        sees = this.#sees(name, conversation);
        places.set(conversation, sees);
      }
      return sees(seq);
    };
  }

  #sees(name: number, conversation: number): (seq: number) => boolean {
    const place = this.#place.get(conversation) as Place | undefined;
    if (place === undefined) return () => false;
    if (place.room === null) return () => place.a === name || place.b === name;
    const { intervals = [] } = this.#rooms.place(name, place.room) ?? {};
    return (seq) => intervals.some(({ joined, left = Infinity }) => joined <= seq && seq <= left);
  }

  #conversation(reader: Reader, key: string): number | undefined {
    if (isRoom(key)) return this.#rooms.place(reader.id, key)?.conversation;
    const other = this.#name.get(key) as Reader | undefined;
    if (other === undefined) return undefined;
    const pair = [Math.min(reader.id, other.id), Math.max(reader.id, other.id)] as const;
    return (this.#pair.get(...pair) as { id: number } | undefined)?.id;
  }

  /** Undefined when retention has removed it. */
  #message({ seq, block }: Candidate, reader: Reader): Run | undefined {
    const stored = this.#blocks.block(block);
    if (stored === undefined) return undefined;
    for (const part of this.#blocks.parts(stored)) {
      const clipped = clipPart(part, seq - 1, seq);
      if (clipped?.first === seq) return this.#blocks.run(stored, clipped, reader);
    }
    return undefined;
  }
}

/**
 * Opens the index of a log; one of another log, of another version, or damaged is begun anew. So is one
 * whose last block is not there: another copy of the log was put in its place, or it was removed.
 */
function openIndex(path: string, log: DatabaseSync): { database: DatabaseSync; indexed: number } {
  const { id } = log.prepare("SELECT id FROM log").get() as { id: string };
  const kept = tryOpen(path);
  if (kept !== undefined) {
    const { database, meta } = kept;
    const last = log.prepare("SELECT 1 FROM blocks WHERE seq = ?").get(meta.indexed);
    const isWhole = meta.indexed === 0 || last !== undefined;
    if (meta.version === VERSION && meta.log === id && isWhole) {
      return { database, indexed: meta.indexed };
    }
    database.close();
  }
  for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
  const database = open(path);
  database.exec(TABLES);
  database.prepare("INSERT INTO meta (version, log, indexed) VALUES (?, ?, 0)").run(VERSION, id);
  return { database, indexed: 0 };
}

function tryOpen(
  path: string,
): { database: DatabaseSync; meta: { version: number; log: string; indexed: number } } | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = open(path);
    const meta = database.prepare("SELECT version, log, indexed FROM meta").get();
    if (meta !== undefined) {
      return { database, meta: meta as { version: number; log: string; indexed: number } };
    }
  } catch {
    // A new file, or one that is damaged.
  }
  database?.close();
  return undefined;
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -4096;");
  return database;
}
