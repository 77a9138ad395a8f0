// The row where very many members of one room get a steady stream of messages.

import { alternate } from "../alternate.ts";
import { formatFigure } from "../format.ts";
import { runLoad } from "../load-process.ts";
import type { Percentiles } from "../load/job.ts";
import { type Figure, type Row, valueOf } from "../row.ts";

/** The goal, in milliseconds. */
const MOST = 100;
const PER_SECOND = 50;
const LIMIT_SECONDS = 120;

export const roomRow: Row = {
  id: "room",
  title: `delivery of ${PER_SECOND} messages a second to each member of a large room`,
  run: async (bench) => {
    const notes: string[] = [];
    const { roomMembers: members } = bench.sizes;
    const { seconds } = bench.options;
    const { results } = await alternate<Percentiles>(
      bench,
      bench.choose(["partyline-disk", "partyline-json"], notes),
      notes,
      async (aim) =>
        await runLoad(
          "room",
          { ...aim, members, perSecond: PER_SECOND, seconds },
          seconds + LIMIT_SECONDS,
        ),
    );
    const figures: Figure[] = (["p50", "p99", "max"] as const).flatMap((measure) =>
      [...results].map(([subject, runs]): Figure => ({
        measure,
        unit: "ms",
        subject,
        runs: runs.map((run) => run[measure]),
      })),
    );
    notes.push(`${members} members, each of whom acknowledges each piece that it reads (JSON)`);
    const goals = ["partyline-disk", "partyline-json"].map((subject) => {
      const value = valueOf(figures, "p99", subject);
      return {
        goal: `${subject} p99 ≤ ${formatFigure(MOST, "ms")} in a room`,
        figure: value === undefined ? "" : formatFigure(value, "ms"),
        met: value === undefined ? undefined : value <= MOST,
      };
    });
    return { figures, goals, notes };
  },
};
