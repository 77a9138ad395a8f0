import assert from "node:assert/strict";
import { test } from "node:test";
import {
  count,
  duration,
  FOLDER,
  formatDuration,
  formatSize,
  size,
  SWITCH,
} from "./option-kinds.ts";

test("a size is a number of bytes, or one with a unit", () => {
  const kind = size(0, 2 ** 40);
  assert.equal(kind.parse("65536", "/"), 65_536);
  assert.equal(kind.parse("64KiB", "/"), 65_536);
  assert.equal(kind.parse("4 GiB", "/"), 4 * 2 ** 30);
});

test("a size of an unknown unit, below zero or out of range is refused", () => {
  const kind = size(10, 100);
  for (const text of ["9", "101", "1KB", "-20", "2e1", "1.5KiB", "", "KiB", "1constructor"]) {
    assert.equal(kind.parse(text, "/"), undefined, text);
  }
});

test("a time has a unit, unless it is 0", () => {
  const kind = duration(0, 86_400_000);
  assert.equal(kind.parse("90s", "/"), 90_000);
  assert.equal(kind.parse("250ms", "/"), 250);
  assert.equal(kind.parse("24h", "/"), 86_400_000);
  assert.equal(kind.parse("0", "/"), 0);
  assert.equal(kind.parse("30", "/"), undefined);
});

test("sizes and times are shown in their largest whole unit", () => {
  assert.equal(formatSize(65_536), "64KiB");
  assert.equal(formatSize(1000), "1000");
  assert.equal(formatDuration(90_000), "90s");
  assert.equal(formatDuration(1500), "1500ms");
  assert.equal(formatDuration(0), "0");
});

test("a count is a whole number in its range", () => {
  const kind = count(1, 10);
  assert.equal(kind.parse("10", "/"), 10);
  for (const text of ["0", "11", "1.5", "0x5", "", " 5", "1e0"]) {
    assert.equal(kind.parse(text, "/"), undefined, text);
  }
});

test("a switch is true or false", () => {
  assert.equal(SWITCH.parse("true", "/"), true);
  assert.equal(SWITCH.parse("false", "/"), false);
  assert.equal(SWITCH.parse("yes", "/"), undefined);
});

test("a relative folder starts from where it was written", () => {
  assert.equal(FOLDER.parse("./data", "/etc/partyline"), "/etc/partyline/data");
  assert.equal(FOLDER.parse("/data", "/etc/partyline"), "/data");
  assert.equal(FOLDER.parse("", "/etc/partyline"), undefined);
});
