// Clients that would cost memory: lines without an end, answers that nobody reads, messages that
// nobody reads. Each test has a server of its own, since what one has grown to hides the next.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect } from "node:net";
import { test, type TestContext } from "node:test";
import type { LineClient } from "./harness/line-client.ts";
import { play } from "./harness/play.ts";
import { TestServer } from "./harness/server.ts";
import { clientPing, ServerFrames, upgrade } from "./harness/websocket-bytes.ts";

const MIB = 2 ** 20;

/** A line of this length; PARTYLINE_LONG=1 for one of 1 GiB. */
const LONG = process.env["PARTYLINE_LONG"] === undefined ? 64 * MIB : 1024 * MIB;

const onLinux = { skip: process.platform !== "linux" && "the system does not tell" };
const args = ["--durability", "process"];

/** So many turns has the server had for whatever it was given before. */
async function turns(t: TestContext, server: TestServer, count: number): Promise<void> {
  const other = await server.login(t, "bystander");
  for (let turn = 0; turn < count; turn += 1) {
    other.say("bystander: hi");
    await other.expect("from bystander: hi");
  }
}

function measure(server: TestServer): number {
  server.forgetPeak();
  return server.residentBytes;
}

/** At no time since it was measured before was it larger by more than so many MiB. */
function grewLittle(t: TestContext, server: TestServer, before: number, most: number): void {
  const grown = (server.peakBytes - before) / MIB;
  t.diagnostic(`grew by ${grown.toFixed(1)} MiB`);
  assert.ok(grown <= most, `${grown.toFixed(1)} MiB`);
}

/** Sends as fast as it goes, and reads what comes. */
async function pour(client: LineClient, chunk: Uint8Array, bytes: number): Promise<void> {
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    if (!client.socket.write(chunk)) await once(client.socket, "drain");
  }
}

test(`a line of ${LONG / MIB} MiB costs no memory, and is told once`, onLinux, async (t) => {
  const server = await TestServer.start(t, { args });
  const longy = await server.login(t, "longy");
  // What a little of it costs is there before we look.
  await pour(longy, Buffer.alloc(MIB, "x"), 8 * MIB);
  longy.say("");
  await longy.take(1);
  const before = measure(server);
  await pour(longy, Buffer.alloc(MIB, "x"), LONG);
  longy.say("", "longy: still here");
  const lines = await longy.take(2);
  assert.match(lines[0] ?? "", /^! line-too-long /);
  assert.equal(lines[1], "from longy: still here");
  grewLittle(t, server, before, 32);
});

test("a long line without a name costs no memory either", onLinux, async (t) => {
  const server = await TestServer.start(t, { args });
  const before = measure(server);
  const client = server.connect(t);
  await pour(client, Buffer.alloc(MIB, "x"), LONG);
  client.say("");
  await client.end();
  assert.equal(client.lines.length, 1);
  assert.match(client.lines[0] ?? "", /^! line-too-long /);
  grewLittle(t, server, before, 48);
});

test(
  "a client that never reads costs little, and gets everything when it reads",
  onLinux,
  async (t) => {
    const server = await TestServer.start(t, { args });
    const deaf = await server.login(t, "deaf");
    deaf.socket.pause();
    const talker = await server.login(t, "talker");
    const body = "x".repeat(60_000);
    const lines = (from: number): Buffer =>
      Buffer.from(Array.from({ length: 100 }, (_, i) => `deaf: ${from + i} ${body}\n`).join(""));
    // What sending costs at all is there before we look.
    await pour(talker, lines(0), 1);
    talker.say("talker: sent");
    await talker.expect("from talker: sent");
    const before = measure(server);
    for (let from = 100; from < 3000; from += 100) await pour(talker, lines(from), 1);
    talker.say("talker: all sent");
    await talker.expect("from talker: all sent");
    grewLittle(t, server, before, 64);
    deaf.socket.resume();
    const heard = await deaf.take(3000);
    assert.ok(heard.every((line, i) => line === `from talker: ${i} ${body}`));
  },
);

test("a client that asks and never reads the answers is not read on", onLinux, async (t) => {
  const server = await TestServer.start(t, { args });
  const greedy = await server.login(t, "greedy");
  greedy.socket.pause();
  const before = measure(server);
  // 60 MB of answers, if they were all made.
  greedy.write("/help\n".repeat(200_000));
  await turns(t, server, 100);
  grewLittle(t, server, before, 30);
  greedy.reset();
});

test("a history that is asked for and not read costs little", onLinux, async (t) => {
  // It was put together as a whole, a thousand messages of any length.
  const server = await TestServer.start(t, { args });
  const body = "x".repeat(60_000);
  await play(server.port, `hana\n${`isa: ${body}\n`.repeat(800)}`);
  assert.equal((await play(server.port, "isa\n")).length, 800 * `from hana: ${body}\n`.length);
  const before = measure(server);
  const hana = await server.login(t, "hana");
  hana.say("/history isa 1000");
  const lines = await hana.take(17);
  grewLittle(t, server, before, 48);
  assert.ok(lines.every((line) => line.endsWith(` hana: ${body}`)));
});

test("a WebSocket that pings and never reads costs little", onLinux, async (t) => {
  // Each ping had its pong waiting, also of those who never logged in: 1 GB in ten seconds.
  const server = await TestServer.start(t, { args });
  const socket = connect({ port: server.port, host: "127.0.0.1" });
  t.after(() => socket.destroy());
  await upgrade(socket, new ServerFrames());
  socket.pause();
  const pings = Buffer.concat(Array(8000).fill(clientPing("x".repeat(125))));
  const pour = async (count: number): Promise<void> => {
    for (; count > 0; count -= 1) if (!socket.write(pings)) await once(socket, "drain");
  };
  await pour(10);
  const before = measure(server);
  await pour(64);
  await turns(t, server, 10);
  grewLittle(t, server, before, 32);
});
