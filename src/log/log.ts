// The log: the durable, ordered sequence of all records, and the one feed that everything is
// delivered from. This interface is free of any engine's ideas; `conformance/` is its test.

import type { AllAccounts } from "./accounts.ts";
import type { Batch } from "./batch.ts";
import type { Commit } from "./commit.ts";
import type {
  Conversation,
  HistoryPage,
  HistoryQuery,
  NameRecord,
  OutboxRecord,
  Page,
} from "./reading.ts";
import type { RoomMember, RoomView } from "./rooms.ts";
import type { SearchPage, SearchQuery } from "./search.ts";

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
  /**
   * Whether a seq that is not above the head was never given by this log: whoever has seen it has seen
   * another copy of the log, which somebody has replaced by this one.
   * @returns the last seq from there on that was never given; undefined for every other seq
   */
  neverGiven(seq: number): number | undefined;
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
   * about `maxBytes` at a time, at least one message or event when there is one.
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
  /** The rooms that somebody is in or may join, his own first, those without members last; at most `count`. */
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
