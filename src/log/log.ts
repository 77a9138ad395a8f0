// The log: the durable, ordered sequence of all records, and the one feed that everything is
// delivered from. This interface is free of any engine's ideas; `conformance/` is its test.

import type { ErrorCode } from "../protocol/errors.ts";
import type { Name } from "../protocol/name.ts";
import type { AccountChange, AccountRefusal, AllAccounts } from "./accounts.ts";
import type {
  Membership,
  RoomEvent,
  RoomMember,
  RoomOutcome,
  RoomRequest,
  RoomView,
} from "./rooms.ts";
import type { SearchPage, SearchQuery } from "./search.ts";

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
  /** Rooms that a name is in: `too-many-rooms`. */
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

/** A send after its commit, `index` being its place in the batch: message `i` to recipient `j` has the seq `first + i * to.length + j`. */
export interface CommittedSend extends Send {
  /** Index in `batch.sends`. */
  readonly index: number;
  readonly first: number;
}

/**
 * A send of which only the first `accepted` bodies were taken. One with a place in an outbox that was
 * not its next is `out-of-order`, and uses no number up.
 */
export interface Refusal {
  /** Index in `batch.sends`. */
  readonly send: number;
  readonly accepted: number;
  readonly code: ErrorCode;
  readonly text: string;
}

/** One commit, as it comes from the feed. It is durable. */
export interface Commit {
  /** The highest seq of this commit; unchanged when it held no message. */
  readonly head: number;
  /** What was accepted, in the order of the batch. */
  readonly sends: readonly CommittedSend[];
  readonly refused: readonly Refusal[];
  /** What became of each request of the batch, and which sends it came before. */
  readonly rooms: readonly (RoomOutcome & { readonly before: number })[];
  /** Why changes of accounts were refused; undefined for each that was not. */
  readonly accounts: readonly AccountRefusal[];
  /** Whether retention has more to remove than one batch may. */
  readonly moreToRemove: boolean;
  /** The batch, when it was appended here: the very object that was given to `append`. */
  readonly batch: Batch;
}

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

/** A part of what waits for a name, in rising seqs: runs of several messages do not interleave. */
export interface Page {
  readonly deliveries: readonly Delivery[];
  /**
   * The highest seq that was examined; equal to `upTo` when nothing more waits below it. It is above
   * `after`, even when less than all can be read at the moment.
   */
  readonly position: number;
}

/** A part of a conversation, in rising seqs. */
export interface HistoryPage {
  readonly deliveries: readonly Delivery[];
  /** Whether there are more messages beyond the page in the direction in which it was read. */
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
  /** The most messages. */
  readonly count: number;
  /** About the most bytes of bodies; at least one message is given when there is one. */
  readonly maxBytes: number;
  /** Whether the events of a room are among it. */
  readonly everything: boolean;
}

/** A conversation as a client lists it. */
export interface Conversation {
  /** The other name or the room, as shown. */
  readonly with: string;
  /** Its newest message; undefined in a room where nothing was said. */
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
  /** Up to where retention has removed what was not confirmed, rooms it is in included; 0 for nothing. */
  readonly removed: number;
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

/** What the log knows of an outbox. */
export interface OutboxRecord {
  /** The number of the last send that was accepted or refused; 0 for an outbox that is not known. */
  readonly sent: number;
  /** The refusals that the client was not seen to know yet. */
  readonly refused: readonly OutboxRefusal[];
}

/** The broker's side of the feed. Nothing here may throw. */
export interface Follower {
  /** Every commit, once, in seq order. */
  committed(commit: Commit): void;
  /** The log cannot be written. The batch under way is kept and tried again until it is committed. */
  unavailable(reason: string): void;
  /** The log can be written again; what was under way is about to be committed. */
  available(): void;
}

/** Figures for `partyline status`. Bytes are of the files on disk. */
export interface LogStatus {
  readonly id: string;
  readonly head: number;
  readonly bytes: number;
  readonly names: number;
  readonly unseenNames: number;
}

export interface Log {
  /** Changes with a restore; a cursor of another id means nothing here. */
  readonly id: string;
  /** The highest seq that was committed when the log was opened. */
  readonly head: number;
  /** Starts the feed. Called once, before the first `append`. */
  follow(follower: Follower): void;
  /**
   * Appends a batch. At most one is under way: the next one waits for `committed`. It never fails:
   * while the log cannot be written the batch is kept (see `Follower.unavailable`).
   */
  append(batch: Batch): void;
  /**
   * @param after from where on its rooms are of interest
   * @returns undefined for a name that was never used
   */
  name(key: string, after: number): Promise<NameRecord | undefined>;
  /** What every commit so far has made of an outbox. */
  outbox(key: string, id: string): Promise<OutboxRecord>;
  /**
   * Reads what is addressed to a name, above `after` and not above `upTo` (a head that was announced),
   * about `maxBytes` of bodies at a time, at least one message when there is one.
   * @param everything whether its own messages to others and the events of its rooms are among it
   */
  waiting(
    key: string,
    after: number,
    upTo: number,
    maxBytes: number,
    everything: boolean,
  ): Promise<Page>;
  /** A part of a conversation, as far as it is for who asks: of a room what lies in his intervals. */
  history(query: HistoryQuery): Promise<HistoryPage>;
  /** The conversations of a name that have something not above `upTo`, the newest first. */
  conversations(key: string, upTo: number, count: number): Promise<readonly Conversation[]>;
  /** Everything that is kept of accounts, as of some moment after what was committed so far. */
  accounts(): Promise<AllAccounts>;
  /**
   * Messages with these words that somebody may see, the newest first.
   * @throws ChatError `no-search` when this log has no index
   */
  search(query: SearchQuery): Promise<SearchPage>;
  /** The names that a name blocks, as shown. */
  blocked(key: string): Promise<readonly string[]>;
  /** A room as somebody sees it; undefined when there is none. */
  room(key: string, asker: string): Promise<RoomView | undefined>;
  /** The rooms that somebody is in or may join, his own first; at most `count`. */
  rooms(asker: string, count: number): Promise<readonly RoomView[]>;
  /** Who is in a room, in order of their names. */
  members(key: string): Promise<readonly RoomMember[]>;
  status(): Promise<LogStatus>;
  /**
   * Writes a consistent copy to a file that must not exist yet, while the log goes on.
   * @param progress is told how much is done, from 0 to 1
   */
  backup(file: string, progress: (done: number) => void): Promise<void>;
  /** Waits for the batch under way, if the log can be written at all, then closes every file. */
  close(): Promise<void>;
}
