// Blocks: the messages that one commit appended to one conversation, built by the store and
// taken apart by the reader.

import { SEPARATOR, sliceBodies, unpackBodies } from "../../protocol/bodies.ts";

/** Where one send's bodies lie in a block, as it is stored: see `schema.ts`. */
type StoredSend = [index: number, first: number, step: number, from: number, at: number];

/** A part of a block: consecutive messages of one sender. */
export interface Part {
  readonly first: number;
  readonly step: number;
  readonly count: number;
  readonly from: number;
  readonly at: number;
  readonly bodies: string;
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
    this.#sends.push([this.#count, part.first, part.step, part.from, part.at]);
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
    const [, first, step, from, at] = only;
    return [{ first, step, count: (last - first) / step + 1, from, at, bodies }];
  }
  const unpacked = unpackBodies(bodies);
  return stored.map(([index, first, step, from, at], i) => {
    const mine = unpacked.slice(index, stored[i + 1]?.[0] ?? unpacked.length);
    return { first, step, count: mine.length, from, at, bodies: mine.join(SEPARATOR) };
  });
}

/** What of a part lies above one seq and not above another; undefined when nothing does. */
export function clipPart(part: Part, after: number, upTo: number): Part | undefined {
  const { first, step, count } = part;
  if (first > after && first + (count - 1) * step <= upTo) return part;
  const start = Math.max(0, Math.floor((after - first) / step) + 1);
  const end = Math.min(count, Math.floor((upTo - first) / step) + 1);
  if (start >= end) return undefined;
  const bodies = sliceBodies(part.bodies, start, end);
  return { ...part, first: first + start * step, count: end - start, bodies };
}
