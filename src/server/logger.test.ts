// What an operator reads: a line for what the world did, a stack for what we did.

import assert from "node:assert/strict";
import { openSync } from "node:fs";
import { test } from "node:test";
import { pino } from "pino";
import { createReport } from "./logger.ts";

interface Line {
  readonly level: number;
  readonly stage: string;
  readonly msg: string;
  readonly code?: string;
  readonly err?: { readonly stack: string };
}

function reported(...what: Parameters<ReturnType<typeof createReport>>): Line {
  const lines: string[] = [];
  createReport(pino({ base: null }, { write: (line) => void lines.push(line) }))(...what);
  assert.equal(lines.length, 1, "one line");
  return JSON.parse(lines[0] as string) as Line;
}

const { info, warn, error } = pino.levels.values;

test("what the world does is a warning", () => {
  const { level, stage, msg, err } = reported("log", "the disk is full");
  assert.deepEqual(
    { level, stage, msg, err },
    { level: warn, stage: "log", msg: "the disk is full", err: undefined },
  );
});

test("that it is over is news, and no warning", () => {
  const { level, msg } = reported("log", "there is room again", "over");
  assert.deepEqual({ level, msg }, { level: info, msg: "there is room again" });
});

test("an error of the system has its code and no stack", () => {
  const failed = thrownBy(() => openSync("/does/not/exist", "r"));
  const { level, code, err } = reported("tcp-table", failed);
  assert.deepEqual({ level, code, err }, { level: error, code: "ENOENT", err: undefined });
});

test("a mistake has its stack", () => {
  const { level, msg, err } = reported("login", new TypeError("x is not a function"));
  assert.deepEqual({ level, msg }, { level: error, msg: "x is not a function" });
  assert.match(err?.stack ?? "", /logger\.test\.ts/);
});

function thrownBy(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  return assert.fail("it threw nothing");
}
