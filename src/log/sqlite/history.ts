// A conversation page by page: the newest, what lies below a seq, or what lies above one.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { firstSeq, inOrder, lastSeq } from "../deliveries.ts";
import type { HistoryPage, HistoryQuery } from "../reading.ts";
import type { Delivery, Run } from "../run.ts";
import type { Interval } from "../rooms.ts";
import { clipPart, type Part } from "./block.ts";
import { BLOCK_COLUMNS, BLOCK_JOINS, type BlockReader, type StoredBlock } from "./block-reader.ts";
import type { Reading, Sources } from "./sources.ts";

/** Which conversation it is, and where in it the asker may read. */
export interface HistoryPlace {
  readonly conversation: number;
  readonly room?: { readonly id: number; readonly shown: string };
  /** In rising order. */
  readonly intervals: readonly Interval[];
}

type Range = Pick<HistoryQuery, "after" | "upTo" | "count" | "maxBytes">;

/** What is still to be read of a page. */
class Page {
  readonly runs: Run[] = [];
  isFull = false;
  #messages: number;
  #bytes: number;

  constructor({ count, maxBytes }: Range) {
    this.#messages = count;
    this.#bytes = maxBytes;
  }

  /** Takes as much of a part as there is room for, its last or its first messages. */
  take(part: Part, from: "first" | "last", run: (part: Part) => Run): void {
    if (this.#messages === 0 || this.#bytes <= 0) {
      this.isFull = true;
      return;
    }
    const { first, step, count } = part;
    const surplus = Math.max(0, count - this.#messages);
    const after = from === "last" ? first + (surplus - 1) * step : first - 1;
    const upTo = from === "last" ? Infinity : first + (count - surplus - 1) * step;
    const taken = clipPart(part, after, upTo);
    if (taken === undefined) return;
    this.runs.push(run(taken));
    this.#messages -= taken.count;
    this.#bytes -= taken.bodies.length;
    this.isFull = surplus > 0;
  }
}

export class HistoryReader {
  readonly #blocks: BlockReader;
  readonly #sources: Sources;
  readonly #below: StatementSync;

  constructor(database: DatabaseSync, blocks: BlockReader, sources: Sources) {
    this.#blocks = blocks;
    this.#sources = sources;
    this.#below = database.prepare(
      `SELECT ${BLOCK_COLUMNS} FROM conversation_blocks JOIN blocks USING (seq) ${BLOCK_JOINS}
       WHERE conversation_blocks.conversation = ? AND seq <= ? ORDER BY seq DESC`,
    );
  }

  read(place: HistoryPlace, reader: Reading, range: Range): HistoryPage {
    const { after = 0, upTo } = range;
    const page = new Page(range);
    const isForwards = range.after !== undefined;
    const intervals = isForwards ? place.intervals : place.intervals.toReversed();
    for (const { joined, left = Infinity } of intervals) {
      const low = Math.max(after, joined - 1);
      const high = Math.min(upTo, left);
      if (low >= high || page.isFull) continue;
      if (isForwards) this.#readForwards(page, place.conversation, reader, low, high);
      else this.#readBackwards(page, place.conversation, reader, low, high);
    }
    const runs = inOrder(page.runs);
    const events = this.#events(place, reader, range, page.isFull, runs);
    return { deliveries: inOrder([...runs, ...events]), more: page.isFull };
  }

  #readForwards(
    page: Page,
    conversation: number,
    reader: Reading,
    low: number,
    high: number,
  ): void {
    const next = this.#sources.keys(conversation, low, high);
    for (let key = next(); key !== undefined && !page.isFull; key = next()) {
      const block = this.#blocks.block(key.seq);
      if (block === undefined) continue;
      for (const part of this.#blocks.parts(block)) {
        this.#take(page, block, part, "first", reader, low, high);
      }
    }
  }

  #readBackwards(
    page: Page,
    conversation: number,
    reader: Reading,
    low: number,
    high: number,
  ): void {
    const rows = this.#below.iterate(conversation, high) as unknown as Iterable<StoredBlock>;
    for (const block of rows) {
      if (block.last <= low || page.isFull) return;
      for (const part of this.#blocks.parts(block).toReversed()) {
        this.#take(page, block, part, "last", reader, low, high);
      }
    }
  }

  #take(
    page: Page,
    block: StoredBlock,
    part: Part,
    from: "first" | "last",
    reader: Reading,
    low: number,
    high: number,
  ): void {
    const clipped = clipPart(part, low, high);
    if (clipped === undefined || page.isFull) return;
    page.take(clipped, from, (taken) => this.#blocks.run(block, taken, reader));
  }

  /** The events among the messages of a page: up to its end in the direction that was read. */
  #events(
    { room, intervals }: HistoryPlace,
    { everything }: Reading,
    { after, upTo }: Range,
    isFull: boolean,
    runs: readonly Delivery[],
  ): Delivery[] {
    if (room === undefined || !everything) return [];
    const [oldest, newest] = [runs[0], runs.at(-1)];
    let low = after ?? 0;
    let high = upTo;
    if (isFull && after === undefined && oldest !== undefined) low = firstSeq(oldest);
    if (isFull && after !== undefined && newest !== undefined) high = lastSeq(newest);
    return intervals.flatMap(({ joined, left = Infinity }) => {
      const next = this.#sources.events(room, Math.max(low, joined - 1), Math.min(high, left));
      const events: Delivery[] = [];
      for (let piece = next(); piece !== undefined; piece = next()) events.push(...piece.read());
      return events;
    });
  }
}
