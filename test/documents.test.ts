// The documents name every option and every error code that there is, and none that there is not.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
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
