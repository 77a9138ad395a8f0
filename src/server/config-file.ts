// The configuration file: one JSON object whose keys are the names of options.

import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { CommandError } from "./command-error.ts";

export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  readonly values: Readonly<Record<string, JsonValue>>;
}

/** @throws CommandError with exit code 2 */
export function readConfigFile(file: string, folder: string): ConfigFile {
  const path = resolve(folder, file);
  let values: JsonValue;
  try {
    values = JSON.parse(readFileSync(path, "utf8").replace(/^\uFEFF/, "")) as JsonValue;
  } catch (error) {
    const why = error instanceof SyntaxError ? "is not JSON" : "cannot be read";
    throw new CommandError(
      `the configuration file ${file} ${why}: ${(error as Error).message}`,
      2,
      {
        cause: error,
      },
    );
  }
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    throw new CommandError(`the configuration file ${file} is not a JSON object`, 2);
  }
  return { path, values: values as Readonly<Record<string, JsonValue>> };
}
