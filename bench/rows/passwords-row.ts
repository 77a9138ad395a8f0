// The row where somebody tries wrong passwords all the time, and two others go on answering each other.

import { alternate } from "../alternate.ts";
import { formatFigure } from "../format.ts";
import { runLoad, startLoad } from "../load-process.ts";
import type { Aim, Percentiles } from "../load/job.ts";
import { type Bench, type Figure, type Goal, type Row, valueOf } from "../row.ts";

const SUBJECT = "partyline-disk";
const A_MINUTE = 10_000;

/** "As it was": what chance makes of two runs that are the same, and no more. */
const MOST_TIMES = 1.5;

/** Whoever guesses is ended when the others are done; he does not go on for longer than this beside them, in seconds. */
const LIMIT_EXTRA_SECONDS = 60;

const KINDS = [
  { kind: "meanwhile nobody", addresses: 0 },
  { kind: "from one address", addresses: 1 },
  { kind: "from 200 addresses", addresses: 200 },
] as const;

export const passwordsRow: Row = {
  id: "passwords",
  title: `one message at a time, while ${A_MINUTE} wrong passwords a minute are tried`,
  run: async (bench) => {
    const notes: string[] = [];
    const targets = bench.choose([SUBJECT], notes);
    const { results } = await alternate(bench, targets, notes, (aim) => eachKind(bench, aim));
    const figures = [...results].flatMap(([subject, runs]) =>
      (["p50", "p99"] as const).flatMap((percentile) =>
        KINDS.map(({ kind }, index): Figure => ({
          measure: `${percentile} ${kind}`,
          unit: "us",
          subject,
          runs: runs.map((run) => run[index]?.[percentile] ?? NaN),
        })),
      ),
    );
    return { figures, goals: checkGoals(figures), notes };
  },
};

/** One after another, so that a noisy moment does not fall on one of them alone. */
async function eachKind(bench: Bench, aim: Aim): Promise<readonly Percentiles[]> {
  const results: Percentiles[] = [];
  for (const { addresses } of KINDS) results.push(await pingPong(bench, aim, addresses));
  return results;
}

async function pingPong(bench: Bench, aim: Aim, addresses: number): Promise<Percentiles> {
  const { seconds } = bench.options;
  const limit = seconds + LIMIT_EXTRA_SECONDS;
  const order = { ...aim, warmRounds: bench.sizes.pingPongWarmRounds, seconds };
  const run = async (): Promise<Percentiles> =>
    await runLoad("ping-pong", { ...order, run: bench.nextRun() }, limit);
  if (addresses === 0) return await run();
  const guesses = { ...aim, run: bench.nextRun(), perSecond: A_MINUTE / 60, addresses };
  const guessing = startLoad("guess", guesses, limit);
  const ended = guessing.result.then(() => "ended" as const);
  await Promise.race([guessing.stage("guessing"), ended]);
  const result = await Promise.race([run(), ended]);
  if (result === "ended") throw new Error("the guesses ended before the others were done");
  guessing.stop();
  await ended;
  return result;
}

function checkGoals(figures: readonly Figure[]): Goal[] {
  return (["p50", "p99"] as const).flatMap((percentile) => {
    const before = valueOf(figures, `${percentile} ${KINDS[0].kind}`, SUBJECT);
    return KINDS.slice(1).map(({ kind }): Goal => {
      const goal = `${percentile} ≤ ${MOST_TIMES} × without (${kind})`;
      const value = valueOf(figures, `${percentile} ${kind}`, SUBJECT);
      if (before === undefined || value === undefined) return { goal, figure: "", met: undefined };
      const figure = `${formatFigure(value, "us")} of ${formatFigure(MOST_TIMES * before, "us")}`;
      return { goal, figure, met: value <= MOST_TIMES * before };
    });
  });
}
