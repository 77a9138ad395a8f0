// Blocks: the messages that one commit appended to one conversation, built by the store and
// taken apart by the reader.

import { SEPARATOR, sliceBodies, unpackBodies } from "../../protocol/bodies.ts";
import type { OutboxPlace } from "../batch.ts";

/** Where one send's bodies lie in a block, as it is stored: see `schema.ts`. */
type StoredSend = [
  index: number,
  first: number,
  step: number,
  from: number,
  at: number,
  outbox?: string,
  number?: number,
];

/** A part of a block: consecutive messages of one sender. */
export interface Part {
  readonly first: number;
  readonly step: number;
  readonly count: number;
  readonly from: number;
  readonly at: number;
  readonly bodies: string;
  /** Where its sender has its first message. */
  readonly outbox?: OutboxPlace;
}

/** Collects what one commit appends to one conversation. */
export class BlockBuilder {
  readonly conversation: number;
  readonly first: number;
  last: number;
  at: number;
  #count = 0;
  #sends: StoredSend[] = [];
  #bodies = "";

  constructor(conversation: number, first: number) {
    this.conversation = conversation;
    this.first = first;
    this.last = first;
    this.at = 0;
  }

  add(part: Part): void {
    const { first, step, from, at, outbox } = part;
    const place: [string, number] | [] = outbox === undefined ? [] : [outbox.id, outbox.number];
    this.#sends.push([this.#count, first, step, from, at, ...place]);
    this.#bodies = this.#count === 0 ? part.bodies : this.#bodies + SEPARATOR + part.bodies;
    this.#count += part.count;
    this.last = part.first + (part.count - 1) * part.step;
    this.at = Math.max(this.at, part.at);
  }

  get sends(): string {
    return JSON.stringify(this.#sends);
  }

  get bodies(): string {
    return this.#bodies;
  }
}

/** Takes a stored block apart, in rising seqs. `last` is its highest seq. */
export function blockParts(sends: string, bodies: string, last: number): Part[] {
  const stored = JSON.parse(sends) as StoredSend[];
  const [only] = stored;
  if (only !== undefined && stored.length === 1) {
    const [, first, step, from, at, ...place] = only;
    const count = (last - first) / step + 1;
    return [{ first, step, count, from, at, bodies, ...outboxOf(...place) }];
  }
  const unpacked = unpackBodies(bodies);
  return stored.map(([index, first, step, from, at, ...place], i) => {
    const mine = unpacked.slice(index, stored[i + 1]?.[0] ?? unpacked.length);
    const bodies = mine.join(SEPARATOR);
    return { first, step, count: mine.length, from, at, bodies, ...outboxOf(...place) };
  });
}

function outboxOf(id?: string, number?: number): Pick<Part, "outbox"> {
  return id === undefined || number === undefined ? {} : { outbox: { id, number } };
}

/** What of a part, or of a run, lies above one seq and not above another; undefined when nothing does. */
export function clipPart<P extends Omit<Part, "from">>(
  part: P,
  after: number,
  upTo: number,
): P | undefined {
  const { first, step, count } = part;
  if (first > after && first + (count - 1) * step <= upTo) return part;
  const start = Math.max(0, Math.floor((after - first) / step) + 1);
  const end = Math.min(count, Math.floor((upTo - first) / step) + 1);
  if (start >= end) return undefined;
  const bodies = sliceBodies(part.bodies, start, end);
  const clipped = { ...part, first: first + start * step, count: end - start, bodies };
  if (part.outbox === undefined) return clipped;
  return { ...clipped, outbox: { ...part.outbox, number: part.outbox.number + start } };
}
