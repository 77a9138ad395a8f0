// A restore that is interrupted. The replaced log was renamed first and the new one after it: a power
// cut between the two left no log at all, and the next start would have begun an empty one.

import assert from "node:assert/strict";
import fs, { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { Appender, login, send } from "../conformance/appender.ts";
import { databasePath } from "./database.ts";
import { restoreBackup } from "./restore.ts";
import { openSqliteLog } from "./sqlite-log.ts";

/** A log with one message, a backup of it, and then another message. */
async function loggedAndBackedUp(t: TestContext): Promise<{ folder: string; backup: string }> {
  const folder = mkdtempSync(join(tmpdir(), "partyline-restore-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const backup = join(folder, "backup");
  const log = openSqliteLog({ folder, durability: "process", report: assert.fail });
  const appender = new Appender(log);
  await appender.append({ logins: login("a", "b"), sends: [send("a", ["b"], "one")] });
  await log.backup(backup, () => {});
  await appender.append({ sends: [send("a", ["b"], "two")] });
  await log.close();
  return { folder, backup };
}

async function bodies(folder: string): Promise<string[]> {
  const log = openSqliteLog({ folder, durability: "process", report: assert.fail });
  const page = await log.waiting("b", 0, log.head, 1000, false);
  await log.close();
  return page.deliveries.map((run) => ("kind" in run ? run.kind : run.bodies));
}

test("it is the new log or the former one, and nothing between", async (t) => {
  const { folder, backup } = await loggedAndBackedUp(t);
  const { renameSync } = fs;
  // The power is cut instead of the last step.
  t.mock.method(fs, "renameSync", (from: string, to: string) => {
    if (to === databasePath(folder)) throw new Error("the power is cut");
    renameSync(from, to);
  });
  syncBuiltinESMExports();
  try {
    assert.throws(() => restoreBackup(backup, folder, 0), /the power is cut/);
  } finally {
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
  assert.deepEqual(await bodies(folder), ["one", "two"]);
  restoreBackup(backup, folder, 1);
  assert.deepEqual(await bodies(folder), ["one"]);
});

test("the replaced log is kept, whole", async (t) => {
  const { folder, backup } = await loggedAndBackedUp(t);
  const former = readFileSync(databasePath(folder));
  const replaced = restoreBackup(backup, folder, 0) ?? assert.fail("there was one");
  assert.ok(readFileSync(replaced).equals(former));
  assert.deepEqual(
    readdirSync(folder)
      .toSorted()
      .filter((file) => /incoming|-wal$/.test(file)),
    [],
  );
  assert.ok(existsSync(databasePath(folder)));
});
