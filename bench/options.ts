// The benchmark's command line.

import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";

export interface Options {
  readonly json: boolean;
  readonly quick: boolean;
  /** Rows to run, by id; empty for all. */
  readonly only: readonly string[];
  /** Targets to run, by name; empty for all. */
  readonly targets: readonly string[];
  /** How long one measured run lasts. */
  readonly seconds: number;
  /** Runs of each target in a row, alternating; the median counts. */
  readonly rounds: number;
  /** Where data folders are made: their disk is what is measured. */
  readonly folder: string;
}

/** statfs(2): what /dev/shm and many a /tmp are, on which an fsync costs nothing. */
const TMPFS_MAGIC = 0x01021994;

const MAX_SECONDS = 60;
const MAX_ROUNDS = 15;

export function helpText(rowIds: readonly string[], targetNames: readonly string[]): string {
  return `npm run bench -- [options]

Measures the built server against a bare Node relay without a log, and against ngircd, nats-server
and mosquitto where they are installed, in one run and on the same work.

  --only ROW,ROW         only these rows: ${rowIds.join(", ")}
  --targets NAME,NAME    only these: ${targetNames.join(", ")}
  --seconds N            length of one measured run (default 3, with --quick 0.5)
  --rounds N             runs of each target, alternating; the median counts (default 3, with --quick 1)
  --folder DIR           where data folders are made for the time of the run (default: the system's
                         temporary folder); its disk is what is measured
  --quick                everything once and small, as a check that it works; no figure to quote
  --json                 print a JSON document instead of tables
  --help                 print this
`;
}

/** @throws Error with one line that names what is wrong */
export function parseOptions(
  args: readonly string[],
  rowIds: readonly string[],
  targetNames: readonly string[],
): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      targets: { type: "string" },
      seconds: { type: "string" },
      rounds: { type: "string" },
      folder: { type: "string" },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const { quick, json } = values;
  return {
    quick,
    json,
    only: parseList("--only", values.only, rowIds),
    targets: parseList("--targets", values.targets, targetNames),
    seconds: parseNumber("--seconds", values.seconds ?? (quick ? "0.5" : "3"), 0.1, MAX_SECONDS),
    rounds: Math.round(
      parseNumber("--rounds", values.rounds ?? (quick ? "1" : "3"), 1, MAX_ROUNDS),
    ),
    folder: values.folder ?? tmpdir(),
  };
}

export function isMemoryDisk(folder: string): boolean {
  return statfsSync(folder).type === TMPFS_MAGIC;
}

function parseList(option: string, text: string | undefined, known: readonly string[]): string[] {
  const items = (text ?? "").split(",").filter((item) => item !== "");
  const unknown = items.find((item) => !known.includes(item));
  if (unknown !== undefined) {
    throw new Error(`${option}: ${JSON.stringify(unknown)} is not one of ${known.join(", ")}`);
  }
  return items;
}

function parseNumber(option: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (!(number >= least && number <= most)) {
    throw new Error(`${option}: ${JSON.stringify(text)} is not a number from ${least} to ${most}`);
  }
  return number;
}
