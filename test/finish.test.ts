// FIN is a request to finish: every line counts, what waits is delivered, then the server closes.
// A half-close and a full close look the same; only the first one reads what was waiting.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, test } from "node:test";
import { play } from "./harness/play.ts";
import { TestServer } from "./harness/server.ts";

const server = await TestServer.start({ after }, { args: ["--durability", "process"] });

const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Logs in, takes what waits, and leaves. */
async function waitingFor(name: string): Promise<string[]> {
  const lines = (await play(server.port, `${name}\n`)).toString().split("\n");
  assert.equal(lines.pop(), "");
  return lines;
}

/** Says it and goes without reading: the system sends a FIN, and answers what comes with a reset. */
async function sayAndClose(text: string): Promise<void> {
  const socket = connect(server.port, "127.0.0.1");
  socket.on("error", () => {});
  const closed = once(socket, "close");
  await new Promise((resolve) => socket.write(text, resolve));
  socket.destroy();
  await closed;
}

test("every line before the end is handled, the last one also without its own", async () => {
  const lines = numbers(10_000).map((i) => `bob: ${i}`);
  await play(server.port, `alice\n${lines.join("\n")}`);
  assert.deepEqual(
    await waitingFor("bob"),
    numbers(10_000).map((i) => `from alice: ${i}`),
  );
});

test("a refusal of the last line is told before the end", async () => {
  const said = (await play(server.port, "alice\n#ops: hi")).toString();
  assert.equal(said, "! no-such-room there is no room #ops that you may see\n");
});

test("an answer to the last line is given before the end", async () => {
  await play(server.port, "carla\ndirk: hi\n");
  const said = (await play(server.port, "dirk\n/history carla")).toString();
  assert.match(said, /^\* \S+ carla: hi$/m);
});

test("what one says to oneself in the last line comes back before the end", async () => {
  assert.equal((await play(server.port, "erin\nerin: hi")).toString(), "from erin: hi\n");
});

test("a name without its end is a login, and what waited is delivered", async () => {
  // The login had only begun when the connection was taken for one that had nothing more to do.
  await play(server.port, "alice\nfrank: hi");
  assert.equal((await play(server.port, "frank")).toString(), "from alice: hi\n");
});

test("an end without a name is an end", async () => {
  assert.equal((await play(server.port, "")).toString(), "");
});

test("a backlog larger than all buffers is delivered before the end", async () => {
  const body = "x".repeat(60_000);
  await play(server.port, `alice\n${`grace: ${body}\n`.repeat(200)}`);
  const lines = await waitingFor("grace");
  assert.equal(lines.length, 200);
  assert.ok(lines.every((line) => line === `from alice: ${body}`));
  assert.deepEqual(await waitingFor("grace"), []);
});

test("who half-closed and read it all does not get it again", async () => {
  for (const i of numbers(10)) {
    await play(server.port, `alice\nheidi: ${i}\n`);
    assert.deepEqual(await waitingFor("heidi"), [`from alice: ${i}`]);
  }
});

test("a visit gets what was said before it, not what is said after it has finished", async (t) => {
  const ivan = await server.login(t, "ivan");
  await play(server.port, "alice\nivan: before\n");
  ivan.finish();
  await ivan.end();
  await play(server.port, "alice\nivan: after\n");
  assert.deepEqual(ivan.lines, ["from alice: before"]);
  assert.deepEqual(await waitingFor("ivan"), ["from alice: after"]);
});

for (const count of [1, 2, 300, 30_000]) {
  test(`who closes before ${count} waiting messages come loses none of them`, async () => {
    const sent = numbers(count);
    await play(server.port, `alice\n${sent.map((i) => `judy${count}: ${i}\n`).join("")}`);
    for (let time = 0; time < (count > 1000 ? 3 : 15); time += 1) {
      await sayAndClose(`judy${count}\n`);
    }
    // Whatever a closed connection took with it is delivered again: all is there, in order.
    assert.deepEqual(
      await waitingFor(`judy${count}`),
      sent.map((i) => `from alice: ${i}`),
    );
  });
}

test("who closes right after saying something has said it", async (t) => {
  const lena = await server.login(t, "lena");
  for (const i of numbers(20)) {
    await sayAndClose(`kim\nlena: ${i}`);
    await lena.expect(`from kim: ${i}`);
  }
});

test("a name is free at once for whoever comes after a finished visit", async () => {
  for (let time = 0; time < 20; time += 1) {
    assert.equal((await play(server.port, "mona\nmona: hi")).toString(), "from mona: hi\n");
  }
});

test("a server that stops lets everybody finish reading, and keeps the rest", async (t) => {
  const stopping = await TestServer.start(t);
  const nina = await stopping.login(t, "nina");
  nina.say("otto: hi", "nina: one", "nina: two");
  await nina.take(1);
  assert.equal(await stopping.end("SIGTERM"), 0);
  await nina.end();
  const again = await TestServer.start(t, { data: stopping.data });
  const left = (await play(again.port, "nina\n")).toString();
  assert.equal(
    [...nina.lines, ...left.split("\n")].filter((line) => line !== "").join(),
    "from nina: two",
  );
  assert.equal((await play(again.port, "otto\n")).toString(), "from nina: hi\n");
});

test("a login that is under way when the server stops is told so", async (t) => {
  // It was cut without a word.
  const stopping = await TestServer.start(t);
  const nina = await stopping.login(t, "nina");
  // Waits for the name, which is held; who came after it has been served.
  const second = stopping.connect(t).say("nina");
  await stopping.login(t, "otto");
  await nina.barrier();
  assert.equal(await stopping.end("SIGTERM"), 0);
  await second.end();
  assert.deepEqual(second.lines, ["! shutting-down the server is stopping"]);
});
