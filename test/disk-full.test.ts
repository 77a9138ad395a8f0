// A file system that fills up and is emptied again: nothing that was accepted is lost, senders are told
// to wait and not that they are refused, and service resumes by itself.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import { partyline } from "./harness/command.ts";
import { TestServer } from "./harness/server.ts";

const MIB = 2 ** 20;

/** Mounting needs root; CI has it. */
const asRoot = {
  skip:
    process.getuid?.() !== 0 &&
    process.env["CI"] === undefined &&
    "needs root, to mount a small disk",
};

/** A file system of its own for a test. */
function smallDisk(t: TestContext, bytes: number): string {
  const folder = mkdtempSync(join(tmpdir(), "partyline-disk-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", folder]);
  t.after(() => {
    execFileSync("umount", ["--lazy", folder]);
    rmSync(folder, { recursive: true });
  });
  return folder;
}

/** Leaves no more than so many bytes on the disk, whatever else is written meanwhile. */
function fill(disk: string, left: number): void {
  const piece = Buffer.alloc(64 * 1024);
  const room = (): number => {
    const { bavail, bsize } = statfsSync(disk);
    return bavail * bsize - left;
  };
  for (let bytes = room(); bytes > 0; bytes = room()) {
    appendFileSync(join(disk, "filler"), piece.subarray(0, bytes));
  }
}

const BODY = "x".repeat(4000);

test("a disk that fills up under load, and has room again", asRoot, async (t) => {
  const disk = smallDisk(t, 64 * MIB);
  const data = join(disk, "data");
  const server = await TestServer.start(t, { data });
  const reader = await server.login(t, "reader");
  const got: number[] = [];
  let wake: (() => void) | undefined;
  reader.onLine = (line) => {
    got.push(Number(/^from sender: (\d+) /.exec(line)?.[1] ?? Number.NaN));
    wake?.();
  };
  const sender = await server.login(t, "sender");
  let sent = 0;
  const send = (count: number): void => {
    for (let i = 0; i < count; i++) sender.say(`reader: ${++sent} ${BODY}`);
  };
  send(100);
  await sender.say("/history reader 1").take(1);
  fill(disk, 256 * 1024);
  send(5000);
  const [told] = await sender.take(1);
  assert.match(told ?? "", /^! log-unavailable /);
  const accepted = got.length;
  assert.ok(accepted < sent, `${accepted} of ${sent}`);
  // Who was not sending is served as far as can be: he reads what is there, and can log in.
  const other = await server.login(t, "other");
  assert.deepEqual((await other.say("/who").take(3)).toSorted(), [
    "* other",
    "* reader",
    "* sender",
  ]);

  rmSync(join(disk, "filler"));
  while (got.length < sent) await new Promise<void>((resolve) => (wake = resolve));
  assert.deepEqual(
    got,
    Array.from({ length: sent }, (_, i) => i + 1),
    "once and in order",
  );
  assert.deepEqual(sender.lines, [], "one line, and nothing was refused");
  assert.match(server.errors(), /the log cannot be written: .*"?/);
  assert.match(server.errors(), /"level":30,[^\n]*the log can be written again/);
  assert.doesNotMatch(server.errors(), /"stack"/, "a full disk is no mistake of ours");
  assert.equal(await server.end("SIGTERM"), 0);
});

test("killed on a full disk, all that was delivered is there", asRoot, async (t) => {
  const disk = smallDisk(t, 32 * MIB);
  const data = join(disk, "data");
  const server = await TestServer.start(t, { data });
  const sender = await server.login(t, "sender");
  const reader = await server.login(t, "reader");
  fill(disk, 128 * 1024);
  for (let i = 1; i <= 3000; i++) sender.say(`reader: ${i} ${BODY}`);
  await sender.until(() => sender.lines.length > 0, "log-unavailable");
  await server.end("SIGKILL");
  await reader.end();
  rmSync(join(disk, "filler"));
  const again = await TestServer.start(t, { data });
  assert.equal(await again.end("SIGTERM"), 0);
  const database = new DatabaseSync(join(data, "partyline.db"), { readOnly: true });
  const rows = database.prepare("SELECT body FROM messages ORDER BY seq").all();
  database.close();
  const kept = rows.map(({ body }) => `from sender: ${String(body)}`);
  assert.ok(kept.length < 3000, "not all of it had room");
  assert.deepEqual(reader.lines, kept.slice(0, reader.lines.length));
});

// While the index could not be written, whoever had messages waiting got none of them, and when the
// server was then stopped, each of those readers was logged as a mistake, with a stack.
test("on a full disk what can be read is read, and a stop is one line", asRoot, async (t) => {
  const disk = smallDisk(t, 64 * MIB);
  const data = join(disk, "data");
  const server = await TestServer.start(t, { data, args: ["--shutdown-time", "1s"] });
  const sender = await server.login(t, "sender");
  const early = Array.from({ length: 50 }, (_, i) => `${i + 1} ${BODY}`);
  sender.say(...early.map((body) => `late: ${body}`));
  assert.equal((await sender.say("/history late 1").take(1)).length, 1);
  fill(disk, 0);
  for (let i = 0; i < 3000; i++) sender.say(`late: more ${BODY}`);
  assert.match((await sender.take(1))[0] ?? "", /^! log-unavailable /);
  const late = server.connect(t).say("late");
  await late.expect(...early.map((body) => `from sender: ${body}`));
  const asking = (await server.login(t, "asking")).say("/history sender 1");
  assert.equal(await server.end("SIGTERM"), 1);
  await asking.until(() => asking.closed || asking.ended, "the end");
  assert.match(server.errors(), /\npartyline: stopped while the log could not be written/);
  assert.doesNotMatch(server.errors(), /"level":[56]0/, "no mistakes");
});

test(
  "a server that starts on a full disk says so in one line, and damages nothing",
  asRoot,
  async (t) => {
    const disk = smallDisk(t, 8 * MIB);
    const data = join(disk, "data");
    const first = await TestServer.start(t, { data });
    const sender = await first.login(t, "sender");
    await sender.say("reader: kept", "/history reader 1").take(1);
    assert.equal(await first.end("SIGTERM"), 0);
    fill(disk, 0);
    const refused = await partyline("serve", "--listen", "127.0.0.1:0", "--data", data);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /^partyline: [^\n]*(full|space)[^\n]*\n$/);
    rmSync(join(disk, "filler"));
    const again = await TestServer.start(t, { data });
    const reader = await again.login(t, "reader");
    await reader.expect("from sender: kept");
  },
);
