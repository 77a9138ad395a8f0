// The row where a peer comes back and catches up on all that was sent to it while it was away.

import { alternate } from "../alternate.ts";
import { formatFigure } from "../format.ts";
import { runLoad } from "../load-process.ts";
import type { BacklogResult } from "../load/job.ts";
import { type Figure, type Row, SERVERS, valueOf } from "../row.ts";

/** The goal, in messages a second. */
const LEAST = 1e6;
const LIMIT_SECONDS = 180;
const MEASURE = "catching up";

export const backlogRow: Row = {
  id: "backlog",
  title: "catching up on a backlog of 32-byte messages to one peer",
  run: async (bench) => {
    const notes: string[] = [];
    const { backlogMessages: messages } = bench.sizes;
    const { results } = await alternate<BacklogResult>(
      bench,
      bench.choose(SERVERS, notes),
      notes,
      async (aim) => await runLoad("backlog", { ...aim, messages }, LIMIT_SECONDS),
    );
    const figures: Figure[] = [];
    for (const [subject, runs] of results) {
      const perSecond = runs.map((run) => run.messagesPerSecond);
      figures.push({ measure: MEASURE, unit: "per second", subject, runs: perSecond });
    }
    notes.push(`${messages} messages, from the beginning of the login to the last of them`);
    const value = valueOf(figures, MEASURE, "partyline-disk");
    const goal = {
      goal: `a backlog of a million ≥ ${formatFigure(LEAST, "per second")}`,
      figure: value === undefined ? "" : formatFigure(value, "per second"),
      met: value === undefined ? undefined : value >= LEAST,
    };
    return { figures, goals: [goal], notes };
  },
};
