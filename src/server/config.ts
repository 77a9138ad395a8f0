// From flags, variables and the configuration file to what the server runs with: the first step of
// every command that works on a data folder.

import { dirname } from "node:path";
import { CommandError } from "./command-error.ts";
import { type JsonValue, readConfigFile } from "./config-file.ts";
import type { Kind } from "./option-kinds.ts";
import {
  CONFIG_FLAG,
  type OptionKey,
  OPTION_KEYS,
  optionName,
  OPTIONS,
  optionVariable,
  type ServerConfig,
  type ServerOption,
} from "./options.ts";

/** Flags as they were typed; one that was repeated is joined with commas. */
export type Flags = Readonly<Partial<Record<OptionKey | typeof CONFIG_FLAG, string>>>;

export type Environment = Readonly<Record<string, string | undefined>>;

export interface LoadedConfig {
  readonly config: ServerConfig;
  /** Where each value came from, as people would name it: `--data`, `PARTYLINE_DATA`, … */
  readonly origins: Readonly<Record<OptionKey, string>>;
}

/** One value that was given, before it is parsed. */
interface Given {
  readonly text: string;
  readonly origin: string;
  /** What a relative path starts from. */
  readonly folder: string;
}

/**
 * Flag beats variable beats file beats default.
 * @param folder what relative paths start from, those of the configuration file excepted, which
 *   start from the folder that the file is in
 * @throws CommandError with exit code 2, naming what is wrong, where it was given and what is allowed
 */
export function loadConfig(flags: Flags, environment: Environment, folder: string): LoadedConfig {
  const file = flags[CONFIG_FLAG] ?? environment[optionVariable(CONFIG_FLAG)];
  refuseUnknownVariables(environment);
  const inFile = file === undefined ? new Map<OptionKey, Given>() : fromFile(file, folder);
  const config: Partial<Record<OptionKey, unknown>> = {};
  const origins: Partial<Record<OptionKey, string>> = {};
  for (const key of OPTION_KEYS) {
    const given =
      fromText(flags[key], `--${optionName(key)}`, folder) ??
      fromText(environment[optionVariable(key)], optionVariable(key), folder) ??
      inFile.get(key);
    config[key] = parse(key, given ?? { text: OPTIONS[key].default, origin: "default", folder });
    origins[key] = given?.origin ?? "default";
  }
  return { config: config as unknown as ServerConfig, origins: origins as LoadedConfig["origins"] };
}

/** An option's value as it would be written. */
export function formatOption(key: OptionKey, config: ServerConfig): string {
  const option = OPTIONS[key] as ServerOption<unknown>;
  return option.kind.format(config[key]);
}

function fromText(text: string | undefined, origin: string, folder: string): Given | undefined {
  return text === undefined ? undefined : { text, origin, folder };
}

function fromFile(file: string, folder: string): Map<OptionKey, Given> {
  const { path, values } = readConfigFile(file, folder);
  const keys = new Map(OPTION_KEYS.map((key) => [optionName(key), key]));
  const given = new Map<OptionKey, Given>();
  for (const [name, value] of Object.entries(values)) {
    const key = keys.get(name);
    if (key === undefined) throw unknown(`key "${name}" in ${file}`, name, optionName);
    const origin = `"${name}" in ${file}`;
    given.set(key, {
      text: textOf(value, OPTIONS[key].kind, origin),
      origin,
      folder: dirname(path),
    });
  }
  return given;
}

function textOf(
  value: JsonValue,
  { json, allowed }: Pick<Kind<unknown>, "json" | "allowed">,
  origin: string,
): string {
  const type = Array.isArray(value) ? "array" : typeof value;
  const fits = (json as readonly string[]).includes(type);
  const items = Array.isArray(value) ? value : [value];
  if (!fits || items.some((item) => typeof item === "object" && item !== null)) {
    throw new CommandError(`${origin} is ${JSON.stringify(value)}, not ${allowed}`, 2);
  }
  return items.map(String).join(",");
}

function parse(key: OptionKey, { text, origin, folder }: Given): unknown {
  const { kind } = OPTIONS[key];
  const value = kind.parse(text, folder);
  if (value === undefined) {
    throw new CommandError(`${origin} is ${JSON.stringify(text)}, not ${kind.allowed}`, 2);
  }
  return value;
}

/** What `chat`, `send` and `listen` take, and what `listen` gives the command that it runs: they may be set for all commands. */
const CLIENT_VARIABLES = [
  "PARTYLINE_SERVER",
  "PARTYLINE_TOKEN",
  "PARTYLINE_PASSWORD",
  "PARTYLINE_SEQ",
  "PARTYLINE_FROM",
  "PARTYLINE_TO",
  "PARTYLINE_BODY",
  "PARTYLINE_AT",
];

function refuseUnknownVariables(environment: Environment): void {
  const known = new Set([
    ...[...OPTION_KEYS, CONFIG_FLAG].map((key) => optionVariable(key)),
    ...CLIENT_VARIABLES,
  ]);
  for (const name of Object.keys(environment)) {
    if (name.startsWith("PARTYLINE_") && !known.has(name)) {
      throw unknown(`variable ${name}`, name.slice("PARTYLINE_".length), optionVariable);
    }
  }
}

/** People write the right words in the wrong form: max_line_bytes, maxLineBytes. */
function unknown(what: string, name: string, format: (key: string) => string): CommandError {
  const meant = OPTION_KEYS.find((key) => bare(key) === bare(name));
  const hint =
    meant === undefined
      ? '"partyline serve --help" lists what there is'
      : `did you mean ${format(meant)}?`;
  return new CommandError(`unknown ${what}: ${hint}`, 2);
}

function bare(name: string): string {
  return name.replace(/[^A-Za-z]/g, "").toLowerCase();
}
