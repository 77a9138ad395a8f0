// Messages as they are delivered and read.

import type { OutboxPlace } from "./batch.ts";
import type { RoomEvent } from "./rooms.ts";

/**
 * Consecutive messages of one sender to one recipient: message `i` has the seq `first + i * step`.
 * This is the unit of delivery and of reading; a message alone is a run with a count of one.
 */
export interface Run {
  readonly first: number;
  readonly step: number;
  readonly count: number;
  /** As shown. */
  readonly from: string;
  /** As shown. */
  readonly to: string;
  readonly at: number;
  readonly bodies: string;
  /** Where its sender has its first message in an outbox; given to the sender's own name alone. */
  readonly outbox?: OutboxPlace;
}

/** What a peer is given. */
export type Delivery = Run | RoomEvent;
