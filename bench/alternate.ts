// Runs one piece of work on several targets in turns, so that a noisy moment does not fall on one of them.

import type { Aim } from "./load/job.ts";
import type { Bench } from "./row.ts";
import type { RunningTarget, Target } from "./targets/target.ts";

export interface Alternated<R> {
  /** By target; a target that failed is missing, and the row or a note says why. */
  readonly results: ReadonlyMap<string, readonly R[]>;
}

/** A failure of the server or of the relay fails the row; another server's is noted. */
const OURS = /^(?:partyline|relay)/;

/**
 * `once` for each target in each round. The targets of a row are started together and stay, each with
 * a folder of its own; with `fresh` each run has a new one.
 */
export async function alternate<R>(
  bench: Bench,
  targets: readonly Target[],
  notes: string[],
  once: (aim: Aim, target: Target) => Promise<R>,
  {
    fresh = false,
    eachRound = async () => {},
  }: { fresh?: boolean; eachRound?: () => Promise<void> } = {},
): Promise<Alternated<R>> {
  const results = new Map<string, R[]>();
  const started = new Map<string, Started>();
  const failed = new Set<string>();
  try {
    for (let round = 1; round <= bench.options.rounds; round += 1) {
      await eachRound();
      for (const target of targets) {
        const { name } = target;
        if (failed.has(name)) continue;
        bench.progress(`  round ${round} of ${bench.options.rounds}: ${name}`);
        try {
          const { running } = started.get(name) ?? (await start(bench, target, started));
          const { port, pid } = running;
          const aim = { port, pid, dialect: target.dialect, run: bench.nextRun() };
          const result = await once(aim, target);
          results.set(name, [...(results.get(name) ?? []), result]);
        } catch (error) {
          const reason = error instanceof Error ? error.message : String(error);
          if (OURS.test(name)) bench.fail(`${name}: ${reason}`);
          else notes.push(`${name} failed: ${reason}`);
          failed.add(name);
          results.delete(name);
        }
        if (fresh || failed.has(name)) await end(bench, name, started);
      }
    }
  } finally {
    for (const name of started.keys()) await end(bench, name, started);
  }
  return { results };
}

interface Started {
  readonly running: RunningTarget;
  readonly folder: string;
}

async function start(
  bench: Bench,
  target: Target,
  started: Map<string, Started>,
): Promise<Started> {
  const folder = bench.makeFolder();
  try {
    const entry = { running: await target.start(folder), folder };
    started.set(target.name, entry);
    return entry;
  } catch (error) {
    bench.removeFolder(folder);
    throw error;
  }
}

async function end(bench: Bench, name: string, started: Map<string, Started>): Promise<void> {
  const entry = started.get(name);
  if (entry === undefined) return;
  started.delete(name);
  await entry.running.stop();
  bench.removeFolder(entry.folder);
}
