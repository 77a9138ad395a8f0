// The row where all clients of a server come back in the same moment.

import { alternate } from "../alternate.ts";
import { formatFigure } from "../format.ts";
import { runLoad } from "../load-process.ts";
import type { ReconnectResult } from "../load/job.ts";
import { type Figure, type Row, valueOf } from "../row.ts";

/** The goal, in seconds. */
const MOST = 10;
const LIMIT_SECONDS = 180;
const MEASURE = "all caught up";

export const reconnectRow: Row = {
  id: "reconnect",
  title: "all clients of a server reconnect at once, and a message waits for each",
  run: async (bench) => {
    const notes: string[] = [];
    const { reconnectClients: clients } = bench.sizes;
    const { results } = await alternate<ReconnectResult>(
      bench,
      bench.choose(["partyline-json"], notes),
      notes,
      async (aim) => await runLoad("reconnect", { ...aim, clients }, LIMIT_SECONDS),
    );
    const figures: Figure[] = [...results].map(([subject, runs]) => ({
      measure: MEASURE,
      unit: "s",
      subject,
      runs: runs.map((run) => run.seconds),
    }));
    notes.push(`${clients} clients with open names and resume tokens`);
    const value = valueOf(figures, MEASURE, "partyline-json");
    const goal = {
      goal: `${clients} clients are back ≤ ${formatFigure(MOST, "s")}`,
      figure: value === undefined ? "" : formatFigure(value, "s"),
      met: value === undefined ? undefined : value <= MOST,
    };
    return { figures, goals: [goal], notes };
  },
};
