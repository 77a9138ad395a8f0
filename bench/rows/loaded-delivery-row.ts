// The row where one more pair times its deliveries while 50 pairs send as fast as they can.

import { alternate } from "../alternate.ts";
import { formatFigure } from "../format.ts";
import { startLoad } from "../load-process.ts";
import type { Aim, Percentiles } from "../load/job.ts";
import { type Bench, type Figure, FSYNC, type Goal, type Row, SERVERS, valueOf } from "../row.ts";

const PAIRS = 50;
const PROBE_EVERY_MS = 10;

/** The load goes on this much longer than the probe, whose process has to start and log in, in seconds. */
const LOAD_EXTRA_SECONDS = 3;
const LIMIT_EXTRA_SECONDS = 60;

/** What a delivery may take beside p99 of fsync, in milliseconds. */
const EXTRA_MS = 20;

async function probeUnderLoad(bench: Bench, aim: Aim, notes: string[]): Promise<Percentiles> {
  const { probeSeconds, warmSeconds } = bench.sizes;
  const seconds = probeSeconds + LOAD_EXTRA_SECONDS;
  const limit = seconds + LIMIT_EXTRA_SECONDS;
  const load = startLoad(
    "flow",
    { ...aim, senders: PAIRS, recipients: 1, warmSeconds, seconds },
    limit,
  );
  let loadEnded = false;
  const flow = load.result.then((result) => {
    loadEnded = true;
    return result;
  });
  await Promise.race([load.stage("flowing"), flow]);
  const probe = startLoad(
    "probe",
    { ...aim, run: bench.nextRun(), everyMs: PROBE_EVERY_MS, seconds: probeSeconds },
    limit,
  ).result.then((percentiles) => {
    if (loadEnded) notes.push("a load ended before its probe: that figure is too good");
    return percentiles;
  });
  const [percentiles] = await Promise.all([probe, flow]);
  return percentiles;
}

function checkGoals(figures: readonly Figure[]): Goal[] {
  const goal = `partyline-disk p99 ≤ p99 of fsync + ${EXTRA_MS} ms`;
  const value = valueOf(figures, "p99", "partyline-disk");
  const fsync = valueOf(figures, "p99", FSYNC);
  if (value === undefined || fsync === undefined) return [{ goal, figure: "", met: undefined }];
  const most = fsync + EXTRA_MS;
  const figure = `${formatFigure(value, "ms")} of ${formatFigure(most, "ms")}`;
  return [{ goal, figure, met: value <= most }];
}

export const loadedDeliveryRow: Row = {
  id: "loaded-delivery",
  title: `delivery to a 51st pair, every ${PROBE_EVERY_MS} ms, while ${PAIRS} pairs pipeline`,
  run: async (bench) => {
    const notes: string[] = [];
    const fsync = bench.fsyncSamples();
    const { results } = await alternate<Percentiles>(
      bench,
      bench.choose([...SERVERS, "relay"], notes),
      notes,
      async (aim) => await probeUnderLoad(bench, aim, notes),
      { eachRound: async () => await fsync.measure(bench.sizes.fsyncSamples) },
    );
    const disk = fsync.percentiles;
    const figures: Figure[] = [];
    for (const measure of ["p50", "p99", "max"] as const) {
      for (const [subject, runs] of results) {
        figures.push({ measure, unit: "ms", subject, runs: runs.map((run) => run[measure]) });
      }
      figures.push({ measure, unit: "ms", subject: FSYNC, runs: [disk[measure] / 1000] });
    }
    return { figures, goals: checkGoals(figures), notes };
  },
};
