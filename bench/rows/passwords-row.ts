// The row where somebody tries wrong passwords all the time, and two others go on answering each other. Whoever guesses
// shares the processors with them: so he does the same at another server too, and that is what is compared.

import { alternate } from "../alternate.ts";
import { formatFigure } from "../format.ts";
import { runLoad, startLoad } from "../load-process.ts";
import type { Aim, Percentiles } from "../load/job.ts";
import type { Target } from "../targets/target.ts";
import { type Bench, type Figure, type Goal, type Row, valueOf } from "../row.ts";

const SUBJECT = "partyline-disk";
const A_MINUTE = 10_000;

/** "As it was": what chance makes of two runs that are the same, and no more. */
const MOST_TIMES = 1.5;

/** Whoever guesses is ended when the others are done; he does not go on for longer than this beside them, in seconds. */
const LIMIT_EXTRA_SECONDS = 60;

const KINDS = [
  { kind: "meanwhile nobody", addresses: 0, isElsewhere: false },
  { kind: "at another server", addresses: 200, isElsewhere: true },
  { kind: "from one address", addresses: 1, isElsewhere: false },
  { kind: "from 200 addresses", addresses: 200, isElsewhere: false },
] as const;

export const passwordsRow: Row = {
  id: "passwords",
  title: `one message at a time, while ${A_MINUTE} wrong passwords a minute are tried`,
  run: async (bench) => {
    const notes: string[] = [];
    const targets = bench.choose([SUBJECT], notes);
    const { results } = await besideAnother(bench, targets, (other) =>
      alternate(bench, targets, notes, (aim) => eachKind(bench, aim, other)),
    );
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

/** @param use is given the port of another server of the same kind */
async function besideAnother<R>(
  bench: Bench,
  [target]: readonly Target[],
  use: (port: number) => Promise<R>,
): Promise<R> {
  if (target === undefined) return await use(0);
  const folder = bench.makeFolder();
  try {
    const other = await target.start(folder);
    try {
      return await use(other.port);
    } finally {
      await other.stop();
    }
  } finally {
    bench.removeFolder(folder);
  }
}

/** One after another, so that a noisy moment does not fall on one of them alone. */
async function eachKind(bench: Bench, aim: Aim, other: number): Promise<readonly Percentiles[]> {
  const results: Percentiles[] = [];
  for (const { addresses, isElsewhere } of KINDS) {
    results.push(await pingPong(bench, aim, addresses, isElsewhere ? other : aim.port));
  }
  return results;
}

async function pingPong(
  bench: Bench,
  aim: Aim,
  addresses: number,
  guessedAt: number,
): Promise<Percentiles> {
  const { seconds } = bench.options;
  const limit = seconds + LIMIT_EXTRA_SECONDS;
  const order = { ...aim, warmRounds: bench.sizes.pingPongWarmRounds, seconds };
  const run = async (): Promise<Percentiles> =>
    await runLoad("ping-pong", { ...order, run: bench.nextRun() }, limit);
  if (addresses === 0) return await run();
  const perSecond = A_MINUTE / 60;
  const guesses = { ...aim, port: guessedAt, run: bench.nextRun(), perSecond, addresses };
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
    const [, elsewhere, ...kinds] = KINDS;
    const before = valueOf(figures, `${percentile} ${elsewhere.kind}`, SUBJECT);
    return kinds.map(({ kind }): Goal => {
      const goal = `${percentile} ≤ ${MOST_TIMES} × that at another server (${kind})`;
      const value = valueOf(figures, `${percentile} ${kind}`, SUBJECT);
      if (before === undefined || value === undefined) return { goal, figure: "", met: undefined };
      const figure = `${formatFigure(value, "us")} of ${formatFigure(MOST_TIMES * before, "us")}`;
      return { goal, figure, met: value <= MOST_TIMES * before };
    });
  });
}
