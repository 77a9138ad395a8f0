// A conversation page by page: the newest, what lies below a seq, or what lies above one.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { firstSeq, inOrder, lastSeq, sizeOf } from "../deliveries.ts";
import type { HistoryPage, HistoryQuery } from "../reading.ts";
import type { Delivery, Run } from "../run.ts";
import type { Interval } from "../rooms.ts";
import { clipPart } from "./block.ts";
import { BLOCK_COLUMNS, BLOCK_JOINS, type BlockReader, type StoredBlock } from "./block-reader.ts";
import type { Reading, Source, Sources } from "./sources.ts";

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
  readonly deliveries: Delivery[] = [];
  /** Whether something was left out. */
  isFull = false;
  readonly #isForwards: boolean;
  #count: number;
  #bytes: number;

  constructor({ after, count, maxBytes }: Range) {
    this.#isForwards = after !== undefined;
    this.#count = count;
    this.#bytes = maxBytes;
  }

  /** Takes as much as there is room for, of a run its first or its last messages. */
  take(delivery: Delivery): void {
    const taken = this.#bytes > 0 ? this.#clipped(delivery) : undefined;
    this.isFull = taken !== delivery;
    if (taken === undefined) return;
    this.deliveries.push(taken);
    this.#count -= "kind" in taken ? 1 : taken.count;
    this.#bytes -= sizeOf(taken);
  }

  #clipped(delivery: Delivery): Delivery | undefined {
    if (this.#count === 0) return undefined;
    if ("kind" in delivery || delivery.count <= this.#count) return delivery;
    const { first, step } = delivery;
    if (this.#isForwards) return clipPart(delivery, 0, first + (this.#count - 1) * step);
    return clipPart(delivery, lastSeq(delivery) - this.#count * step, Infinity);
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
    const isForwards = range.after !== undefined;
    const page = new Page(range);
    for (const { joined, left } of isForwards ? place.intervals : place.intervals.toReversed()) {
      const after = Math.max(range.after ?? 0, joined - 1);
      const upTo = Math.min(range.upTo, left ?? Infinity);
      if (after >= upTo) continue;
      for (const delivery of this.#between(place, reader, after, upTo, isForwards)) {
        page.take(delivery);
        if (page.isFull) break;
      }
      if (page.isFull) break;
    }
    return { deliveries: inOrder(page.deliveries), more: page.isFull };
  }

  /** What lies above one seq and not above another, in the direction of reading. */
  *#between(
    { conversation, room }: HistoryPlace,
    reader: Reading,
    after: number,
    upTo: number,
    isForwards: boolean,
  ): Generator<Delivery, void> {
    // One's own messages are a part of it in any case.
    const whole = { ...reader, everything: true };
    const runs = isForwards
      ? each(this.#sources.room(conversation, whole, after, upTo))
      : this.#runsBelow(conversation, reader, after, upTo);
    if (room === undefined || !reader.everything) return yield* runs;
    const events = isForwards
      ? each(this.#sources.events(room, after, upTo))
      : this.#sources.eventsBelow(room, after, upTo);
    yield* merged(runs, events, isForwards);
  }

  /** The newest first. */
  *#runsBelow(
    conversation: number,
    reader: Reading,
    after: number,
    upTo: number,
  ): Generator<Run, void> {
    const rows = this.#below.iterate(conversation, upTo) as unknown as Iterable<StoredBlock>;
    for (const block of rows) {
      if (block.last <= after) return;
      for (const part of this.#blocks.parts(block).toReversed()) {
        const clipped = clipPart(part, after, upTo);
        if (clipped !== undefined) yield this.#blocks.run(block, clipped, reader);
      }
    }
  }
}

function* each(source: Source): Generator<Delivery, void> {
  for (let piece = source(); piece !== undefined; piece = source()) yield* piece.read();
}

/** Runs of one conversation and events of it, each in the direction of reading: they do not interleave. */
function* merged(
  runs: Generator<Delivery, void>,
  events: Generator<Delivery, void>,
  isForwards: boolean,
): Generator<Delivery, void> {
  try {
    let [run, event] = [runs.next(), events.next()];
    while (!run.done || !event.done) {
      if (event.done || (!run.done && firstSeq(run.value) < firstSeq(event.value) === isForwards)) {
        yield run.value as Delivery;
        run = runs.next();
      } else {
        yield event.value;
        event = events.next();
      }
    }
  } finally {
    // A statement that is not read to its end would keep the write-ahead log from being emptied.
    runs.return();
    events.return();
  }
}
