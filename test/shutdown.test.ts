// SIGTERM under full load: the server ends in order, and what anybody saw is in the log.

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { LineClient } from "./harness/line-client.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

const PAIRS = 10;

/** Lines that a sender has under way at least, in one write. */
const TOGETHER = 500;

/** Sends numbers to a name for as long as it may, and keeps those that came to it. */
function pipeline(sender: LineClient, to: string): void {
  let sent = 0;
  const more = (): void => {
    if (sender.ended || sender.closed) return;
    sender.say(...Array.from({ length: TOGETHER }, () => `${to}: ${++sent}`));
    if (!sender.socket.writableNeedDrain) setImmediate(more);
  };
  sender.socket.on("drain", more);
  more();
}

function collect(reader: LineClient): number[] {
  const got: number[] = [];
  reader.onLine = (line) => got.push(Number(line.slice(line.lastIndexOf(" ") + 1)));
  return got;
}

test("SIGTERM under full load ends with 0, and what was read is in the log, in order", async (t) => {
  const data = temporaryFolder(t);
  const server = await TestServer.start(t, { data });
  const got = new Map<string, number[]>();
  const clients: LineClient[] = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const reader = server.connect(t).say(`reader${pair}`);
    got.set(`reader${pair}`, collect(reader));
    const sender = server.connect(t).say(`sender${pair}`);
    pipeline(sender, `reader${pair}`);
    clients.push(reader, sender);
  }
  const watcher = await server.login(t, "watcher");
  while ([...got.values()].some((numbers) => numbers.length < 1000)) await watcher.barrier();
  assert.equal(await server.end("SIGTERM"), 0);
  await Promise.all(clients.map((client) => client.end()));

  const database = new DatabaseSync(join(data, "partyline.db"), { readOnly: true });
  const bodies = database.prepare('SELECT body FROM messages WHERE "to" = ? ORDER BY seq');
  for (const [reader, numbers] of got) {
    const kept = bodies.all(reader).map(({ body }) => Number(body));
    assert.deepEqual(
      kept,
      Array.from(kept, (_, i) => i + 1),
      `${reader}: no gap in the log`,
    );
    assert.deepEqual(numbers, kept.slice(0, numbers.length), `${reader}: what it read`);
  }
  database.close();

  const again = await TestServer.start(t, { data });
  for (const [reader, numbers] of got) {
    const rest = again.connect(t);
    const more = collect(rest);
    await rest.say(reader).finish().end();
    assert.equal(more[0] ?? numbers.length + 1, numbers.length + 1, "goes on where it ended");
  }
});

test("who never reads is cut after the shutdown time, and loses nothing", async (t) => {
  const data = temporaryFolder(t);
  const server = await TestServer.start(t, { data, args: ["--shutdown-time", "1s"] });
  const deaf = await server.login(t, "deaf");
  deaf.socket.pause();
  const sender = await server.login(t, "sender");
  const body = "x".repeat(10_000);
  for (let i = 0; i < 2000; i++) sender.say(`deaf: ${body}`);
  await sender.barrier();
  const began = performance.now();
  assert.equal(await server.end("SIGTERM"), 0);
  const took = performance.now() - began;
  assert.ok(took > 900 && took < 5000, `${took} ms`);
  const again = await TestServer.start(t, { data });
  const back = again.connect(t);
  let count = 0;
  back.onLine = () => (count += 1);
  await back.say("deaf").finish().end();
  assert.equal(count, 2000);
});
