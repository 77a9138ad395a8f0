// The row that tells what an idle connection costs in resident memory.

import { alternate } from "../alternate.ts";
import { formatBytes } from "../format.ts";
import { runLoad } from "../load-process.ts";
import type { IdleResult } from "../load/job.ts";
import { type Figure, type Row, valueOf } from "../row.ts";

/** The goal, in bytes. */
const MOST_BYTES = 8 * 1024;
const LIMIT_SECONDS = 180;

export const idleRow: Row = {
  id: "idle",
  title: "resident memory of an idle connection, over the bare server",
  run: async (bench) => {
    const notes: string[] = [];
    const { idleConnections: connections } = bench.sizes;
    const { results } = await alternate<IdleResult>(
      bench,
      bench.choose(["partyline-disk", "relay"], notes),
      notes,
      async (aim) => await runLoad("idle", { ...aim, connections }, LIMIT_SECONDS),
      { fresh: true },
    );
    const figures: Figure[] = [];
    for (const [subject, runs] of results) {
      figures.push({
        measure: "each connection",
        unit: "bytes",
        subject,
        runs: runs.map((run) => (run.after - run.before) / run.connections),
      });
    }
    for (const [subject, runs] of results) {
      figures.push({
        measure: "the bare server",
        unit: "bytes",
        subject,
        runs: runs.map((run) => run.before),
      });
    }
    notes.push(`${connections} connections, each logged in`);
    const value = valueOf(figures, "each connection", "partyline-disk");
    const goal = {
      goal: `an idle connection ≤ ${formatBytes(MOST_BYTES)}`,
      figure: value === undefined ? "" : formatBytes(value),
      met: value === undefined ? undefined : value <= MOST_BYTES,
    };
    return { figures, goals: [goal], notes };
  },
};
