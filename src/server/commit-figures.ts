// What is counted of commits, for metrics. It looks on between broker and log, once a commit.

import type { Batch } from "../log/batch.ts";
import type { Commit } from "../log/commit.ts";
import type { Follower, Log } from "../log/log.ts";
import { Buckets } from "./buckets.ts";

/** In seconds: an fsync is a fraction of a millisecond on a good disk, and many on a bad one. */
const LATENCY_BOUNDS = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 30];

const SIZE_BOUNDS = [0, 1, 10, 100, 1000, 10_000, 100_000];

export class CommitFigures {
  /** Messages: one for each recipient. */
  accepted = 0;
  /** From the append to its announcement, in seconds. */
  readonly latency = new Buckets(LATENCY_BOUNDS);
  /** Messages in a commit. */
  readonly batchSize = new Buckets(SIZE_BOUNDS);
  #appendedAt = 0;

  append(): void {
    this.#appendedAt = performance.now();
  }

  committed({ sends }: Commit): void {
    let messages = 0;
    for (const { count, to } of sends) messages += count * to.length;
    this.accepted += messages;
    this.batchSize.observe(messages);
    this.latency.observe((performance.now() - this.#appendedAt) / 1000);
  }
}

/** Counts from now on what is committed; to be called before anybody follows the log. */
export function countCommits(log: Log): CommitFigures {
  const figures = new CommitFigures();
  const append = log.append.bind(log);
  const follow = log.follow.bind(log);
  log.append = (batch: Batch) => {
    figures.append();
    append(batch);
  };
  log.follow = (follower: Follower) => {
    follow({
      committed: (commit) => {
        figures.committed(commit);
        follower.committed(commit);
      },
      unavailable: (reason) => follower.unavailable(reason),
      available: () => follower.available(),
    });
  };
  return figures;
}
