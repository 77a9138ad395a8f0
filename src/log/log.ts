// The log: the durable, ordered sequence of all records, and the one feed that everything is
// delivered from. This interface is free of any engine's ideas; `conformance.ts` is its test.

import type { ErrorCode } from "../protocol/errors.ts";
import type { Name } from "../protocol/name.ts";

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
  /** At least one, unless it is refused already; no key twice. */
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
  readonly limits: WaitingLimits;
  readonly retention?: Retention;
  readonly outboxesDone?: readonly OutboxDone[];
  /** Outboxes that were not used since this time, in ms since 1970, are forgotten. */
  readonly expireOutboxes?: number;
}

/** The bounds on what waits. A send that would exceed one is refused whole. */
export interface WaitingLimits {
  /** Unconfirmed messages a name: `inbox-full`. */
  readonly waitingMessages: number;
  /** Bytes (UTF-8) of unconfirmed messages a name: `inbox-full`. */
  readonly waitingBytes: number;
  /** Names that never logged in and have messages: `too-many-names`. */
  readonly unseenNames: number;
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

/** A send after its commit: message `i` to recipient `j` has the seq `first + i * to.length + j`. */
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
}

/** A part of what waits for a name, in rising seqs. */
export interface Page {
  readonly runs: readonly Run[];
  /**
   * The highest seq that was examined; equal to `upTo` when nothing more waits below it. It is above
   * `after`, even when less than all can be read at the moment.
   */
  readonly position: number;
}

/** What the log knows of a name. */
export interface NameRecord {
  readonly shown: string;
  /** Whether it ever logged in. */
  readonly seen: boolean;
  readonly cursor: number;
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
  /** @returns undefined for a name that was never used */
  name(key: string): Promise<NameRecord | undefined>;
  /** What every commit so far has made of an outbox. */
  outbox(key: string, id: string): Promise<OutboxRecord>;
  /**
   * Reads what is addressed to a name, above `after` and not above `upTo` (a head that was announced),
   * about `maxBytes` of bodies at a time, at least one message when there is one.
   */
  waiting(key: string, after: number, upTo: number, maxBytes: number): Promise<Page>;
  /**
   * The last `count` messages between two names, not above `upTo`, in rising seqs: of those the newest
   * that take about `maxBytes` of bodies, at least one message when there is one.
   */
  history(
    key: string,
    other: string,
    upTo: number,
    count: number,
    maxBytes: number,
  ): Promise<readonly Run[]>;
  status(): Promise<LogStatus>;
  /**
   * Writes a consistent copy to a file that must not exist yet, while the log goes on.
   * @param progress is told how much is done, from 0 to 1
   */
  backup(file: string, progress: (done: number) => void): Promise<void>;
  /** Waits for the batch under way, if the log can be written at all, then closes every file. */
  close(): Promise<void>;
}
