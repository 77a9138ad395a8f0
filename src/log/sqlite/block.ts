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

/** Where consecutive messages of one sender lie in a block. */
export interface Span {
  readonly first: number;
  readonly step: number;
  readonly count: number;
  readonly from: number;
  readonly at: number;
  /** Where its sender has its first message. */
  readonly outbox?: OutboxPlace;
}

/** A part of a block: the same with what they say. */
export interface Part extends Span {
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
  const spans = blockSpans(sends, last);
  const [only] = spans;
  if (only !== undefined && spans.length === 1) return [{ ...only, bodies }];
  const unpacked = unpackBodies(bodies);
  let index = 0;
  return spans.map((span) => {
    const mine = unpacked.slice(index, (index += span.count));
    return { ...span, bodies: mine.join(SEPARATOR) };
  });
}

/** The same without what they say. */
export function blockSpans(sends: string, last: number): Span[] {
  const stored = JSON.parse(sends) as StoredSend[];
  return stored.map(([index, first, step, from, at, ...place], i) => {
    const next = stored[i + 1]?.[0];
    const count = next === undefined ? (last - first) / step + 1 : next - index;
    return { first, step, count, from, at, ...outboxOf(...place) };
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
  const [start, end] = placesBetween(part, after, upTo);
  if (start === 0 && end === count) return part;
  if (start >= end) return undefined;
  const bodies = sliceBodies(part.bodies, start, end);
  const clipped = { ...part, first: first + start * step, count: end - start, bodies };
  if (part.outbox === undefined) return clipped;
  return { ...clipped, outbox: { ...part.outbox, number: part.outbox.number + start } };
}

/** How many messages of a span lie there. */
export function countBetween(span: Span, after: number, upTo: number): number {
  const [start, end] = placesBetween(span, after, upTo);
  return Math.max(0, end - start);
}

type Places = Pick<Span, "first" | "step" | "count">;

function placesBetween({ first, step, count }: Places, after: number, upTo: number) {
  const start = Math.max(0, Math.floor((after - first) / step) + 1);
  const end = Math.min(count, Math.floor((upTo - first) / step) + 1);
  return [start, end] as const;
}
