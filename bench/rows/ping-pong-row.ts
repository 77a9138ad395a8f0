// The row where two peers answer each other: the latency of one message at a time.

import { alternate } from "../alternate.ts";
import { keepApart } from "../cores.ts";
import { formatFigure } from "../format.ts";
import { runLoad } from "../load-process.ts";
import type { Percentiles } from "../load/job.ts";
import { type Figure, FSYNC, type Goal, RIVALS, type Row, SERVERS, valueOf } from "../row.ts";

const LIMIT_EXTRA_SECONDS = 60;

/** What the disk variant may take beside the relay's time and two fsyncs, in microseconds. */
const DISK_EXTRA_US = 100;

function checkGoals(figures: readonly Figure[]): Goal[] {
  const relay = valueOf(figures, "p50", "relay");
  const fsync = valueOf(figures, "p50", FSYNC);
  const goal = (text: string, subject: string, most: number | undefined): Goal => {
    const value = valueOf(figures, "p50", subject);
    if (value === undefined || most === undefined) {
      return { goal: text, figure: "", met: undefined };
    }
    const figure = `${formatFigure(value, "us")} of ${formatFigure(most, "us")}`;
    return { goal: text, figure, met: value <= most };
  };
  return [
    goal(
      "partyline-process p50 ≤ 2 × relay",
      "partyline-process",
      relay === undefined ? undefined : 2 * relay,
    ),
    goal(
      `partyline-disk p50 ≤ relay + 2 fsyncs + ${DISK_EXTRA_US} µs`,
      "partyline-disk",
      relay === undefined || fsync === undefined ? undefined : relay + 2 * fsync + DISK_EXTRA_US,
    ),
  ];
}

export const pingPongRow: Row = {
  id: "ping-pong",
  title: "one message at a time: a round is two messages and two commits",
  run: async (bench) => {
    const notes: string[] = [];
    const { seconds } = bench.options;
    const { pingPongWarmRounds: warmRounds, fsyncSamples } = bench.sizes;
    let apart = true;
    const fsync = bench.fsyncSamples();
    const { results } = await alternate<Percentiles>(
      bench,
      bench.choose([...SERVERS, "relay", ...RIVALS], notes),
      notes,
      async (aim) => {
        const prefix = keepApart(aim.pid);
        apart &&= prefix !== undefined;
        const order = { ...aim, warmRounds, seconds };
        return await runLoad("ping-pong", order, seconds + LIMIT_EXTRA_SECONDS, prefix);
      },
      { eachRound: async () => await fsync.measure(fsyncSamples) },
    );
    notes.push(
      apart
        ? "the load generator had the last core, each server the others"
        : "server and load generator could not be kept on different cores: p50 depends on chance",
    );
    const disk = fsync.percentiles;
    const figures: Figure[] = [];
    for (const measure of ["p50", "p99"] as const) {
      for (const [subject, runs] of results) {
        figures.push({ measure, unit: "us", subject, runs: runs.map((run) => run[measure]) });
      }
      figures.push({ measure, unit: "us", subject: FSYNC, runs: [disk[measure]] });
    }
    return { figures, goals: checkGoals(figures), notes };
  },
};
