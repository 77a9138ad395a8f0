// `partyline backup FILE`: a consistent copy of the log, made by the running server while it goes on.

import { resolve } from "node:path";
import type { Command } from "commander";
import { addOptions, typedFlags } from "../command-options.ts";
import { CommandError } from "../command-error.ts";
import { loadConfig } from "../config.ts";
import { askServer } from "../control-client.ts";
import { formatBytes } from "../status-text.ts";

export function addBackup(program: Command): void {
  const command = program
    .command("backup")
    .argument("<FILE>", "file to write; it must not exist")
    .description("write a backup while the server runs")
    .action(async (name: string, flags: Record<string, string | boolean>) => {
      const { config } = loadConfig(typedFlags(flags), process.env, process.cwd());
      const file = resolve(name);
      const answer = await askServer(config.data, { request: "backup", file }, showProgress);
      if (!("backup" in answer)) {
        throw new CommandError("the server gave another answer: is it of another version?", 1);
      }
      endProgress();
      process.stdout.write(`wrote ${file} (${formatBytes(answer.backup.bytes)})\n`);
    });
  addOptions(command, ["data"]);
}

/** One line that is written over and over, on a terminal only. */
function showProgress(done: number): void {
  if (process.stderr.isTTY)
    process.stderr.write(`\r${String(Math.floor(done * 100)).padStart(3)} %`);
}

function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
}
