// The result of a benchmark, as tables for people and as one JSON document for programs.

import { formatFigure, formatRatio, formatTable } from "./format.ts";
import type { Percentiles } from "./load/job.ts";
import type { Machine } from "./machine.ts";
import type { Options } from "./options.ts";
import { type Figure, FSYNC, RIVALS, type RowResult } from "./row.ts";
import { median, ratioOf } from "./statistics.ts";

export interface RowReport extends RowResult {
  readonly id: string;
  readonly title: string;
  /** Why the row has no result. */
  readonly failed?: string;
}

export interface Report {
  readonly machine: Machine;
  readonly command: string;
  readonly options: Options;
  /** Microseconds to make 8 KiB durable on the measured disk. */
  readonly fsync: Percentiles;
  readonly rows: readonly RowReport[];
}

/** Subjects that others are compared with, where they were measured. */
const COMPARED: readonly string[] = ["relay", ...RIVALS];

const MET = new Map<boolean | undefined, string>([
  [true, "met"],
  [false, "missed"],
  [undefined, "not measured"],
]);

export function formatJson(report: Report): string {
  const rows = report.rows.map((row) => ({
    ...row,
    figures: row.figures.map((figure) => ({
      ...figure,
      median: median(figure.runs),
      ratios: Object.fromEntries(
        comparedWith(figure, row.figures).map((other) => [
          other.subject,
          ratioOf(figure.runs, other.runs),
        ]),
      ),
    })),
  }));
  return `${JSON.stringify({ ...report, rows }, null, 2)}\n`;
}

export function formatText(report: Report): string {
  return `${[heading(report), ...report.rows.map(formatRow), formatGoals(report)].join("\n\n")}\n`;
}

function heading({ machine, command, options, fsync }: Report): string {
  const { processor, cores, memoryBytes, system, node, date } = machine;
  const memory = `${Math.round(memoryBytes / 2 ** 30)} GiB`;
  const disk = `p50 ${formatFigure(fsync.p50, "us")}, p99 ${formatFigure(fsync.p99, "us")}`;
  return [
    `Made with \`${command}\` on ${date}: ${processor}, ${cores} cores, ${memory}, ${system}, Node ${node}.`,
    `Server and load generator share the cores. fsync of 8 KiB on this disk: ${disk}.`,
    ...(options.quick
      ? ["Shortened (--quick): these figures only show that everything runs."]
      : []),
  ].join("\n");
}

function formatRow(row: RowReport): string {
  const measures = [...new Set(row.figures.map((figure) => figure.measure))];
  const compared = COMPARED.filter((name) => row.figures.some((each) => each.subject === name));
  const header = ["measure", "subject", "median", "runs", ...compared.map((name) => `÷ ${name}`)];
  const lines = measures.flatMap((measure) =>
    row.figures
      .filter((figure) => figure.measure === measure)
      .map((figure) => formatFigureLine(figure, row.figures, compared)),
  );
  return [
    `## ${row.id}: ${row.title}`,
    ...(row.failed === undefined ? [] : [`FAILED: ${row.failed}`]),
    ...(lines.length === 0 ? [] : [formatTable(header, lines, 2)]),
    ...(row.notes.length === 0 ? [] : [row.notes.map((note) => `- ${note}`).join("\n")]),
  ].join("\n\n");
}

function formatFigureLine(
  figure: Figure,
  figures: readonly Figure[],
  compared: readonly string[],
): string[] {
  const { measure, subject, unit, runs } = figure;
  const others = new Map(comparedWith(figure, figures).map((each) => [each.subject, each]));
  return [
    measure,
    subject,
    formatFigure(median(runs), unit),
    runs.length > 1 ? runs.map((run) => formatFigure(run, unit)).join(", ") : "",
    ...compared.map((name) => formatRatio(ratioOf(runs, others.get(name)?.runs ?? []))),
  ];
}

function comparedWith(figure: Figure, figures: readonly Figure[]): Figure[] {
  return figures.filter(
    (other) =>
      other.measure === figure.measure &&
      other.subject !== figure.subject &&
      figure.subject !== FSYNC &&
      COMPARED.includes(other.subject),
  );
}

function formatGoals(report: Report): string {
  const lines = report.rows.flatMap((row) => [
    ...row.goals.map((goal) => [row.id, goal.goal, goal.figure, MET.get(goal.met) ?? ""]),
    ...(row.failed === undefined ? [] : [[row.id, "every message arrives", "", "FAILED"]]),
  ]);
  return `## Goals\n\n${formatTable(["row", "goal", "figure", "result"], lines, 2)}`;
}
