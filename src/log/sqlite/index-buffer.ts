// The index of the blocks: which ones a name and a conversation have. A commit writes its blocks
// alone; their index entries collect here and are written for many commits at once, since they lie
// all over the file. After a crash they are made again from the blocks.

import { Buffer } from "node:buffer";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { blockParts } from "./block.ts";
import { InboxEntry } from "./inbox-entry.ts";

/** Entries that may be missing in the file: some milliseconds of work, at a commit or after a crash. */
const MOST_ENTRIES = 1024;

interface UnindexedBlock {
  seq: number;
  last: number;
  conversation: number;
  sends: string;
  bodies: string;
  /** Null in a room, which has no inbox. */
  a: number | null;
  b: number | null;
}

export class IndexBuffer {
  readonly #addToConversation: StatementSync;
  readonly #addToInbox: StatementSync;
  readonly #setIndexed: StatementSync;
  #blocks: { conversation: number; seq: number }[] = [];
  #inboxes = new Map<number, InboxEntry[]>();
  #size = 0;
  #indexed: number;

  constructor(database: DatabaseSync) {
    this.#addToConversation = database.prepare(
      "INSERT INTO conversation_blocks (conversation, seq) VALUES (?, ?)",
    );
    this.#addToInbox = database.prepare(
      "INSERT INTO inbox (name, first, last, blocks, count, bytes) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#setIndexed = database.prepare("UPDATE log SET indexed = ?");
    this.#indexed = (
      database.prepare("SELECT indexed FROM log").get() as { indexed: number }
    ).indexed;
    this.#collectMissing(database);
  }

  /** Everything up to this seq is in the index on disk. */
  get indexed(): number {
    return this.#indexed;
  }

  get isFull(): boolean {
    return this.#size >= MOST_ENTRIES;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  addBlock(conversation: number, seq: number): void {
    this.#blocks.push({ conversation, seq });
    this.#size += 1;
  }

  addInbox(name: number, entry: InboxEntry): void {
    const entries = this.#inboxes.get(name);
    if (entries === undefined) this.#inboxes.set(name, [entry]);
    else entries.push(entry);
    this.#size += 1;
  }

  /** The entries of a name that are not in the file yet, in rising seqs. */
  inboxOf(name: number): readonly InboxEntry[] {
    return this.#inboxes.get(name) ?? [];
  }

  /** Writes what has collected, inside the caller's transaction. `head`: up to where it goes. */
  write(head: number): void {
    for (const { conversation, seq } of this.#blocks)
      this.#addToConversation.run(conversation, seq);
    for (const [name, entries] of this.#inboxes) {
      for (const { first, last, blocks, count, bytes } of entries) {
        this.#addToInbox.run(name, first, last, blocks, count, bytes);
      }
    }
    this.#setIndexed.run(head);
    this.#blocks = [];
    this.#inboxes = new Map();
    this.#size = 0;
    this.#indexed = head;
  }

  /** Blocks whose entries were lost with the process that held them. */
  #collectMissing(database: DatabaseSync): void {
    const missing = database.prepare(`
      SELECT seq, last, conversation, sends, bodies, a, b FROM blocks
      JOIN conversations ON conversations.id = conversation WHERE seq > ? ORDER BY seq`);
    for (const row of missing.iterate(this.#indexed) as unknown as Iterable<UnindexedBlock>) {
      this.addBlock(row.conversation, row.seq);
      if (row.a !== null) this.#collectInbox(row.a, row);
      if (row.b !== null && row.b !== row.a) this.#collectInbox(row.b, row);
    }
  }

  /** Blocks of one commit may interleave; then they make one entry. */
  #collectInbox(name: number, { seq, last, sends, bodies, a, b }: UnindexedBlock): void {
    let entry = this.inboxOf(name).at(-1);
    if (entry === undefined || entry.last < seq) {
      entry = new InboxEntry(seq);
      this.addInbox(name, entry);
    }
    entry.add(seq, last, 0, 0);
    for (const part of blockParts(sends, bodies, last)) {
      const isRecipient = part.from !== name || a === b;
      if (isRecipient) entry.add(seq, last, part.count, Buffer.byteLength(part.bodies));
    }
  }
}
