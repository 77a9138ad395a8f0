// Group commit: at most one batch is under way, and what comes meanwhile is the next one. Whoever feeds
// one that is full, or while the log cannot be written, stands still.

import type { Limits } from "../log/batch.ts";
import type { Commit } from "../log/commit.ts";
import type { Log } from "../log/log.ts";
import type { Report } from "../log/report.ts";
import { ChatError } from "../protocol/errors.ts";
import type { Clock } from "./clock.ts";
import type { Peer } from "./peer.ts";
import { PendingBatch } from "./pending-batch.ts";

export interface GroupCommitOptions {
  readonly limits: Limits;
  /** Told when the log cannot be written. */
  readonly report: Report;
}

/** Told of a commit, and of the batch that it was, when that came from here. */
export type Committed = (commit: Commit, batch: PendingBatch | undefined) => void;

export class GroupCommit {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #options: GroupCommitOptions;
  readonly #told: Committed;
  #head: number;
  #batch: PendingBatch;
  #underWay: PendingBatch | undefined;
  /** Peers whose readers stand still until there is room in a batch, first come, first served. */
  readonly #held = new Set<Peer>();
  #scheduled = false;
  #sending = 0;
  /** Why the log cannot be written, while it cannot. */
  #unavailable: string | undefined;

  constructor(log: Log, clock: Clock, options: GroupCommitOptions, told: Committed) {
    this.#log = log;
    this.#clock = clock;
    this.#options = options;
    this.#told = told;
    this.#head = log.head;
    this.#batch = new PendingBatch(options.limits);
    log.follow({
      committed: (commit) => this.#committed(commit),
      unavailable: (reason) => this.#becameUnavailable(reason),
      available: () => this.#becameAvailable(),
    });
  }

  /** The highest seq that is committed and announced. */
  get head(): number {
    return this.#head;
  }

  /** Why the log cannot be written at the moment; undefined when it can. */
  get unavailable(): string | undefined {
    return this.#unavailable;
  }

  /** How many peers had a part in what was sent last. */
  get sending(): number {
    return this.#sending;
  }

  /** Whether nothing waits to be committed. */
  get isIdle(): boolean {
    return this.#underWay === undefined && this.#batch.isEmpty;
  }

  /** The cursor of a name that what waits will make durable; 0 when it has none. */
  cursor(key: string): number {
    return Math.max(this.#batch.cursor(key), this.#underWay?.cursor(key) ?? 0);
  }

  /** Resolves when everything that waits now is committed, and everybody concerned was told. */
  async allCommitted(): Promise<void> {
    const last = this.#batch.isEmpty ? this.#underWay : this.#batch;
    if (last !== undefined) await new Promise<void>((resolve) => last.onceCommitted(resolve));
  }

  /** What no client has caused. */
  record(add: (batch: PendingBatch) => void): void {
    add(this.#batch);
    this.#schedule();
  }

  /**
   * What a peer's client has caused. The peer's reader stands still while there is no room in the batch,
   * or the log cannot be written.
   */
  feed(peer: Peer, add: (batch: PendingBatch) => void): void {
    const batch = this.#batch;
    if (!batch.feeders.has(peer)) {
      batch.feeders.add(peer);
      peer.uncommitted += 1;
    }
    add(batch);
    if (this.#unavailable !== undefined) this.#pause(peer, this.#unavailable);
    else if (!batch.isFull) this.#schedule();
    else if (this.#underWay === undefined) this.#commit();
    else this.#hold(peer);
  }

  gone(peer: Peer): void {
    this.#held.delete(peer);
  }

  #hold(peer: Peer): void {
    this.#held.add(peer);
    peer.connection.hold();
  }

  #releaseHeld(): void {
    for (const peer of this.#held) {
      if (this.#batch.isFull || this.#unavailable !== undefined) return;
      this.#held.delete(peer);
      peer.connection.release();
    }
  }

  /** Commits as soon as this turn has brought what it brings, unless a commit is under way. */
  #schedule(): void {
    if (this.#scheduled || this.#underWay !== undefined) return;
    this.#scheduled = true;
    this.#clock.soon(() => {
      this.#scheduled = false;
      this.#commit();
    });
  }

  #commit(): void {
    if (this.#underWay !== undefined) return;
    if (!this.#batch.isEmpty) {
      this.#underWay = this.#batch;
      this.#sending = this.#batch.feeders.size;
      this.#batch = new PendingBatch(this.#options.limits);
      this.#log.append(this.#underWay.seal());
    }
    this.#releaseHeld();
  }

  #committed(commit: Commit): void {
    const batch = this.#underWay;
    this.#underWay = undefined;
    this.#head = commit.head;
    if (commit.moreToRemove) this.#batch.retention ??= commit.batch.retention;
    // The next batch is on its way to the disk while this one is on its way to the writers.
    this.#commit();
    this.#told(commit, batch);
  }

  #becameUnavailable(reason: string): void {
    this.#unavailable = reason;
    const text = `the log cannot be written: ${reason}; sending waits, and it is tried again each second`;
    this.#options.report("log", text);
    const feeders = new Set([...(this.#underWay?.feeders ?? []), ...this.#batch.feeders]);
    for (const peer of feeders) this.#pause(peer, reason);
  }

  #becameAvailable(): void {
    this.#unavailable = undefined;
    this.#options.report("log", "the log can be written again", "over");
  }

  /** A pause and never a refusal: what was read is kept, and nothing more is read. */
  #pause(peer: Peer, reason: string): void {
    this.#hold(peer);
    const text = `nothing is lost, sending goes on when the log can be written again (${reason})`;
    peer.connection.refuse(new ChatError("log-unavailable", text), 1);
  }
}
