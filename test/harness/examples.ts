// Examples in documents and docstrings: found, run as the body of a function, and held to what they say that they
// print, `console.log(…); // → what`, with anything in place of `…`.

import assert from "node:assert/strict";
import { stripTypeScriptTypes } from "node:module";
import { inspect } from "node:util";
import { type Node, parse } from "./public-names.ts";

/** How long an example may take to print what it says, in ms. */
const PATIENCE = 20_000;

const SITE = /console\.log\((.*)\)(\)*);? \/\/ → (.*)$/gm;

/** The examples of a text: of a docstring without its stars. */
export function examplesOf(text: string): string[] {
  return Array.from(text.matchAll(/```ts\n([^]*?)```/g), ([, code]) => code as string);
}

export function examplesInDocstrings(source: string): string[] {
  return examplesOf(source.replace(/^ *\* ?/gm, ""));
}

/** What it says that it prints, each at its place. */
export function outcomesOf(code: string): string[] {
  return Array.from(code.matchAll(SITE), ([, , , outcome]) => outcome as string);
}

/** Without its imports and types. */
export function bodyOf(code: string): string {
  const imports = (parse(code)["body"] as Node[]).filter(
    ({ type }) => type === "ImportDeclaration",
  );
  const rest = imports
    .toReversed()
    .reduce((text, { start, end }) => text.slice(0, start) + text.slice(end), code);
  return stripTypeScriptTypes(rest);
}

type Names = Readonly<Record<string, unknown>>;

const AsyncFunction = (async () => {}).constructor as new (
  ...parameters: string[]
) => (...values: unknown[]) => Promise<void>;

/**
 * Runs an example, and waits until it has printed at each place what it says there.
 * @param change what is made of it before it runs
 * @param names what it finds there
 */
export async function runExample(
  code: string,
  change: (body: string) => string,
  names: Names,
): Promise<void> {
  const outcomes = outcomesOf(code);
  const missing = new Set(outcomes.keys());
  const printed = Promise.withResolvers<void>();
  if (missing.size === 0) printed.resolve();
  const print = (site: number, ...values: readonly unknown[]): void => {
    try {
      assert.match(textOf(values), patternOf(outcomes[site] ?? ""));
      missing.delete(site);
      if (missing.size === 0) printed.resolve();
    } catch (error) {
      printed.reject(error);
    }
  };
  // A loop over what comes has no end: as much of it as it takes is enough.
  async function* taken<T>(all: AsyncIterable<T>): AsyncGenerator<T> {
    for await (const one of all) {
      yield one;
      if (missing.size === 0) return;
    }
  }
  let sites = 0;
  const printing = code.replace(SITE, (_, values: string, closing: string) => {
    sites += 1;
    return `print(${sites - 1}, ${values})${closing};`;
  });
  const loops = /for await \((const \w+) of (.*)\)( \{)?$/gm;
  const ending = printing.replace(loops, "for await ($1 of taken($2))$3");
  const silent = { log: () => {} };
  const all: Names = { ...names, print, taken, console: silent };
  const example = new AsyncFunction(...Object.keys(all), change(bodyOf(ending)));
  const late = AbortSignal.timeout(PATIENCE);
  late.addEventListener("abort", () => {
    const left = [...missing].map((site) => outcomes[site]).join(" | ");
    printed.reject(new Error(`it has not printed ${left}`));
  });
  await Promise.all([example(...Object.values(all)), printed.promise]);
}

/** As `console.log` has it, in one line. */
function textOf(values: readonly unknown[]): string {
  return values
    .map((value) =>
      typeof value === "string" ? value : inspect(value, { breakLength: Infinity, compact: true }),
    )
    .join(" ");
}

function patternOf(outcome: string): RegExp {
  const parts = outcome.split("…").map((part) => RegExp.escape(part.trim()));
  return new RegExp(`^${parts.join("[^]*")}$`);
}
