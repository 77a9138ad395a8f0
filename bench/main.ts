// `npm run bench`: starts servers and load generators as processes of their own, row by row, and prints what came out.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { endAll } from "./child.ts";
import { FsyncSamples } from "./fsync.ts";
import { runTag } from "./load/names.ts";
import { describeMachine } from "./machine.ts";
import { helpText, isMemoryDisk, type Options, parseOptions } from "./options.ts";
import { formatJson, formatText, type RowReport } from "./report.ts";
import type { Bench, Row, RowResult } from "./row.ts";
import { backlogRow } from "./rows/backlog-row.ts";
import { flowRows } from "./rows/flow-rows.ts";
import { idleRow } from "./rows/idle-row.ts";
import { largeLogRow } from "./rows/large-log-row.ts";
import { loadedDeliveryRow } from "./rows/loaded-delivery-row.ts";
import { passwordsRow } from "./rows/passwords-row.ts";
import { pingPongRow } from "./rows/ping-pong-row.ts";
import { reconnectRow } from "./rows/reconnect-row.ts";
import { roomRow } from "./rows/room-row.ts";
import { stoppedReaderRow } from "./rows/stopped-reader-row.ts";
import { sizesFor } from "./sizes.ts";
import { partylineTarget, relayTarget } from "./targets/node-server.ts";
import { rivalTargets } from "./targets/rivals.ts";

const ROWS: readonly Row[] = [
  ...flowRows,
  pingPongRow,
  loadedDeliveryRow,
  idleRow,
  stoppedReaderRow,
  backlogRow,
  roomRow,
  reconnectRow,
  passwordsRow,
  largeLogRow,
];

const TARGETS = [
  partylineTarget("disk"),
  partylineTarget("process"),
  partylineTarget("disk", { name: "partyline-json", dialect: "json" }),
  partylineTarget("disk", { name: "partyline-websocket", dialect: "websocket" }),
  relayTarget,
  ...rivalTargets,
];

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function readOptions(): Options | "help" {
  const rowIds = ROWS.map((row) => row.id);
  const targetNames = TARGETS.map((target) => target.name);
  const options = parseOptions(process.argv.slice(2), rowIds, targetNames);
  if (options === "help") process.stdout.write(helpText(rowIds, targetNames));
  return options;
}

function createBench(options: Options, root: string): Omit<Bench, "fail"> {
  let folders = 0;
  let runs = 0;
  return {
    options,
    sizes: sizesFor(options.quick),
    choose: (names, notes) =>
      TARGETS.filter(({ name, missing }) => {
        const wanted = options.targets.length === 0 || options.targets.includes(name);
        if (!names.includes(name) || !wanted) return false;
        if (missing !== undefined) notes.push(missing);
        return missing === undefined;
      }),
    makeFolder: () => {
      folders += 1;
      const folder = join(root, String(folders));
      mkdirSync(folder);
      return folder;
    },
    removeFolder: (folder) => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
    fsyncSamples: () => new FsyncSamples(root),
    nextRun: () => {
      runs += 1;
      return runTag(runs);
    },
    progress,
  };
}

async function runRow(bench: Omit<Bench, "fail">, row: Row): Promise<RowReport> {
  const { id, title } = row;
  const reasons: string[] = [];
  const fail = (reason: string): void => {
    progress(`  failed: ${reason}`);
    reasons.push(reason);
  };
  let result: RowResult = { figures: [], goals: [], notes: [] };
  progress(`${id}: ${title}`);
  try {
    result = await row.run({ ...bench, fail });
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
  return { id, title, ...result, ...(reasons.length > 0 ? { failed: reasons.join("; ") } : {}) };
}

async function main(options: Options): Promise<void> {
  const root = mkdtempSync(join(options.folder, "partyline-bench-"));
  process.on("exit", () => {
    endAll();
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  });
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
  process.on("SIGHUP", () => process.exit(129));
  if (isMemoryDisk(root)) {
    progress(`${options.folder} is in memory, where an fsync costs nothing: use --folder`);
  }
  const bench = createBench(options, root);
  const fsync = bench.fsyncSamples();
  await fsync.measure(bench.sizes.fsyncSamples);
  const rows: RowReport[] = [];
  for (const row of ROWS) {
    if (options.only.length === 0 || options.only.includes(row.id)) {
      rows.push(await runRow(bench, row));
    }
  }
  await fsync.measure(bench.sizes.fsyncSamples);
  const report = {
    machine: describeMachine(),
    command: ["npm run bench --", ...process.argv.slice(2)].join(" ").replace(/ --$/, ""),
    options,
    fsync: fsync.percentiles,
    rows,
  };
  process.stdout.write(options.json ? formatJson(report) : formatText(report));
  process.exitCode = rows.some((row) => row.failed !== undefined) ? 1 : 0;
}

try {
  const options = readOptions();
  if (options !== "help") await main(options);
} catch (error) {
  progress(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
