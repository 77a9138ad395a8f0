// The command line's root: which command is meant, and how it ends.

import { Command, CommanderError } from "commander";
import { CommandError, oneLine } from "./command-error.ts";
import { addBackup } from "./commands/backup.ts";
import { addChat } from "./commands/chat.ts";
import { addCheckConfig } from "./commands/check-config.ts";
import { addRestore } from "./commands/restore.ts";
import { addScripts } from "./commands/scripts.ts";
import { addServe } from "./commands/serve.ts";
import { addStatus } from "./commands/status.ts";
import { addUser } from "./commands/user.ts";
import { VERSION } from "./version.ts";

function createProgram(): Command {
  const program = new Command("partyline")
    .description("A chat server that loses nothing when connections die")
    .version(VERSION)
    .exitOverride()
    .configureOutput({
      outputError: (text, write) => write(`partyline: ${oneLine(text.replace(/^error: /, ""))}\n`),
    });
  // A command takes these settings from the program at the moment it is added.
  const all = [
    addServe,
    addChat,
    addScripts,
    addUser,
    addCheckConfig,
    addStatus,
    addBackup,
    addRestore,
  ];
  for (const add of all) add(program);
  return program;
}

/** @returns the exit code: 2 for wrong usage, 1 for what else went wrong */
async function run(parameters: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(parameters, { from: "user" });
    return Number(process.exitCode ?? 0);
  } catch (error) {
    // Commander has said what it had to say.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof CommandError)) throw error;
    process.stderr.write(`partyline: ${error.message}\n`);
    return error.exitCode;
  }
}

// Whoever reads our output may stop reading, as `head` does.
process.stdout.on("error", () => {});
process.stderr.on("error", () => {});
process.exit(await run(process.argv.slice(2)));
