// `partyline restore FILE`: puts a backup in the place of a data folder's log while no server runs.

import { resolve } from "node:path";
import type { Command } from "commander";
import { restoreBackup } from "../../log/sqlite/restore.ts";
import { addOptions, typedFlags } from "../command-options.ts";
import { loadConfig } from "../config.ts";
import { explainFolderError } from "../start-error.ts";

export function addRestore(program: Command): void {
  const command = program
    .command("restore")
    .argument("<FILE>", "a backup")
    .description("put a backup in the place of the log; the replaced one is kept beside it")
    .action((name: string, flags: Record<string, string | boolean>) => {
      const { config } = loadConfig(typedFlags(flags), process.env, process.cwd());
      const replaced = restore(resolve(name), config.data);
      process.stdout.write(`restored ${resolve(name)} into ${config.data}\n`);
      if (replaced !== undefined) process.stdout.write(`the replaced log is ${replaced}\n`);
    });
  addOptions(command, ["data"]);
}

function restore(file: string, folder: string): string | undefined {
  try {
    return restoreBackup(file, folder, Date.now());
  } catch (error) {
    throw explainFolderError(folder, error);
  }
}
