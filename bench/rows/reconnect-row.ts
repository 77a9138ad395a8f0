// The row where all clients of a server come back in the same moment.

import { alternate } from "../alternate.ts";
import { formatFigure } from "../format.ts";
import { runLoad } from "../load-process.ts";
import type { ReconnectResult } from "../load/job.ts";
import { type Bench, type Figure, type Goal, type Row, valueOf } from "../row.ts";

/** The goal, in seconds. */
const MOST = 10;
const LIMIT_SECONDS = 180;
const SUBJECT = "partyline-json";

/** Who comes back: open names with one client each, and accounts with this many devices. */
const KINDS = [
  { measure: "open names, resume tokens", devices: 1 },
  { measure: "accounts, tokens", devices: 100 },
] as const;

export const reconnectRow: Row = {
  id: "reconnect",
  title:
    "all clients of a server reconnect at once, and a message waits for each, until all have it",
  run: async (bench) => {
    const notes: string[] = [];
    const { reconnectClients: clients } = bench.sizes;
    const figures: Figure[] = [];
    for (const { measure, devices } of KINDS) {
      figures.push(...(await comeBack(bench, measure, devices, notes)));
      notes.push(`${measure}: ${clients} clients of ${Math.floor(clients / devices)} names`);
    }
    const goals = KINDS.map(({ measure }): Goal => {
      const value = valueOf(figures, measure, SUBJECT);
      return {
        goal: `${clients} clients are back ≤ ${formatFigure(MOST, "s")} (${measure})`,
        figure: value === undefined ? "" : formatFigure(value, "s"),
        met: value === undefined ? undefined : value <= MOST,
      };
    });
    return { figures, goals, notes };
  },
};

async function comeBack(
  bench: Bench,
  measure: string,
  devices: number,
  notes: string[],
): Promise<Figure[]> {
  const { reconnectClients: clients } = bench.sizes;
  const { results } = await alternate<ReconnectResult>(
    bench,
    bench.choose([SUBJECT], notes),
    notes,
    async (aim) => await runLoad("reconnect", { ...aim, clients, devices }, LIMIT_SECONDS),
  );
  return [...results].map(([subject, runs]) => ({
    measure,
    unit: "s",
    subject,
    runs: runs.map((run) => run.seconds),
  }));
}
