// What a row of the benchmark is given and what it gives back.

import type { FsyncSamples } from "./fsync.ts";
import type { Options } from "./options.ts";
import type { Sizes } from "./sizes.ts";
import { median } from "./statistics.ts";
import type { Target } from "./targets/target.ts";

export type Unit = "per second" | "us" | "ms" | "bytes" | "s";

/** One measure of one subject: the median of its runs counts. */
export interface Figure {
  readonly measure: string;
  readonly unit: Unit;
  /** A target's name, or what else was measured. */
  readonly subject: string;
  /** In the order of the rounds, so that runs of one round can be compared. */
  readonly runs: readonly number[];
}

export interface Goal {
  readonly goal: string;
  readonly figure: string;
  /** Undefined where it was not measured. */
  readonly met: boolean | undefined;
}

export interface RowResult {
  readonly figures: readonly Figure[];
  readonly goals: readonly Goal[];
  readonly notes: readonly string[];
}

export interface Bench {
  readonly options: Options;
  readonly sizes: Sizes;
  /** Those of `names` that are wanted and can be started; of the others, notes say why not. */
  choose(names: readonly string[], notes: string[]): Target[];
  /** A fresh folder on the measured disk. */
  makeFolder(): string;
  removeFolder(folder: string): void;
  fsyncSamples(): FsyncSamples;
  /** Two characters that no other run has. */
  nextRun(): string;
  /** The row has failed, for this reason; it goes on with what still works. */
  fail(reason: string): void;
  /** One line for whoever watches. */
  progress(line: string): void;
}

export interface Row {
  readonly id: string;
  readonly title: string;
  run(bench: Bench): Promise<RowResult>;
}

export const SERVERS = ["partyline-disk", "partyline-process"] as const;
/** The subject that is no server: the disk, to which latencies are held. */
export const FSYNC = "fsync";
export const RIVALS = ["ngircd", "nats-server", "mosquitto"] as const;

/** The median of a figure that was measured. */
export function valueOf(
  figures: readonly Figure[],
  measure: string,
  subject: string,
): number | undefined {
  const found = figures.find((each) => each.measure === measure && each.subject === subject);
  return found === undefined || found.runs.length === 0 ? undefined : median(found.runs);
}
