// What whoever writes a bot does without a second thought: the line does what it looks like.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { connect, type Line, type LineOptions, memoryStore } from "../src/client/index.ts";
import { LosingProxy } from "./harness/losing-proxy.ts";
import { TestServer } from "./harness/server.ts";

const OPEN = { args: ["--registration", "open", "--durability", "process"] };

function open(t: TestContext, port: number, options: LineOptions): Line {
  const line = connect(`partyline://127.0.0.1:${port}`, options);
  t.after(() => line.close());
  return line;
}

/** The bodies of the next messages. */
async function take(line: Line, count: number): Promise<string[]> {
  const bodies: string[] = [];
  for await (const { body } of line.messages()) if (bodies.push(body) === count) break;
  return bodies;
}

/** The bodies of all messages, to the end. */
async function all(line: Line): Promise<string[]> {
  const bodies: string[] = [];
  for await (const { body } of line.messages()) bodies.push(body);
  return bodies;
}

test("what is sent while the store opens keeps its order, whenever it is sent", async (t) => {
  // What came in the very turn in which it had opened went before all that had waited for it.
  const server = await TestServer.start(t, OPEN);
  const line = open(t, server.port, { name: "alice" });
  const bob = open(t, server.port, { name: "bob" });
  const bodies = Array.from({ length: 40 }, (_, number) => `${number}`);
  const sent: Promise<unknown>[] = [];
  line.on("state", ({ kind }) => {
    if (kind === "connecting") sent.push(line.send("carol", "it connects"));
  });
  for (const body of bodies) {
    sent.push(line.send("bob", body));
    // As many turns as there are between two microtasks.
    await Promise.resolve();
  }
  sent.push(line.send("carol", "after all"));
  await Promise.all(sent);
  assert.deepEqual(await take(bob, bodies.length), bodies);
  const carol = open(t, server.port, { name: "carol" });
  assert.deepEqual(await take(carol, 2), ["it connects", "after all"]);
});

test("a message is given up, and a line closed, while a store does not open", async (t) => {
  const opening = Promise.withResolvers<undefined>();
  t.after(() => opening.resolve(undefined));
  const store = { ...memoryStore(), open: () => opening.promise };
  const line = open(t, 1, { name: "alice", store });
  const controller = new AbortController();
  const given = line.send("bob", "hi", { signal: controller.signal });
  const other = line.send("bob", "hi");
  controller.abort();
  await assert.rejects(given, { code: "aborted" });
  void line.close();
  await assert.rejects(other, { code: "closed" });
});

test("a message goes to those that it was sent to, whatever becomes of the list", async (t) => {
  // A bot that filled the same list again for each message sent what was not transmitted yet to somebody else.
  const server = await TestServer.start(t, OPEN);
  const line = open(t, server.port, { name: "alice" });
  const to = ["bob"];
  const first = line.send(to, "for bob");
  to[0] = "carol";
  const second = line.send(to, "for carol");
  to.length = 0;
  assert.deepEqual(Object.keys((await first).seqs ?? {}), ["bob"]);
  assert.deepEqual(Object.keys((await second).seqs ?? {}), ["carol"]);
});

test("what is no text is refused, and the next message goes through", async (t) => {
  // The server could not read it as a send, so nobody heard of it again, and all that came after it waited for it.
  const server = await TestServer.start(t, OPEN);
  const line = open(t, server.port, { name: "alice" });
  const nothing: unknown = JSON.parse("{}");
  const { to, body } = nothing as { to: string; body: string };
  await assert.rejects(line.send("bob", body), { code: "bad-frame" });
  await assert.rejects(line.send(to, "hi"), { code: "bad-frame" });
  await assert.rejects(line.send(["bob", to], "hi"), { code: "bad-frame" });
  assert.equal(line.unsentCount, 0);
  await line.send("bob", "hi");
});

test("what a line is given while it finishes is confirmed, to whoever comes next", async (t) => {
  // The server hears nothing after the end was asked for: a program that starts, finishes and ends got it every time.
  const server = await TestServer.start(t, OPEN);
  const alice = open(t, server.port, { name: "alice" });
  for (const body of ["one", "two", "three"]) await alice.send("bob", body);
  const bob = open(t, server.port, { name: "bob" });
  await bob.finish();
  assert.deepEqual(await all(bob), ["one", "two", "three"]);
  await bob.close();
  await alice.send("bob", "four");
  const next = open(t, server.port, { name: "bob" });
  const [bodies] = await Promise.all([all(next), next.finish()]);
  assert.deepEqual(bodies, ["four"]);
  await next.close();
  const last = open(t, server.port, { name: "bob" });
  await last.finish();
  assert.deepEqual(await all(last), []);
});

test("who watches is told who comes and goes after a connection was lost, too", async (t) => {
  // A server forgets it with the connection: from then on nothing was told.
  const server = await TestServer.start(t, OPEN);
  const proxy = await LosingProxy.start(t, server.port);
  const line = open(t, proxy.port, { name: "alice" });
  await line.send("bob", "hi");
  await line.watchPresence();
  proxy.loses = (frame) => frame.startsWith('{"who') && proxy.lost.length === 0;
  await line.who();
  assert.equal(proxy.lost.length, 1);
  const seen = Promise.withResolvers<string>();
  line.on("presence", ({ names }) => names.forEach(({ name }) => seen.resolve(name)));
  await open(t, server.port, { name: "bob" }).who();
  assert.equal(await seen.promise, "bob");
});

test("a URL without a host is refused, and what follows a # in one does no harm", async (t) => {
  // Without a host it was this machine, and with a fragment a line was closed by what is no LineError.
  for (const url of ["partyline://", "partyline:chat.example"]) {
    assert.throws(() => connect(url, { name: "alice" }), { code: "bad-url" });
  }
  const server = await TestServer.start(t, OPEN);
  const line = connect(`ws://127.0.0.1:${server.port}/#/bob`, { name: "alice" });
  t.after(() => line.close());
  assert.deepEqual(await line.who(), ["alice"]);
});
