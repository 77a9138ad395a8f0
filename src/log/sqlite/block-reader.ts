// Blocks as they are read: by their seq, and taken apart into runs.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Run } from "../run.ts";
import { blockParts, blockSpans, type Part, type Span } from "./block.ts";

export interface StoredBlock {
  readonly seq: number;
  readonly last: number;
  readonly sends: string;
  readonly bodies: string;
  /** The two names of the conversation; null in a room. */
  readonly a: number | null;
  readonly b: number | null;
  /** The room as it is shown; null between two names. */
  readonly room: string | null;
}

/** Selects a `StoredBlock` from `blocks` with these joins. */
export const BLOCK_COLUMNS = "seq, last, sends, bodies, a, b, rooms.shown AS room";
export const BLOCK_JOINS = `JOIN conversations ON conversations.id = blocks.conversation
  LEFT JOIN rooms ON rooms.id = conversations.room`;

/** Who reads. */
export interface Reader {
  readonly id: number;
  readonly shown: string;
}

export class BlockReader {
  readonly #block: StatementSync;
  readonly #sends: StatementSync;
  readonly #shown: StatementSync;

  constructor(database: DatabaseSync) {
    this.#block = database.prepare(
      `SELECT ${BLOCK_COLUMNS} FROM blocks ${BLOCK_JOINS} WHERE seq = ?`,
    );
    this.#sends = database.prepare("SELECT sends FROM blocks WHERE seq = ?");
    this.#shown = database.prepare("SELECT shown FROM names WHERE id = ?");
  }

  block(seq: number): StoredBlock | undefined {
    return this.#block.get(seq) as StoredBlock | undefined;
  }

  /** Whose messages a block holds, without what they say, in rising seqs. */
  spans({ seq, last }: Pick<StoredBlock, "seq" | "last">): Span[] {
    const row = this.#sends.get(seq) as { sends: string } | undefined;
    return row === undefined ? [] : blockSpans(row.sends, last);
  }

  /** In rising seqs. */
  parts({ sends, bodies, last }: StoredBlock): Part[] {
    return blockParts(sends, bodies, last);
  }

  /** A part as a name is given it: where it lies in an outbox is for its sender alone. */
  run({ a, b, room }: StoredBlock, { outbox, ...part }: Part, reader: Reader): Run {
    const to = room ?? this.#name((part.from === a ? b : a) as number, reader);
    const run = { ...part, from: this.#name(part.from, reader), to };
    return outbox === undefined || part.from !== reader.id ? run : { ...run, outbox };
  }

  #name(id: number, reader: Reader): string {
    return id === reader.id ? reader.shown : (this.#shown.get(id) as { shown: string }).shown;
  }
}
