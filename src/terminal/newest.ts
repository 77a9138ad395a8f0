// The newest messages of a conversation, in a room with what happened among them: a page of history counts both,
// and who asks for twenty messages does not mean twenty joins.

import type { Delivery, HistoryPart, Line } from "../client/index.ts";

/** What is asked for at once when the first page has too few messages. */
const PAGE = 200;

/** Pages that are asked for: where far more happened than was said there are fewer messages. */
const MOST_PAGES = 5;

/** @throws LineError */
export async function newest(
  line: Pick<Line, "history">,
  conversation: string,
  count: number,
  signal?: AbortSignal,
): Promise<readonly Delivery[]> {
  const found: Delivery[] = [];
  let part: HistoryPart = { limit: count };
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const { deliveries, more } = await line.history(conversation, part, signal);
    found.unshift(...deliveries);
    const [oldest] = found;
    if (!more || oldest === undefined || firstOf(found, count) !== undefined) break;
    part = { limit: Math.max(count, PAGE), before: oldest.seq };
  }
  const first = firstOf(found, count)?.seq ?? 0;
  return found.filter(({ seq }) => seq >= first);
}

/** The first of the last `count` messages; undefined when there are fewer. */
function firstOf(deliveries: readonly Delivery[], count: number): Delivery | undefined {
  return deliveries.filter(({ kind }) => kind === "message").at(-count);
}
