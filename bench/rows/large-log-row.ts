// The row that opens histories and starts the server on a small log and on a very large one.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { formatBytes, formatFigure } from "../format.ts";
import { runLoad } from "../load-process.ts";
import type { Percentiles } from "../load/job.ts";
import { type Bench, type Figure, type Goal, type Row, valueOf } from "../row.ts";
import type { Log } from "../sizes.ts";
import type { RunningTarget, Target } from "../targets/target.ts";

const HISTORY_LENGTH = 50;
const FILL_LIMIT_SECONDS = 900;
const HISTORY_LIMIT_SECONDS = 120;

/** The goals: a history of the large log against the small one, and any start, in milliseconds. */
const MOST_RATIO = 2;
const MOST_START_MS = 1000;

/** The fill's names, under which the histories are asked for. */
const RUN = "zz";

interface Filled {
  readonly log: Log;
  readonly folder: string;
  readonly startMs: number[];
  readonly histories: Percentiles[];
}

/** Starts the server, lets `use` have it, and stops it in order. */
async function withServer<R>(
  target: Target,
  folder: string,
  use: (running: RunningTarget) => Promise<R>,
): Promise<R> {
  const running = await target.start(folder);
  try {
    return await use(running);
  } finally {
    await running.stop();
  }
}

async function fillLog(bench: Bench, target: Target, log: Log, notes: string[]): Promise<Filled> {
  const folder = bench.makeFolder();
  bench.progress(`  filling a log with ${log.name} through the port`);
  const { conversations, messagesEach } = log;
  const filled = await withServer(target, folder, async ({ port, pid }) => {
    const order = { port, pid, dialect: target.dialect, run: RUN, conversations, messagesEach };
    return await runLoad("fill", order, FILL_LIMIT_SECONDS);
  });
  const rate = formatFigure(filled.messages / filled.seconds, "per second");
  const size = formatBytes(folderBytes(join(folder, "data")));
  notes.push(
    `${log.name} in ${conversations} conversations: filled at ${rate}, ${size} in the data folder`,
  );
  return { log, folder, startMs: [], histories: [] };
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

async function startAndOpen(bench: Bench, target: Target, filled: Filled): Promise<void> {
  const { historyPeers: peers, historyAsks: asks } = bench.sizes;
  await withServer(target, filled.folder, async ({ port, pid, startMs }) => {
    if (startMs !== undefined) filled.startMs.push(startMs);
    const { conversations } = filled.log;
    const aim = { port, pid, dialect: target.dialect, run: RUN };
    const order = { ...aim, conversations, peers, asks, length: HISTORY_LENGTH };
    filled.histories.push(await runLoad("history", order, HISTORY_LIMIT_SECONDS));
  });
}

function checkGoals(figures: readonly Figure[], small: string, large: string): Goal[] {
  const history = `history of ${HISTORY_LENGTH} out of ${large} ≤ ${MOST_RATIO} × out of ${small}`;
  const few = valueOf(figures, "history p50", small);
  const many = valueOf(figures, "history p50", large);
  const start = valueOf(figures, "start", large);
  const startGoal = `start with ${large} ≤ 1 s`;
  if (few === undefined || many === undefined || start === undefined) {
    return [history, startGoal].map((goal) => ({ goal, figure: "", met: undefined }));
  }
  return [
    { goal: history, figure: `${(many / few).toFixed(2)} ×`, met: many <= MOST_RATIO * few },
    { goal: startGoal, figure: formatFigure(start, "ms"), met: start <= MOST_START_MS },
  ];
}

export const largeLogRow: Row = {
  id: "large-log",
  title: `opening a history of ${HISTORY_LENGTH} messages, and starting, on a small and a large log`,
  run: async (bench) => {
    const notes: string[] = [];
    const { smallLog, largeLog, starts } = bench.sizes;
    const figures: Figure[] = [];
    const logs: Filled[] = [];
    const [target] = bench.choose(["partyline-disk"], notes);
    if (target !== undefined) {
      for (const log of [smallLog, largeLog]) logs.push(await fillLog(bench, target, log, notes));
      for (let start = 1; start <= starts; start += 1) {
        bench.progress(`  start ${start} of ${starts} on each log`);
        for (const filled of logs) await startAndOpen(bench, target, filled);
      }
    }
    for (const { log, startMs, histories } of logs) {
      const subject = log.name;
      const p50 = histories.map((each) => each.p50);
      const p99 = histories.map((each) => each.p99);
      figures.push(
        { measure: "history p50", unit: "us", subject, runs: p50 },
        { measure: "history p99", unit: "us", subject, runs: p99 },
        { measure: "start", unit: "ms", subject, runs: startMs },
      );
    }
    for (const { folder } of logs) bench.removeFolder(folder);
    return { figures, goals: checkGoals(figures, smallLog.name, largeLog.name), notes };
  },
};
