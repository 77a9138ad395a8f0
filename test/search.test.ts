// Search through the port: what is found, by whom, and that the index can always be made again.

import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { LONGEST_QUERY } from "../src/broker/peer.ts";
import { connect, type Line, type LineError } from "../src/client/index.ts";
import { play } from "./harness/play.ts";
import { TestServer } from "./harness/server.ts";

function open(t: TestContext, server: TestServer, name: string): Line {
  const line = connect(`partyline://127.0.0.1:${server.port}`, { name });
  t.after(() => line.close());
  return line;
}

const bodies = async (line: Line, ...asked: Parameters<Line["search"]>): Promise<string[]> =>
  (await line.search(...asked)).messages.map(({ body }) => body);

test("words are found in one's own conversations, the newest first, and nobody else's", async (t) => {
  const server = await TestServer.start(t);
  const alice = open(t, server, "alice");
  const bob = open(t, server, "bob");
  const eve = open(t, server, "eve");
  await alice.send("bob", "the deployment begins");
  await bob.send("alice", "deployment of build 7 is done");
  await bob.send("carol", "deployment: do not tell alice");
  assert.deepEqual(await bodies(alice, "deployment"), [
    "deployment of build 7 is done",
    "the deployment begins",
  ]);
  assert.deepEqual(await bodies(alice, "deploy"), await bodies(alice, "deployment"));
  assert.deepEqual(await bodies(alice, "build deployment"), ["deployment of build 7 is done"]);
  assert.deepEqual(await bodies(alice, "deployment", { from: "alice" }), ["the deployment begins"]);
  assert.deepEqual(await bodies(alice, "deployment", { with: "carol" }), []);
  assert.deepEqual(await bodies(eve, "deployment"), []);
  const { complete } = await alice.search("deployment");
  assert.ok(complete >= 3);
  await assert.rejects(alice.search("?!"), (error) => (error as LineError).code === "bad-query");
});

// A search of the longest frame had twenty thousand words, and kept the only thread that searches busy for ten seconds:
// meanwhile nobody else found anything, nothing was indexed, and the server could not stop.
test("what is looked for may be so long, and no longer", async (t) => {
  const server = await TestServer.start(t);
  const alice = open(t, server, "alice");
  await alice.send("bob", "x".repeat(LONGEST_QUERY));
  assert.equal((await bodies(alice, "x".repeat(LONGEST_QUERY))).length, 1);
  const isTooLong = { code: "text-too-long" };
  await assert.rejects(alice.search("x".repeat(LONGEST_QUERY + 1)), isTooLong);
  await assert.rejects(alice.search("x ".repeat(20_000)), isTooLong);
});

test("in a room it finds what was said while one was in it", async (t) => {
  const server = await TestServer.start(t);
  const alice = open(t, server, "alice");
  const bob = open(t, server, "bob");
  await alice.join("#ops");
  await alice.send("#ops", "secret before");
  await bob.join("#ops");
  await alice.send("#ops", "secret between");
  await bob.leave("#ops");
  await alice.send("#ops", "secret after");
  assert.deepEqual(await bodies(bob, "secret"), ["secret between"]);
  assert.deepEqual(await bodies(bob, "secret", { with: "#ops" }), ["secret between"]);
  assert.equal((await bodies(alice, "secret", { with: "#ops" })).length, 3);
});

test("a word of two Chinese characters is found in the middle of a sentence", async (t) => {
  const server = await TestServer.start(t);
  const alice = open(t, server, "爱丽丝");
  await alice.send("鲍勃", "今天天气很好，我们去公园");
  assert.deepEqual(await bodies(alice, "天气"), ["今天天气很好，我们去公园"]);
  assert.deepEqual(await bodies(alice, "气很"), ["今天天气很好，我们去公园"]);
  assert.deepEqual(await bodies(alice, "好我"), []);
});

test("pages and times divide what is found", async (t) => {
  const server = await TestServer.start(t);
  const alice = open(t, server, "alice");
  const sends = Array.from({ length: 250 }, (_, i) => alice.send("bob", `word ${i}`));
  await Promise.all(sends);
  const all: string[] = [];
  let below: number | undefined;
  do {
    const page = await alice.search("word", {
      limit: 100,
      ...(below === undefined ? {} : { below }),
    });
    all.push(...page.messages.map(({ body }) => body));
    below = page.next;
  } while (below !== undefined);
  assert.deepEqual(
    all,
    Array.from({ length: 250 }, (_, i) => `word ${249 - i}`),
  );
  assert.deepEqual(await bodies(alice, "word", { until: 1000 }), []);
  assert.equal((await bodies(alice, "word", { since: 1000 })).length, 20);
});

test("the line protocol searches too", async (t) => {
  const server = await TestServer.start(t);
  const said = (
    await play(server.port, "alice\nbob: hello there\nbob: good bye\n/search hello\n")
  ).toString();
  assert.match(said, /^\* \d{4}-\d\d-\d\dT[\d:]+Z alice to bob: hello there\n$/);
});

test("an index that is missing, damaged or behind is made again", async (t) => {
  const server = await TestServer.start(t);
  await play(server.port, "alice\nbob: first word\n");
  await server.end("SIGKILL");
  const second = await TestServer.start(t, { data: server.data });
  assert.equal(await find(second), "alice to bob: first word\n");
  await play(second.port, "alice\nbob: second word\n");
  await second.end("SIGTERM");
  const files = readdirSync(server.data).filter((file) => file.startsWith("partyline-search"));
  assert.ok(files.length > 0);
  for (const file of files) rmSync(join(server.data, file));
  const third = await TestServer.start(t, { data: server.data });
  assert.equal(await find(third), "alice to bob: first word\nalice to bob: second word\n");
  await third.end("SIGTERM");
  writeFileSync(join(server.data, "partyline-search.db"), "this is no database".repeat(1000));
  const fourth = await TestServer.start(t, { data: server.data });
  assert.equal(await find(fourth), "alice to bob: first word\nalice to bob: second word\n");
});

test("a server without an index says so", async (t) => {
  const server = await TestServer.start(t, { args: ["--search", "off"] });
  const said = (await play(server.port, "alice\n/search word\n")).toString();
  assert.equal(said, "! no-search this server has no search index (--search on)\n");
});

/** What alice finds, without the times. */
async function find(server: TestServer): Promise<string> {
  return (await play(server.port, "alice\n/search word\n")).toString().replace(/\* \S+ /g, "");
}
