// The documents name every option and every error code that there is, and nothing that there is not.

import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { test } from "node:test";
import { ERROR_CODES } from "../src/protocol/errors.ts";
import { OPTION_KEYS, optionName } from "../src/server/options.ts";

function document(name: string): string {
  return readFileSync(resolve(import.meta.dirname, "../docs", name), "utf8");
}

/** What stands in backticks at the beginning of a table's rows. */
function firstColumn(text: string): string[] {
  return Array.from(text.matchAll(/^\| *`([^`]+)`[^|]*\|/gm), ([, cell]) => cell as string);
}

/** What stands in backticks in the last column of a table's rows. */
function lastColumn(text: string): string[] {
  const cells = Array.from(
    text.matchAll(/^\| \d+ \|.*\|([^|]*)\|$/gm),
    ([, cell]) => cell as string,
  );
  return cells.flatMap((cell) =>
    Array.from(cell.matchAll(/`([^`]+)`/g), ([, name]) => name as string),
  );
}

const operating = document("operating.md");
const protocol = document("protocol.md");

test("docs/operating.md has a row for every option", () => {
  const cells = firstColumn(operating);
  const rows = new Set(cells.map((cell) => cell.replace(/^--/, "").split(" ")[0]));
  for (const name of OPTION_KEYS.map(optionName)) assert.ok(rows.has(name), name);
});

test("docs/operating.md names no option that there is not", () => {
  const known = new Set([...OPTION_KEYS.map(optionName), "config", "help", "version", "json"]);
  for (const [, name] of operating.matchAll(/^\| *`--([a-z-]+)/gm)) {
    assert.ok(known.has(name as string), name);
  }
});

test("docs/protocol.md has a row for every error code", () => {
  const rows = new Set(firstColumn(protocol));
  for (const code of Object.keys(ERROR_CODES)) assert.ok(rows.has(code), code);
});

test("docs/architecture.md names tests that there are, for each of the ten invariants", () => {
  const architecture = document("architecture.md");
  const rows = Array.from(architecture.matchAll(/^\| (\d+) \|/gm), ([, row]) => Number(row));
  assert.deepEqual(rows, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  for (const name of lastColumn(architecture)) {
    const files = name.endsWith(".ts") ? `src/**/${name}` : `test/${name}.test.ts`;
    assert.notDeepEqual(globSync(files, { cwd: resolve(import.meta.dirname, "..") }), [], name);
  }
});

test("links between documents lead to files", () => {
  const root = resolve(import.meta.dirname, "..");
  for (const file of globSync(["*.md", "docs/*.md"], { cwd: root })) {
    const text = readFileSync(resolve(root, file), "utf8");
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      assert.ok(existsSync(resolve(root, dirname(file), link as string)), `${file}: ${link}`);
    }
  }
});
