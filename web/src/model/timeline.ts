// What of a conversation is shown: a stretch of it without gaps, which grows at the end that is looked
// at and is cut at the other, so that a room of any length costs the same.

import type { Delivery } from "../../../src/client/index.ts";

export interface ShownMessage {
  readonly kind: "message";
  /** Stays the same from the outbox to the log. */
  readonly key: string;
  readonly seq: number;
  readonly from: string;
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly isOwn: boolean;
}

export interface ShownEvent {
  readonly kind: "join" | "leave" | "kick" | "topic";
  readonly key: string;
  readonly seq: number;
  readonly name: string;
  readonly by?: string;
  readonly text: string;
  readonly at: number;
}

export type Shown = ShownMessage | ShownEvent;

export interface Timeline {
  /** In rising seqs. */
  readonly items: readonly Shown[];
  /** Whether there may be something older. */
  readonly hasOlder: boolean;
  /** Whether it ends with the newest. */
  readonly isAtEnd: boolean;
}

/** Items that are kept: several screens, and few enough for any device. */
export const MOST_ITEMS = 300;

export const EMPTY: Timeline = { items: [], hasOlder: true, isAtEnd: true };

export function shownOf(delivery: Delivery): Shown {
  const { seq, at } = delivery;
  const key = `m${seq}`;
  if (delivery.kind === "message") {
    const { from, body, isOwn } = delivery;
    return { kind: "message", key, seq, from, body, at, isOwn };
  }
  const { kind, name, by, text } = delivery;
  return { kind, key, seq, name, text, at, ...(by !== undefined && { by }) };
}

/**
 * Something new: it is shown if the end is.
 * @param isFollowing whether the end is looked at; who reads further up is not disturbed
 */
export function append(timeline: Timeline, item: Shown, isFollowing: boolean): Timeline {
  if (!timeline.isAtEnd || isBefore(timeline, item)) return timeline;
  const items = inserted(timeline.items, item);
  if (items.length <= MOST_ITEMS) return { ...timeline, items };
  if (!isFollowing) return { ...timeline, items: items.slice(0, MOST_ITEMS), isAtEnd: false };
  return { ...timeline, items: items.slice(-MOST_ITEMS), hasOlder: true };
}

/** What lies before the first item; at the other end as much is let go as is too much. */
export function prepend(timeline: Timeline, older: readonly Shown[], more: boolean): Timeline {
  const all = merged(older, timeline.items);
  const items = all.slice(0, MOST_ITEMS);
  return { items, hasOlder: more, isAtEnd: timeline.isAtEnd && items.length === all.length };
}

/** What lies after the last item. */
export function extend(timeline: Timeline, newer: readonly Shown[], more: boolean): Timeline {
  const all = merged(timeline.items, newer);
  const items = all.slice(-MOST_ITEMS);
  return { items, hasOlder: timeline.hasOlder || items.length < all.length, isAtEnd: !more };
}

/** Whether nothing is missing between a seq and the first item. */
export function reachesDown({ items, hasOlder }: Timeline, seq: number): boolean {
  return !hasOlder || (items[0]?.seq ?? Infinity) <= seq;
}

/** Whether what comes next after a seq is here, if there is anything. */
export function hasNext(timeline: Timeline, seq: number): boolean {
  const { items, isAtEnd } = timeline;
  return reachesDown(timeline, seq) && (isAtEnd || (items.at(-1)?.seq ?? 0) > seq);
}

/** How many messages of others lie above a seq; undefined when not all of them are here. */
export function countAbove(timeline: Timeline, seq: number): number | undefined {
  if (!timeline.isAtEnd || !reachesDown(timeline, seq)) return undefined;
  return timeline.items.filter((item) => item.seq > seq && item.kind === "message" && !item.isOwn)
    .length;
}

/** A backlog may still bring what lies before the stretch: it is loaded with the rest when it is looked at. */
function isBefore({ items, hasOlder }: Timeline, { seq }: Shown): boolean {
  return hasOlder && seq < (items[0]?.seq ?? 0);
}

function inserted(items: readonly Shown[], item: Shown): readonly Shown[] {
  const last = items.at(-1);
  if (last === undefined || last.seq < item.seq) return [...items, item];
  if (items.some(({ seq }) => seq === item.seq)) return items;
  return items.toSpliced(items.findLastIndex(({ seq }) => seq < item.seq) + 1, 0, item);
}

/** What is here already stays as it is: a message of one's own keeps the key of the outbox. */
function merged(one: readonly Shown[], other: readonly Shown[]): Shown[] {
  const all = new Map<number, Shown>();
  for (const item of [...one, ...other]) {
    const before = all.get(item.seq);
    if (before === undefined || before.key.startsWith("m")) all.set(item.seq, item);
  }
  return [...all.values()].toSorted((a, b) => a.seq - b.seq);
}

/** How long after each other the messages of a group may be, in ms. */
const TOGETHER = 300_000;

/** Whether a message goes on under the head of the one before: the same sender, soon after, on the same day. */
export function isContinued(
  item: Pick<ShownMessage, "from" | "at">,
  before: Shown | { readonly kind: "comings" } | undefined,
): boolean {
  if (before?.kind !== "message") return false;
  const isSoon = item.at - before.at < TOGETHER && isSameDay(item.at, before.at);
  return item.from === before.from && isSoon;
}

export function isSameDay(one: number, other: number): boolean {
  return new Date(one).toDateString() === new Date(other).toDateString();
}
