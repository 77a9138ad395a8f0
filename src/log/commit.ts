// What became of a batch.

import type { ErrorCode } from "../protocol/errors.ts";
import type { AccountRefusal } from "./accounts.ts";
import type { Batch, BlockingRefusal, Send } from "./batch.ts";
import type { RoomOutcome } from "./rooms.ts";

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
  /** Why blockings were refused; undefined for each that was not. */
  readonly blockings: readonly BlockingRefusal[];
  /** Whether retention has more to remove than one batch may. */
  readonly moreToRemove: boolean;
  /** The batch, when it was appended here: the very object that was given to `append`. */
  readonly batch: Batch;
}
