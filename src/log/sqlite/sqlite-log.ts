// The log of a server that stands alone: SQLite, with a thread for commits, one for reads and one
// for checkpoints.

import { setTimeout } from "node:timers/promises";
import { sliceBodies } from "../../protocol/bodies.ts";
import { ChatError } from "../../protocol/errors.ts";
import type { Batch } from "../batch.ts";
import type { Commit, CommittedSend, Refusal } from "../commit.ts";
import type { Follower, Log, LogStatus } from "../log.ts";
import type {
  Conversation,
  HistoryPage,
  HistoryQuery,
  NameRecord,
  OutboxRecord,
  Page,
} from "../reading.ts";
import type { AllAccounts } from "../accounts.ts";
import type { RoomMember, RoomView } from "../rooms.ts";
import type { SearchPage, SearchQuery } from "../search.ts";
import type { Report } from "../report.ts";
import { backUp } from "./backup.ts";
import type { CheckpointRequests, CheckpointThreadData } from "./checkpoint-thread.ts";
import { Checkpoints } from "./checkpoints.ts";
import { type CommitRequests, type CommitterOptions, createCommitter } from "./committer.ts";
import { databasePath, type Durability } from "./database.ts";
import { openFolder, type OpenFolder, sizeOnDisk } from "./folder.ts";
import { Indexing } from "./indexing.ts";
import { SearchFeeder } from "./search-feeder.ts";
import type { ReadRequests, ReadThreadData } from "./read-thread.ts";
import type { Outcome } from "./store.ts";
import { type Answerer, SameThread, Thread } from "./thread.ts";

/** How long a batch that could not be committed waits before it is tried again, in ms. */
const RETRY_AFTER = 1000;

export interface SqliteLogOptions {
  /** The data folder. It is made if it does not exist. */
  readonly folder: string;
  readonly durability: Durability;
  /** Whether there is an index to search; by default there is. */
  readonly search?: boolean;
  /** Told what failed in the background and did no harm to any message. */
  readonly report: Report;
}

/**
 * Opens the log of a data folder: takes the folder's lock, backs up and migrates an older file.
 * @throws FolderError when the folder is in use, cannot be used, or is of a newer program
 */
export function openSqliteLog(options: SqliteLogOptions): OpenedLog {
  return new SqliteLog(options, openFolder(options.folder, Date.now(), options.report));
}

export interface OpenedLog extends Log {
  /**
   * Resolves when its threads run; what comes before waits for them.
   * @throws what kept them from it
   */
  readonly opened: Promise<unknown>;
}

class SqliteLog implements OpenedLog {
  readonly opened: Promise<unknown>;
  readonly id: string;
  readonly head: number;
  readonly #folder: OpenFolder;
  readonly #path: string;
  readonly #commits: Answerer<CommitRequests>;
  readonly #reads: Thread<ReadRequests>;
  /** Started when there is something to move. */
  #checkpointer: Thread<CheckpointRequests> | undefined;
  readonly #checkpoints: Checkpoints;
  #follower: Follower | undefined;
  /** Set while a checkpoint moves its rest: no commit begins meanwhile. */
  #held: Promise<unknown> | undefined;
  #underWay: Promise<void> | undefined;
  #committedHead: number;
  readonly #indexing: Indexing;
  readonly #search: SearchFeeder | undefined;
  #closing = false;
  readonly #hurry = new AbortController();

  constructor(options: SqliteLogOptions, open: OpenFolder) {
    const { folder, durability, report, search = true } = options;
    this.#search = search ? new SearchFeeder(folder, report) : undefined;
    this.id = open.id;
    this.head = open.head;
    this.#committedHead = open.head;
    this.#folder = open;
    this.#path = databasePath(folder);
    this.#commits = startCommitter({ folder, durability, gap: open.gap });
    this.#indexing = new Indexing(
      () => this.#commits.call("index", undefined),
      () => this.#pause(),
    );
    this.#reads = new Thread("read-thread", import.meta.url, { folder } satisfies ReadThreadData);
    this.opened = Promise.all([this.#commits.ready, this.#reads.ready]);
    this.opened.catch(() => {});
    this.#checkpoints = new Checkpoints(
      () => {
        const data: CheckpointThreadData = { folder };
        this.#checkpointer ??= new Thread("checkpoint-thread", import.meta.url, data);
        return this.#checkpointer.call("checkpoint", undefined);
      },
      (until) => {
        this.#held = until.then(
          () => (this.#held = undefined),
          () => (this.#held = undefined),
        );
      },
      ({ message }) => report("log", `the write-ahead log could not be moved yet: ${message}`),
    );
  }

  /** The last of a gap is where whoever was there had everything before. */
  neverGiven(seq: number): number | undefined {
    return this.#folder.gaps.find(({ first, last }) => first <= seq && seq < last)?.last;
  }

  follow(follower: Follower): void {
    this.#follower = follower;
  }

  append(batch: Batch): void {
    this.#underWay = this.#appendUntilCommitted(batch);
  }

  name(key: string, after: number): Promise<NameRecord | undefined> {
    return this.#reads.call("name", { key, after });
  }

  outbox(key: string, id: string): Promise<OutboxRecord> {
    return this.#reads.call("outbox", { key, id });
  }

  async waiting(
    key: string,
    after: number,
    upTo: number,
    maxBytes: number,
    everything: boolean,
  ): Promise<Page> {
    const readable = await this.#indexing.readable(after, upTo);
    return this.#reads.call("waiting", { key, after, upTo: readable, maxBytes, everything });
  }

  async history(query: HistoryQuery): Promise<HistoryPage> {
    // The last messages come first: a part of them would be the wrong ones.
    await this.#indexing.readable(query.upTo - 1, query.upTo);
    return this.#reads.call("history", query);
  }

  room(key: string, asker: string): Promise<RoomView | undefined> {
    return this.#reads.call("room", { key, asker });
  }

  rooms(asker: string, count: number): Promise<readonly RoomView[]> {
    return this.#reads.call("rooms", { asker, count });
  }

  async conversations(key: string, upTo: number, count: number): Promise<readonly Conversation[]> {
    await this.#indexing.readable(upTo - 1, upTo);
    return this.#reads.call("conversations", { key, upTo, count });
  }

  async search(query: SearchQuery): Promise<SearchPage> {
    if (this.#search === undefined) {
      throw new ChatError("no-search", "this server has no search index (--search on)");
    }
    return this.#search.search(query, this.#committedHead);
  }

  accounts(): Promise<AllAccounts> {
    return this.#reads.call("accounts", undefined);
  }

  blocked(key: string): Promise<readonly string[]> {
    return this.#reads.call("blocked", key);
  }

  members(key: string): Promise<readonly RoomMember[]> {
    return this.#reads.call("members", key);
  }

  async status(): Promise<LogStatus> {
    const counts = await this.#reads.call("count", undefined);
    return {
      id: this.id,
      head: this.#committedHead,
      bytes: await sizeOnDisk(this.#path),
      ...counts,
    };
  }

  backup(file: string, progress: (done: number) => void): Promise<void> {
    return backUp(this.#path, file, progress);
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#indexing.close();
    this.#hurry.abort();
    await this.#underWay;
    await this.#checkpoints.settled();
    await Promise.all([this.#reads.close(), this.#checkpointer?.close(), this.#search?.close()]);
    await this.#commits.close();
    this.#folder.close();
  }

  async #appendUntilCommitted(batch: Batch): Promise<void> {
    for (let failures = 0; ; failures++) {
      if (this.#held !== undefined) await this.#held;
      const outcome = await this.#commits.call("apply", batch).catch((error: Error) => error);
      if (!(outcome instanceof Error)) {
        if (failures > 0) this.#follower?.available();
        if (outcome.walFrames !== undefined) this.#checkpoints.grown(outcome.walFrames);
        this.#committed(batch, outcome);
        return;
      }
      if (failures === 0) this.#follower?.unavailable(outcome.message);
      if (this.#closing) return;
      await this.#pause();
    }
  }

  /** Waits before the next try; `close` cuts it short, for one last try. */
  async #pause(): Promise<void> {
    const { signal } = this.#hurry;
    await setTimeout(RETRY_AFTER, undefined, { signal }).catch(() => {});
  }

  #committed(batch: Batch, outcome: Outcome): void {
    const { head, refused, accounts, blockings, moreToRemove } = outcome;
    this.#indexing.reached(outcome.indexed);
    this.#committedHead = head;
    const rooms = outcome.rooms.map((room, index) => ({
      ...room,
      before: batch.requests?.[index]?.before ?? 0,
    }));
    const sends = committedSends(batch, outcome.first, refused, rooms);
    if (sends.length > 0) this.#search?.committed(charactersOf(sends));
    const told = { head, sends, refused, rooms, accounts, blockings, moreToRemove, batch };
    this.#follower?.committed(told);
  }
}

/** Only a commit that waits for the disk is worth the way to another thread and back. */
function startCommitter(options: CommitterOptions): Answerer<CommitRequests> {
  if (options.durability === "process") return new SameThread(createCommitter(options));
  return new Thread<CommitRequests>("commit-thread", import.meta.url, options, (error) => {
    // It may have committed a batch and not said so. What is on the disk is right; we are not.
    throw error;
  });
}

/** What of a batch was accepted, with its seqs. */
function committedSends(
  batch: Batch,
  first: number,
  refused: readonly Refusal[],
  rooms: Commit["rooms"],
): readonly CommittedSend[] {
  const refusals = new Map(refused.map((refusal) => [refusal.send, refusal]));
  const sends: CommittedSend[] = [];
  let seq = first;
  let room = 0;
  batch.sends.forEach((send, index) => {
    // The events of rooms that came before it have seqs too.
    for (; (rooms[room]?.before ?? Infinity) <= index; room++) {
      if (rooms[room]?.event !== undefined) seq += 1;
    }
    const accepted = refusals.get(index)?.accepted ?? send.count;
    if (accepted > 0) sends.push(committedSend(send, index, seq, accepted));
    seq += accepted * send.to.length;
  });
  return sends;
}

function committedSend(
  send: Batch["sends"][number],
  index: number,
  first: number,
  accepted: number,
): CommittedSend {
  if (accepted === send.count) return { ...send, index, first };
  const bodies = sliceBodies(send.bodies, 0, accepted);
  return { ...send, count: accepted, bodies, index, first };
}

function charactersOf(sends: readonly CommittedSend[]): number {
  return sends.reduce((sum, { bodies }) => sum + bodies.length, 0);
}
