// `partyline status`: how the server of a data folder is doing.

import type { Command } from "commander";
import { addOptions, typedFlags } from "../command-options.ts";
import { CommandError } from "../command-error.ts";
import { loadConfig } from "../config.ts";
import { askServer } from "../control-client.ts";
import type { ServerStatus } from "../control-protocol.ts";
import { formatStatus } from "../status-text.ts";

export function addStatus(program: Command): void {
  const command = program
    .command("status")
    .description("show how the running server of a data folder is doing")
    .option("--json", "print JSON")
    .action(async ({ json, ...flags }: Record<string, string | boolean>) => {
      const { config } = loadConfig(typedFlags(flags), process.env, process.cwd());
      const status = await askStatus(config.data);
      process.stdout.write(json === true ? `${JSON.stringify(status)}\n` : formatStatus(status));
    });
  addOptions(command, ["data"]);
}

async function askStatus(folder: string): Promise<ServerStatus> {
  const answer = await askServer(folder, { request: "status" });
  if ("status" in answer) return answer.status;
  throw new CommandError("the server gave another answer: is it of another version?", 1);
}
