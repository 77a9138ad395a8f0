// The row where a peer stops reading while a gigabyte is sent to it, and then reads it all.

import { alternate } from "../alternate.ts";
import { formatBytes } from "../format.ts";
import { runLoad } from "../load-process.ts";
import type { StoppedReaderResult } from "../load/job.ts";
import { type Figure, type Row, type Unit, valueOf } from "../row.ts";

/** Long enough that a gigabyte stays below the million messages that may wait for a name. */
const BODY_BYTES = 1200;

/** The goal, in bytes. */
const MOST_GROWTH = 64 * 1024 * 1024;
const LIMIT_SECONDS = 300;

type Measure = readonly [name: string, unit: Unit, of: (run: StoppedReaderResult) => number];

const GROWTH = "growth until all was read";

const MEASURES: readonly Measure[] = [
  ["growth while it stood still", "bytes", (run) => run.peakStopped - run.before],
  [GROWTH, "bytes", (run) => run.peak - run.before],
  ["time to send", "s", (run) => run.sendSeconds],
  ["time to read", "s", (run) => run.readSeconds],
];

export const stoppedReaderRow: Row = {
  id: "stopped-reader",
  title: "a reader that stops reading while very much is sent to it",
  run: async (bench) => {
    const notes: string[] = [];
    const { stoppedReaderBytes: bytes } = bench.sizes;
    const { results } = await alternate<StoppedReaderResult>(
      bench,
      bench.choose(["partyline-disk"], notes),
      notes,
      async (aim) =>
        await runLoad("stopped-reader", { ...aim, bytes, bodyBytes: BODY_BYTES }, LIMIT_SECONDS),
      { fresh: true },
    );
    const figures: Figure[] = [];
    for (const [subject, runs] of results) {
      for (const [measure, unit, of] of MEASURES) {
        figures.push({ measure, unit, subject, runs: runs.map(of) });
      }
      const messages = runs[0]?.messages ?? 0;
      notes.push(`${bytes / 1e6} MB in ${messages} messages, all of which arrived in every run`);
    }
    const growth = valueOf(figures, GROWTH, "partyline-disk");
    const goal = {
      goal: `the server grows ≤ ${formatBytes(MOST_GROWTH)}, and all of it arrives`,
      figure: growth === undefined ? "" : formatBytes(growth),
      met: growth === undefined ? undefined : growth <= MOST_GROWTH,
    };
    return { figures, goals: [goal], notes };
  },
};
