// The row where one more pair times its deliveries while 50 pairs send as fast as they can.

import { alternate } from "../alternate.ts";
import { formatFigure } from "../format.ts";
import { startLoad } from "../load-process.ts";
import type { Aim, Percentiles } from "../load/job.ts";
import { type Bench, type Figure, FSYNC, type Goal, type Row, SERVERS, valueOf } from "../row.ts";

const PAIRS = 50;
const PROBE_EVERY_MS = 10;

/** The load is ended when the probe has; it is not begun for longer than this beside the probe, in seconds. */
const LOAD_EXTRA_SECONDS = 60;
const LIMIT_EXTRA_SECONDS = 60;

/** What a delivery may take beside p99 of fsync, in milliseconds. */
const EXTRA_MS = 20;

async function probeUnderLoad(bench: Bench, aim: Aim): Promise<Percentiles> {
  const { probeSeconds, warmSeconds } = bench.sizes;
  const seconds = probeSeconds + LOAD_EXTRA_SECONDS;
  const limit = seconds + LIMIT_EXTRA_SECONDS;
  const flowOrder = { ...aim, senders: PAIRS, recipients: 1, warmSeconds, seconds };
  const load = startLoad("flow", flowOrder, limit);
  const loadEnded = load.result.then(() => "ended" as const);
  await Promise.race([load.stage("flowing"), loadEnded]);
  const probeOrder = { everyMs: PROBE_EVERY_MS, seconds: probeSeconds };
  const probe = startLoad("probe", { ...aim, run: bench.nextRun(), ...probeOrder }, limit);
  const first = await Promise.race([probe.result, loadEnded]);
  if (first === "ended") throw new Error("the probe was not done when the load ended");
  load.stop();
  await loadEnded;
  return first;
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
      async (aim) => await probeUnderLoad(bench, aim),
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
