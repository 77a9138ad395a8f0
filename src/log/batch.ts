// What is appended to the log at once, and the bounds that it is held to.

import type { ErrorCode } from "../protocol/errors.ts";
import type { Name } from "../protocol/name.ts";
import type { AccountChange } from "./accounts.ts";
import type { RoomRequest } from "./rooms.ts";

/** A place in a client's own list of what it sends: body `i` of a send has the number `number + i`. */
export interface OutboxPlace {
  /** The client's choice; it means something together with the sender's name alone. */
  readonly id: string;
  /** From 1 on, rising by one. */
  readonly number: number;
}

/** Consecutive messages of one sender to the same recipients, as a reader hands them over. */
export interface Send {
  readonly from: Name;
  /** People and rooms: at least one, unless it is refused already; no key twice. */
  readonly to: readonly Name[];
  /** `count` bodies, packed (see `protocol/bodies.ts`). */
  readonly bodies: string;
  readonly count: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly at: number;
  readonly outbox?: OutboxPlace;
  /** Why it was refused before it came here. Its numbers are used up all the same. */
  readonly refusal?: { readonly code: ErrorCode; readonly text: string };
}

/** A client knows which of its sends were refused, up to a number. */
export interface OutboxDone {
  readonly name: Name;
  readonly id: string;
  readonly upTo: number;
  readonly at: number;
}

/** How far a name has read one of its conversations. It never goes backwards. */
export interface Marker {
  readonly name: Name;
  /** The other name, or the room. */
  readonly with: Name;
  readonly seq: number;
}

/** A name takes another's direct messages no more, or again. */
export interface Blocking {
  readonly name: Name;
  readonly other: Name;
  readonly on: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Why a blocking is refused; undefined when it is not. */
export type BlockingRefusal = { readonly code: ErrorCode; readonly text: string } | undefined;

/**
 * What one commit appends, all or nothing. Everything that decides about its outcome is in it
 * (times and limits too), so that applying it gives the same result on every server and in a replay.
 */
export interface Batch {
  readonly sends: readonly Send[];
  /** Names that logged in and may never have done so before. */
  readonly logins: readonly { readonly name: Name; readonly at: number }[];
  /** Cursors that moved, by key. A cursor never moves backwards: a lower one is ignored. */
  readonly cursors: ReadonlyMap<string, number>;
  readonly limits: Limits;
  readonly retention?: Retention;
  /** What is asked of rooms, in the order of their `before`. */
  readonly requests?: readonly RoomRequest[];
  readonly markers?: readonly Marker[];
  /** Applied before everything but logins. */
  readonly accounts?: readonly AccountChange[];
  /** Applied before the sends. */
  readonly blockings?: readonly Blocking[];
  readonly outboxesDone?: readonly OutboxDone[];
  /** Outboxes that were not used since this time, in ms since 1970, are forgotten. */
  readonly expireOutboxes?: number;
}

/** The bounds. What would exceed one is refused whole. */
export interface Limits {
  /** Unconfirmed messages a name: `inbox-full`. */
  readonly waitingMessages: number;
  /** Bytes (UTF-8) of unconfirmed messages a name: `inbox-full`. */
  readonly waitingBytes: number;
  /** Names that never logged in and have messages: `too-many-names`. */
  readonly unseenNames: number;
  /** Rooms: `too-many-rooms`. */
  readonly rooms: number;
  /** Rooms that a name is in, and as many that it owns, in them or not: `too-many-rooms`. */
  readonly joinedRooms: number;
  /** Members of a room: `room-full`. */
  readonly roomMembers: number;
  /** Whether only accounts can be written to: others are `no-such-name`. */
  readonly accountsOnly: boolean;
}

/** What may be removed with this batch, oldest first, a bounded amount at a time. */
export interface Retention {
  /** Remove what is older than this, in milliseconds since 1970. */
  readonly before?: number;
  /** Remove while the messages take more than this many bytes. */
  readonly maxBytes?: number;
  /** Whether messages that their recipient has not confirmed are removed too. */
  readonly unconfirmed: boolean;
}
