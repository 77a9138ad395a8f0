// The committer, when the disk fails it.

import assert from "node:assert/strict";
import fs, { mkdtempSync, rmSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import type { AccountChange } from "../accounts.ts";
import { batch, login, send } from "../conformance/appender.ts";
import type { Batch } from "../batch.ts";
import { parseName } from "../../protocol/name.ts";
import { parseRoom } from "../../protocol/room.ts";
import { createCommitter } from "./committer.ts";
import { databasePath } from "./database.ts";
import { openSqliteLog } from "./sqlite-log.ts";

async function emptyFolder(t: TestContext): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "partyline-log-"));
  t.after(() => rmSync(folder, { recursive: true }));
  await openSqliteLog({ folder, durability: "process", report: assert.fail }).close();
  return folder;
}

/** The next sync that there is fails, after SQLite has committed. */
function failOnce(t: TestContext): void {
  const failing = t.mock.method(fs, "fdatasyncSync", () => {
    failing.mock.restore();
    syncBuiltinESMExports();
    throw Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
  });
  syncBuiltinESMExports();
}

const alice = parseName("alice");

for (const [what, change] of [
  ["an account", { kind: "make", name: alice, password: "x", mayTakeOver: false, at: 1 }],
  ["a token", { kind: "token", name: alice, label: "ci", hash: "h", isSession: false, at: 1 }],
  ["a session", { kind: "token", name: alice, label: "", hash: "h", isSession: true, at: 1 }],
  ["a revoked token", { kind: "revoke", name: alice, label: "old" }],
  ["a removed account", { kind: "remove", name: alice, at: 1 }],
] as const satisfies readonly (readonly [string, AccountChange])[]) {
  test(`${what} is made once although the sync after its commit failed`, async (t) => {
    // It was in the file, was not known to be, and was applied again: a session's hash was there already, each
    // second anew, and an account that had just been made was refused as one that exists.
    const committer = createCommitter({ folder: await emptyFolder(t), durability: "disk" });
    t.after(() => committer.close());
    if (change.kind !== "make") {
      committer.apply(
        batch({
          accounts: [
            { kind: "make", name: alice, password: "x", mayTakeOver: false, at: 1 },
            { kind: "token", name: alice, label: "old", hash: "old", isSession: false, at: 1 },
          ],
        }),
      );
    }
    failOnce(t);
    assert.throws(() => committer.apply(batch({ accounts: [change] })), /EIO/);
    assert.deepEqual(committer.apply(batch({ accounts: [change] })).accounts, [undefined]);
  });
}

for (const [what, counted, parts] of [
  ["what was said", "SELECT count(*) - 1 FROM blocks", { sends: [send("alice", ["bob"], "hi")] }],
  [
    "a refusal that used a number up",
    "SELECT sent FROM outboxes",
    {
      sends: [
        {
          ...send("alice", ["bob"], "hi"),
          outbox: { id: "one", number: 1 },
          refusal: { code: "bad-body", text: "no" },
        },
      ],
    },
  ],
  [
    "a join",
    "SELECT count(*) FROM room_events",
    {
      requests: [{ action: "join", by: alice, room: parseRoom("#ops"), at: 1, before: 0 }],
    },
  ],
] as const satisfies readonly (readonly [string, string, Partial<Batch>])[]) {
  test(`${what} is in the log once although the sync after its commit failed`, async (t) => {
    const folder = await emptyFolder(t);
    const committer = createCommitter({ folder, durability: "disk" });
    t.after(() => committer.close());
    // The first one reserves seqs, which is a sync of its own.
    committer.apply(batch({ sends: [send("carol", ["carol"], "before")] }));
    const one = batch({ logins: login("alice", "bob"), ...parts });
    failOnce(t);
    assert.throws(() => committer.apply(one), /EIO/);
    const { refused, rooms } = committer.apply(one);
    assert.ok(
      rooms.every(({ event }) => event !== undefined),
      "it is told as it happened",
    );
    assert.ok(refused.every(({ code }) => code === "bad-body"));
    const database = new DatabaseSync(databasePath(folder), { readOnly: true });
    const { n } = database.prepare(`SELECT (${counted}) AS n`).get() as { n: number };
    database.close();
    assert.equal(n, 1);
  });
}
