// --max-rate: who sends faster is read more slowly. Nothing is refused, nobody is cut, and nobody
// else notices.

import assert from "node:assert/strict";
import { test } from "node:test";
import { JsonClient } from "../harness/json-client.ts";
import { play } from "../harness/play.ts";
import { TestServer } from "../harness/server.ts";

const RATE = 20;
const args = ["--max-rate", String(RATE), "--durability", "process"];
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

test("who sends faster is slowed, and all he said is said", async (t) => {
  const server = await TestServer.start(t, { args });
  const bob = await server.login(t, "bob");
  const alice = await server.login(t, "alice");
  const began = performance.now();
  alice.say(...numbers(3 * RATE).map((i) => `bob: ${i}`));
  await bob.expect(...numbers(3 * RATE).map((i) => `from alice: ${i}`));
  // The first second's worth may come at once.
  const took = performance.now() - began;
  assert.ok(took > 1900, `${took} ms`);
  assert.deepEqual(alice.lines, []);
});

test("who speaks JSON and sends faster is slowed too, and all he said is said", async (t) => {
  // The limit was that of the line protocol alone.
  const server = await TestServer.start(t, { args });
  const alice = new JsonClient("alice");
  alice.connect(t, server.port);
  await alice.take("welcome");
  const began = performance.now();
  for (const i of numbers(3 * RATE)) alice.send(["bob"], `${i}`);
  await alice.until(() => alice.outbox.at(-1)?.outcome === "accepted", "the last to be accepted");
  const took = performance.now() - began;
  assert.ok(took > 1900, `${took} ms`);
  const said = await play(server.port, "bob\n");
  const all = numbers(3 * RATE).map((i) => `from alice: ${i}\n`);
  assert.equal(said.toString(), all.join(""));
});

test("who speaks JSON, is slowed and finishes is heard to the end", async (t) => {
  const server = await TestServer.start(t, { args });
  const sends = numbers(2 * RATE).map((i) => ({ send: i + 1, to: ["bob"], body: `${i}` }));
  const frames = [{ login: "alice", outbox: 1 }, ...sends].map((frame) => JSON.stringify(frame));
  const answers = (await play(server.port, frames.join("\n"))).toString().split("\n");
  assert.match(answers.at(-2) ?? "", /^\{"accepted":\{"send":40,/);
});

test("nobody else is slowed", async (t) => {
  const server = await TestServer.start(t, { args });
  const bob = await server.login(t, "bob");
  const alice = await server.login(t, "alice");
  const carol = await server.login(t, "carol");
  alice.say(...numbers(10 * RATE).map(() => "alice: flood"));
  await alice.take(1);
  carol.say("bob: hi");
  await bob.expect("from carol: hi");
  const alices = alice.lines.length;
  assert.ok(alices < 10 * RATE - 1, `${alices} lines of the flood were there before`);
});

test("who is slowed and finishes is heard to the end", async (t) => {
  // A reader that waited for its turn was taken for one that had nothing more to read.
  const server = await TestServer.start(t, { args });
  const all = numbers(2 * RATE);
  const said = await play(server.port, `alice\n${all.map((i) => `alice: ${i}\n`).join("")}`);
  assert.equal(said.toString(), all.map((i) => `from alice: ${i}\n`).join(""));
});

test("by default there is no such limit", async (t) => {
  const server = await TestServer.start(t);
  const began = performance.now();
  const lines = "alice: x\n".repeat(20_000);
  assert.equal(
    (await play(server.port, `alice\n${lines}`)).length,
    20_000 * "from alice: x\n".length,
  );
  assert.ok(performance.now() - began < 15_000);
});
