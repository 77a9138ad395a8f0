// The tables of docs/protocol.md that are tests: what each cell says happens.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

export interface Cell {
  readonly request: string;
  /** The column: who asks. */
  readonly role: string;
  /** `yes`, the code of a refusal, or `nothing`. */
  readonly expected: string;
}

/** The cells of the first table after some words, row by row. */
export function cellsAfter(words: string): Cell[] {
  const text = readFileSync(resolve(import.meta.dirname, "../../docs/protocol.md"), "utf8");
  const [, rest = ""] = text.split(words);
  const lines =
    rest
      .slice(rest.indexOf("\n|") + 1)
      .split("\n\n", 1)[0]
      ?.split("\n") ?? [];
  const [[, ...roles] = [], , ...rows] = lines.map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  assert.ok(rows.length > 0, `a table after "${words}"`);
  return rows.flatMap(([request = "", ...cells]) =>
    roles.map((role, i) => ({ request, role, expected: cells[i] ?? "" })),
  );
}
