// What can be read from the log besides searching: what waits, conversations, and what is known of a name.

import type { ErrorCode } from "../protocol/errors.ts";
import type { Membership } from "./rooms.ts";
import type { Delivery, Run } from "./run.ts";

/** A part of what waits for a name, in rising seqs: runs of several messages do not interleave. */
export interface Page {
  readonly deliveries: readonly Delivery[];
  /**
   * The highest seq that was examined; equal to `upTo` when nothing more waits below it. It is above
   * `after`, even when less than all can be read at the moment.
   */
  readonly position: number;
  /** As in `NameRecord`, once the page was read: what is missing in it lies up to there. */
  readonly removed: number;
}

/** A part of a conversation, in rising seqs. */
export interface HistoryPage {
  readonly deliveries: readonly Delivery[];
  /** Whether there is more beyond the page in the direction in which it was read. */
  readonly more: boolean;
}

/** Which part of a conversation is asked for. */
export interface HistoryQuery {
  /** The key of who asks, and of the other name or the room. */
  readonly key: string;
  readonly other: string;
  /** What lies above this seq, oldest first; without it the newest. */
  readonly after?: number;
  /** Nothing above this seq. */
  readonly upTo: number;
  /** The most messages and events together. */
  readonly count: number;
  /** About the most bytes; at least one message or event is given when there is one. */
  readonly maxBytes: number;
  /** Whether the events of a room are among it. */
  readonly everything: boolean;
}

/**
 * Characters that a listed conversation has of its newest message: a line on any screen, and a thousand
 * conversations stay about 1 MiB.
 */
export const LONGEST_LAST = 256;

/** A conversation as a client lists it. */
export interface Conversation {
  /** The other name or the room, as shown. */
  readonly with: string;
  /** Its newest message, of a longer body the beginning; undefined in a room where nothing was said. */
  readonly last: Run | undefined;
  /** Up to where it is read; 0 for not at all. */
  readonly read: number;
  /** Messages of others above that, counted up to 100. */
  readonly unread: number;
}

/** What the log knows of a name. */
export interface NameRecord {
  readonly shown: string;
  /** Whether it ever logged in. */
  readonly seen: boolean;
  readonly cursor: number;
  /** Up to where retention has removed what was to it, from it, or in a room while it was there; 0 for nothing. */
  readonly removed: number;
  /** The keys of the names that it blocks. */
  readonly blocked: readonly string[];
  /** Where it is a member, or was after the seq that was asked for; of one room in the order of time. */
  readonly rooms: readonly Membership[];
}

/** Sends that were refused, with numbers from `first` to `last`. */
export interface OutboxRefusal {
  readonly first: number;
  readonly last: number;
  readonly code: ErrorCode;
  readonly text: string;
}

/** Outboxes of one name; a new one beyond them takes the place of the one that is unused the longest. */
export const MOST_OUTBOXES = 1000;

/** What the log knows of an outbox. */
export interface OutboxRecord {
  /** The number of the last send that was accepted or refused; 0 for an outbox that is not known. */
  readonly sent: number;
  /** The refusals that the client was not seen to know yet. */
  readonly refused: readonly OutboxRefusal[];
}
