// Commander's flags, made from the table of options.

import { type Command, Option } from "commander";
import type { Flags } from "./config.ts";
import { CONFIG_FLAG, type OptionKey, OPTION_KEYS, optionName, OPTIONS } from "./options.ts";

export const CONFIG_HELP = `
Every option is also a variable (--max-rate: PARTYLINE_MAX_RATE; several values with commas between)
and a key of the configuration file, which is a JSON object ({"max-rate": 100}). A flag beats a
variable, a variable beats the file. Paths in the file start from the folder that it is in.`;

/** Adds flags for some of the options, and for the configuration file. */
export function addOptions(command: Command, keys: readonly OptionKey[] = OPTION_KEYS): Command {
  for (const key of keys) command.addOption(flag(key));
  return command.addOption(new Option(`--${CONFIG_FLAG} <FILE>`, "configuration file (JSON)"));
}

function flag(key: OptionKey): Option {
  const { kind, help, default: standard } = OPTIONS[key];
  const takesValue = kind.placeholder !== "";
  const value = takesValue ? ` <${kind.placeholder}>` : "";
  const option = new Option(
    `--${optionName(key)}${value}`,
    takesValue && standard !== "" ? `${help} (default: ${standard})` : help,
  );
  return option.argParser((text: string, before: string | undefined) =>
    (kind.json as readonly string[]).includes("array") && before !== undefined
      ? `${before},${text}`
      : text,
  );
}

/** What commander read, as text: it gives `true` for a flag without a value. */
export function typedFlags(options: Readonly<Record<string, string | boolean>>): Flags {
  const known = new Set<string>([...OPTION_KEYS, CONFIG_FLAG]);
  return Object.fromEntries(
    Object.entries(options)
      .filter(([key]) => known.has(key))
      .map(([key, value]) => [key, String(value)]),
  );
}
