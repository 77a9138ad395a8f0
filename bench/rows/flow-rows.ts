// The rows where senders pipeline messages: 50 pairs, one pair, one sender to 100 recipients.

import { alternate } from "../alternate.ts";
import { runLoad } from "../load-process.ts";
import type { FlowResult } from "../load/job.ts";
import { type Figure, type Goal, RIVALS, type Row, SERVERS } from "../row.ts";
import { median, ratioOf } from "../statistics.ts";

const DELIVERIES = "deliveries";

interface RatioGoal {
  readonly subject: string;
  readonly other: string;
  readonly least: number;
}

/** The goals of the issue, as ratios of runs of the same round. */
function checkGoals(figures: readonly Figure[], goals: readonly RatioGoal[]): Goal[] {
  const runsOf = (subject: string): readonly number[] =>
    figures.find((each) => each.measure === DELIVERIES && each.subject === subject)?.runs ?? [];
  return goals.map(({ subject, other, least }) => {
    const ratio = ratioOf(runsOf(subject), runsOf(other));
    const goal = `${subject} ≥ ${least.toFixed(2)} × ${other}`;
    if (Number.isNaN(ratio)) return { goal, figure: "", met: undefined };
    return { goal, figure: `${ratio.toFixed(2)} ×`, met: ratio >= least };
  });
}

/** Both sides' use of the processor shows which of them was the limit. */
function formatCores(results: ReadonlyMap<string, readonly FlowResult[]>): string {
  const cores = [...results].map(([subject, runs]) => {
    const server = median(runs.map((run) => run.serverCores)).toFixed(2);
    const load = median(runs.map((run) => run.loadCores)).toFixed(2);
    return `${subject} ${server} + ${load}`;
  });
  return cores.join(", ");
}

/** Time for 300 logins and for what is on its way, beside what is measured. */
const LIMIT_EXTRA_SECONDS = 60;

function flowRow(
  id: string,
  title: string,
  senders: number,
  recipients: number,
  targetNames: readonly string[],
  goals: readonly RatioGoal[],
): Row {
  return {
    id,
    title,
    run: async (bench) => {
      const notes: string[] = [];
      const { seconds } = bench.options;
      const { warmSeconds } = bench.sizes;
      const { results } = await alternate<FlowResult>(
        bench,
        bench.choose(targetNames, notes),
        notes,
        async (aim) =>
          await runLoad(
            "flow",
            { ...aim, senders, recipients, warmSeconds, seconds },
            seconds + warmSeconds + LIMIT_EXTRA_SECONDS,
          ),
      );
      const figures: Figure[] = [];
      for (const [subject, runs] of results) {
        const perSecond = runs.map((run) => run.deliveriesPerSecond);
        figures.push({ measure: DELIVERIES, unit: "per second", subject, runs: perSecond });
      }
      notes.push(`processor time in cores, server + load generator: ${formatCores(results)}`);
      return { figures, goals: checkGoals(figures, goals), notes };
    },
  };
}

export const flowRows: readonly Row[] = [
  flowRow(
    "pairs",
    "50 pairs pipelining 32-byte messages",
    50,
    1,
    [...SERVERS, "partyline-json", "partyline-websocket", "relay", ...RIVALS],
    [
      { subject: "partyline-disk", other: "relay", least: 0.3 },
      { subject: "partyline-disk", other: "ngircd", least: 3 },
      { subject: "partyline-process", other: "relay", least: 0.4 },
      { subject: "partyline-json", other: "partyline-disk", least: 0.4 },
      { subject: "partyline-websocket", other: "partyline-disk", least: 0.3 },
    ],
  ),
  flowRow("pair", "1 pair pipelining 32-byte messages", 1, 1, [...SERVERS, "relay", ...RIVALS], []),
  flowRow(
    "fan-out",
    "1 sender, each 32-byte message to 100 recipients, counted in deliveries",
    1,
    100,
    [...SERVERS, "relay"],
    [{ subject: "partyline-disk", other: "relay", least: 0.3 }],
  ),
];
