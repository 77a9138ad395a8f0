// `partyline check-config`: what `serve` would run with, and where each value came from.

import type { Command } from "commander";
import { addOptions, CONFIG_HELP, typedFlags } from "../command-options.ts";
import { formatOption, type LoadedConfig, loadConfig } from "../config.ts";
import { OPTION_KEYS, optionName } from "../options.ts";

export function addCheckConfig(program: Command): void {
  const command = program
    .command("check-config")
    .description("check flags, variables and the configuration file, and print what they amount to")
    .addHelpText("after", CONFIG_HELP)
    .action((options: Record<string, string | boolean>) => {
      const loaded = loadConfig(typedFlags(options), process.env, process.cwd());
      process.stdout.write(formatLoaded(loaded));
    });
  addOptions(command);
}

function formatLoaded({ config, origins }: LoadedConfig): string {
  const rows = OPTION_KEYS.map(
    (key) => [optionName(key), formatOption(key, config), origins[key]] as const,
  );
  const names = Math.max(...rows.map(([name]) => name.length));
  const values = Math.max(...rows.map(([, value]) => value.length));
  return rows
    .map(([name, value, origin]) => `${name.padEnd(names)}  ${value.padEnd(values)}  ${origin}\n`)
    .join("");
}
