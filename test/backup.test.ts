// A backup that is taken while people talk, and a log that it is put back into: what the backup
// held is all there, in order, and seqs go on above everything that anybody has seen.

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { ServerStatus } from "../src/server/control-protocol.ts";
import { partyline } from "./harness/command.ts";
import { play } from "./harness/play.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

async function statusOf(server: TestServer): Promise<ServerStatus> {
  const { stdout } = await partyline("status", "--json", "--data", server.data);
  return JSON.parse(stdout) as ServerStatus;
}

test("a backup under load holds all that was said before it, and nothing out of order", async (t) => {
  const server = await TestServer.start(t, { args: ["--durability", "process"] });
  const file = join(temporaryFolder(t), "backup.db");
  const alice = await server.login(t, "alice");
  let said = 0;
  /** Says one, and knows it to be committed when it comes back. */
  const say = async (): Promise<void> => {
    alice.say(`alice, bob: ${said}`);
    await alice.expect(`from alice: ${said}`);
    said += 1;
  };
  for (let i = 0; i < 200; i += 1) await say();
  const backup = partyline("backup", file, "--data", server.data);
  const during = new AbortController();
  void backup.then(() => during.abort());
  while (!during.signal.aborted) await say();
  const { code, stdout, stderr } = await backup;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.match(stdout, /^wrote .*backup\.db \(.*\)\n$/);
  const before = await statusOf(server);
  assert.equal(await server.end("SIGTERM"), 0);

  assert.equal((await partyline("restore", file, "--data", server.data)).code, 0);
  const restored = await TestServer.start(t, { data: server.data });
  const after = await statusOf(restored);
  assert.notEqual(after.log.id, before.log.id, "a log of its own");
  assert.ok(after.log.head >= before.log.head, "no seq that anybody has seen is used again");
  const heard = (await play(restored.port, "bob\n")).toString().trimEnd().split("\n");
  assert.ok(heard.length >= 200 && heard.length <= said, `${heard.length} of ${said}`);
  assert.deepEqual(
    heard,
    heard.map((_, i) => `from alice: ${i}`),
  );
});

test("after a restore no seq is used again, also above what the backup had reserved", async (t) => {
  const server = await TestServer.start(t);
  const file = join(temporaryFolder(t), "backup.db");
  await play(server.port, "alice\nbob: in the backup\n");
  assert.equal((await partyline("backup", file, "--data", server.data)).code, 0);
  // Each crash leaves the rest of a reserved range unused: numbering goes on above the backup's.
  for (let crash = 0; crash < 2; crash += 1) {
    const running = crash === 0 ? server : await TestServer.start(t, { data: server.data });
    await play(running.port, "alice\nbob: after it\n");
    await running.end("SIGKILL");
  }
  const last = await TestServer.start(t, { data: server.data });
  await play(last.port, "alice\nbob: after it\n");
  const seen = (await statusOf(last)).log.head;
  assert.equal(await last.end("SIGTERM"), 0);
  assert.equal((await partyline("restore", file, "--data", server.data)).code, 0);
  const restored = await TestServer.start(t, { data: server.data });
  await play(restored.port, "alice\nbob: after the restore\n");
  const rows = new DatabaseSync(join(server.data, "partyline.db"), { readOnly: true });
  const { seq } = rows
    .prepare("SELECT seq FROM messages WHERE body = 'after the restore'")
    .get() as { seq: number };
  rows.close();
  assert.ok(seq > seen, `${seq} after ${seen}`);
});

test("status says what it is about, to people", async (t) => {
  const server = await TestServer.start(t);
  await server.login(t, "alice");
  const { code, stdout } = await partyline("status", "--data", server.data);
  assert.equal(code, 0);
  assert.ok(stdout.includes("alice"), stdout);
  assert.ok(stdout.includes(`127.0.0.1:${server.port}`), stdout);
});

test("a restore into an empty folder needs no server to have been there", async (t) => {
  const server = await TestServer.start(t);
  const file = join(temporaryFolder(t), "backup.db");
  await play(server.port, "alice\nbob: kept\n");
  assert.equal((await partyline("backup", file, "--data", server.data)).code, 0);
  const data = join(temporaryFolder(t), "new");
  assert.equal((await partyline("restore", file, "--data", data)).code, 0);
  const elsewhere = await TestServer.start(t, { data });
  assert.equal((await play(elsewhere.port, "bob\n")).toString(), "from alice: kept\n");
});
