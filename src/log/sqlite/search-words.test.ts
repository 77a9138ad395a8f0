// Words as the search index has them, tried with FTS5 itself.

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { toIndexed, toMatch } from "./search-words.ts";

function finds(text: string, words: string): boolean {
  const database = new DatabaseSync(":memory:");
  database.exec(
    `CREATE VIRTUAL TABLE w USING fts5(text, tokenize = "unicode61 remove_diacritics 2")`,
  );
  database.prepare("INSERT INTO w VALUES (?)").run(toIndexed(text));
  const match = toMatch(words);
  const found =
    match === undefined
      ? undefined
      : database.prepare("SELECT 1 FROM w WHERE w MATCH ?").get(match);
  database.close();
  return found !== undefined;
}

for (const [text, words, isFound] of [
  ["deploying build 7 tonight", "build deploying", true],
  ["deploying build 7 tonight", "deplo", true],
  ["deploying build 7 tonight", "deplo build", false],
  ["Crème brûlée", "creme BRULEE", true],
  ["今天天气很好，我们去公园", "天气", true],
  ["今天天气很好，我们去公园", "公园", true],
  ["今天天气很好，我们去公园", "天气很好", true],
  ["今天天气很好，我们去公园", "好我", false],
  ["今天天气很好，我们去公园", "园", true],
  ["今天天气很好", "很", true],
  ["把 build 7 部署到生产环境", "部署 build", true],
  ["東京タワーに行きました", "タワー", true],
  ["วันนี้อากาศดี", "อากาศ", true],
  ['it\'s "quoted" AND NOT (odd)', '"quoted" AND (', true],
  ["anything", "* OR NEAR(", false],
  ["anything", "?!", false],
] as const) {
  test(`"${words}" is ${isFound ? "" : "not "}found in "${text}"`, () => {
    assert.equal(finds(text, words), isFound);
  });
}
