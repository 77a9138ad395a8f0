// The SQLite log passes the suite for all logs, and what only it promises.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { it } from "node:test";
import { inPlace, type LogPlace, login, send } from "../conformance/appender.ts";
import { logConformance } from "../conformance/conformance.ts";
import { databasePath } from "./database.ts";
import { openSqliteLog } from "./sqlite-log.ts";

interface SqlitePlace extends LogPlace {
  readonly folder: string;
  open(): ReturnType<typeof openSqliteLog>;
}

function temporaryPlace(): SqlitePlace {
  const folder = mkdtempSync(join(tmpdir(), "partyline-log-"));
  return {
    folder,
    open: () =>
      openSqliteLog({
        folder,
        durability: "process",
        report: (stage, what) => assert.fail(`${stage}: ${String(what)}`),
      }),
    copy() {
      const [path, wal] = [databasePath(folder), `${databasePath(folder)}-wal`];
      const copies = [path, wal]
        .filter((file) => existsSync(file))
        .map((file) => ({ file, copy: readFileSync(file) }));
      return () => {
        for (const file of [wal, `${path}-shm`]) rmSync(file, { force: true });
        for (const { file, copy } of copies) writeFileSync(file, copy);
      };
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}

logConformance("SQLite", temporaryPlace);

it("the view shows every message to people, one a row", async () => {
  const place = temporaryPlace();
  await inPlace(place, async (open) => {
    const appender = await open();
    const bodies = ['"quoted" \\ and\ttab', "two\nlines", "消息", ""];
    await appender.append({
      logins: login("alice", "bob"),
      sends: [send("alice", ["bob"], ...bodies), send("bob", ["alice"], "back")],
    });
    const database = new DatabaseSync(databasePath(place.folder), { readOnly: true });
    const rows = database
      .prepare('SELECT seq, "from", "to", body FROM messages ORDER BY seq')
      .all();
    database.close();
    assert.deepEqual(
      rows.map(({ seq, from, to, body }) => ({ seq, from, to, body })),
      [...bodies, "back"].map((body, i) => ({
        seq: i + 1,
        from: i < bodies.length ? "alice" : "bob",
        to: i < bodies.length ? "bob" : "alice",
        body,
      })),
    );
  });
});
