import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Appender, send } from "../conformance/appender.ts";
import { seqFloor } from "./seq-floor.ts";
import { openSqliteLog } from "./sqlite-log.ts";

const SECOND = 1000;
const CENTURY = 100 * 366 * 24 * 3600 * SECOND;

test("the floor rises by 2^21 a second, and leaves half of all seqs", () => {
  const now = Date.UTC(2026, 10, 26);
  assert.equal((seqFloor(now + SECOND) ?? 0) - (seqFloor(now) ?? 0), 2 ** 21);
  assert.ok((seqFloor(Date.UTC(2090, 0, 1)) ?? Infinity) < 2 ** 52);
});

test("a clock that cannot be right has none", () => {
  for (const now of [0, Date.UTC(2025, 11, 31), Date.UTC(2026, 0, 1) + CENTURY, 8.64e15]) {
    assert.equal(seqFloor(now), undefined);
  }
});

test("a log that is opened by such a clock says so, and goes on where it was", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "partyline-log-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const told: unknown[] = [];
  const open = () =>
    openSqliteLog({ folder, durability: "process", report: (_, what) => told.push(what) });
  const first = open();
  await new Appender(first).append({ sends: [send("alice", ["bob"], "hi")] });
  await first.close();
  assert.deepEqual(told, []);
  for (const now of [0, Date.UTC(2500, 0, 1)]) {
    t.mock.timers.enable({ apis: ["Date"], now });
    const log = open();
    assert.equal(log.head, 1);
    await log.close();
    t.mock.timers.reset();
    const year = new Date(now).getUTCFullYear();
    assert.match(String(told.pop()), new RegExp(`the system's clock says ${year}-`));
  }
});
