// The JSON protocol through the port, frame by frame.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { JsonClient } from "./harness/json-client.ts";
import type { LineClient } from "./harness/line-client.ts";
import { play } from "./harness/play.ts";
import { TestServer } from "./harness/server.ts";

async function join(t: TestContext, server: TestServer, name: string): Promise<JsonClient> {
  const client = new JsonClient(name);
  client.connect(t, server.port);
  await client.until(() => client.isWelcome, "welcome");
  return client;
}

test("a login is welcomed, a send accepted, a message delivered, in both protocols", async (t) => {
  const server = await TestServer.start(t);
  const alice = await join(t, server, "alice");
  const welcome = await alice.take("welcome");
  assert.equal(welcome.name, "alice");
  assert.equal(welcome.sent, 0);
  assert.equal(welcome.version, 1);
  const bob = await server.login(t, "bob");
  alice.send(["bob", "alice"], "two\nlines");
  const { send, seqs } = await alice.take("accepted");
  assert.equal(send, 1);
  assert.deepEqual(Object.keys(seqs), ["bob", "alice"]);
  await bob.expect("from alice: two", "from alice: lines");
  const note = await alice.take("message");
  assert.equal(note.seq, seqs["alice"]);
  assert.equal(note.body, "two\nlines");
  bob.say("alice: hello");
  const { seq, from, to, body, at } = await alice.take("message");
  assert.deepEqual({ from, to, body }, { from: "bob", to: "alice", body: "hello" });
  assert.ok(seq > note.seq && Math.abs(Date.now() - at) < 60_000);
});

test("what is wrong with a frame is told, and the connection lives on", async (t) => {
  const server = await TestServer.start(t);
  const alice = await join(t, server, "alice");
  const wrong: readonly (readonly [unknown, string])[] = [
    [[], "bad-json"],
    [{ dance: 1 }, "unknown-frame"],
    [{ send: 1, to: "bob", body: "x" }, "bad-frame"],
    [{ ack: 10_000 }, "bad-ack"],
    [{ login: "bob" }, "bad-frame"],
    [{ history: "#" }, "bad-room"],
  ];
  for (const [frame, code] of wrong) {
    alice.say(frame);
    assert.equal((await alice.take("error")).code, code, JSON.stringify(frame));
  }
  alice.say({ ping: "still here" });
  assert.equal(await alice.take("pong"), "still here");
});

test("a refused send uses its number up, and a wrong number does not", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-recipients", "2"] });
  const alice = await join(t, server, "alice");
  const refused = async (): Promise<unknown> => {
    const { send, code } = await alice.take("refused");
    return [send, code];
  };
  alice.send(["bob"], "a\u0007bell");
  assert.deepEqual(await refused(), [1, "bad-body"]);
  alice.send(["b", "c", "d"], "x");
  assert.deepEqual(await refused(), [2, "too-many-recipients"]);
  alice.send([], "x");
  assert.deepEqual(await refused(), [3, "no-recipient"]);
  alice.say({ send: 9, to: ["bob"], body: "too early" }, { send: 1, to: ["bob"], body: "again" });
  assert.deepEqual(await refused(), [9, "out-of-order"]);
  assert.deepEqual(await refused(), [1, "out-of-order"]);
  alice.send(["bob"], "good");
  assert.equal((await alice.take("accepted")).send, 4);
});

test("a refusal is told with each login, until the client says that it knows it", async (t) => {
  const server = await TestServer.start(t);
  const first = new JsonClient("alice");
  first.tellsDone = false;
  const welcomed = async (): Promise<readonly unknown[]> => {
    first.connect(t, server.port);
    const { sent, refused } = await first.take("welcome");
    return [sent, ...refused.map(({ first: from, last, code }) => [from, last, code])];
  };
  await welcomed();
  first.send([], "to nobody");
  first.send(["alice"], "a\u0007bell");
  await first.take("refused");
  await first.take("refused");
  assert.deepEqual(await welcomed(), [2, [1, 1, "no-recipient"], [2, 2, "bad-body"]]);
  assert.deepEqual(await welcomed(), [2, [1, 1, "no-recipient"], [2, 2, "bad-body"]]);
  first.say({ done: 1 }, { ping: "it was read" });
  await first.take("pong");
  assert.deepEqual(await welcomed(), [2, [2, 2, "bad-body"]]);
  first.say({ done: 2 }, { ping: "it was read" });
  await first.take("pong");
  assert.deepEqual(await welcomed(), [2]);
});

test("what was given and not acknowledged comes again to whoever of that name keeps no cursor", async (t) => {
  const server = await TestServer.start(t);
  const bob = await join(t, server, "bob");
  for (const body of ["one", "two", "three"]) bob.send(["alice"], body);
  for (let i = 0; i < 3; i++) await bob.take("accepted");
  const given = async (acks: number): Promise<readonly string[]> => {
    // A client of its own each time, which says of nothing that it has received it.
    const alice = new JsonClient("alice");
    alice.acks = 0;
    alice.connect(t, server.port);
    await alice.until(() => alice.got.at(-1)?.body === "three", "all that waits");
    const seqs = alice.frames.flatMap(({ message }) => message?.seq ?? []);
    if (acks > 0) alice.say({ ack: seqs[acks - 1] });
    alice.say({ bye: true });
    await alice.until(() => !alice.isConnected, "the end");
    return alice.got.map(({ body }) => body);
  };
  assert.deepEqual(await given(0), ["one", "two", "three"]);
  assert.deepEqual(await given(1), ["one", "two", "three"]);
  assert.deepEqual(await given(0), ["two", "three"]);
});

test("a send whose number cannot be read ends the connection", async (t) => {
  const server = await TestServer.start(t);
  const alice = await join(t, server, "alice");
  alice.say({ send: "one", to: ["bob"], body: "x" });
  assert.equal((await alice.take("error")).code, "bad-send-number");
  await alice.until(() => !alice.isConnected, "the end");
});

test("the first frame is a login, and who sends names an outbox", async (t) => {
  const server = await TestServer.start(t);
  const stranger = await server.connect(t).write('{"ping":1}\n{"ack":1}\n').take(2);
  assert.equal(stranger[0], '{"pong":1}');
  assert.equal(JSON.parse(stranger[1] ?? "").error.code, "login-first");
  const reader = server
    .connect(t)
    .write('{"login":"reader"}\n{"send":1,"to":["bob"],"body":"x"}\n');
  const [, refused = ""] = await reader.take(2);
  assert.equal(JSON.parse(refused).error.code, "no-outbox");
});

test("history and who are answered, with the request's id", async (t) => {
  const server = await TestServer.start(t);
  const alice = await join(t, server, "alice");
  alice.send(["bob"], "one");
  alice.send(["bob"], "two");
  alice.say({ history: "bob", limit: 1, id: 7 }, { who: true, id: "w" });
  const history = await alice.take("history");
  assert.equal(history.id, 7);
  assert.deepEqual(
    history.messages.map(({ body }) => body),
    ["two"],
  );
  assert.deepEqual(await alice.take("who"), { names: ["alice"], id: "w" });
});

test("a conversation is called as it is shown, however it was asked for", async (t) => {
  // It was called as it was typed, and a client that looks its conversations up by it had two.
  const server = await TestServer.start(t);
  await server.login(t, "Bob");
  const alice = await join(t, server, "alice");
  alice.say({ join: "#Ops" });
  await alice.take("joined");
  alice.send(["bob"], "hi");
  await alice.take("accepted");
  for (const [asked, shown] of [
    ["BOB", "Bob"],
    ["#OPS", "#Ops"],
    ["Nobody", "Nobody"],
  ]) {
    alice.say({ history: asked });
    assert.equal((await alice.take("history")).with, shown);
  }
  alice.say({ who: "#OPS" });
  assert.equal((await alice.take("who")).room, "#Ops");
});

test("a connection that brings what the older was given replaces it at once", async (t) => {
  const server = await TestServer.start(t);
  const alice = await join(t, server, "alice");
  const other = server.connect(t).say("alice");
  assert.match((await other.take(1))[0] ?? "", /^! name-taken /);
  const began = performance.now();
  alice.connect(t, server.port);
  await alice.until(() => alice.isWelcome, "welcome");
  assert.ok(performance.now() - began < 900, "it did not wait for the older one");
});

/** What a client is told until its connection closes, by the kinds of its frames. */
async function toldUntilTheEnd(client: LineClient): Promise<readonly (string | undefined)[]> {
  await client.end();
  return client.lines.map((line) => Object.keys(JSON.parse(line) as object)[0]);
}

const NOTE = '{"login":"alice","outbox":1}\n{"send":1,"to":["alice"],"body":"x"}\n';

test("FIN is a request to finish", async (t) => {
  const server = await TestServer.start(t);
  const client = server.connect(t).write(NOTE).finish();
  assert.deepEqual(await toldUntilTheEnd(client), ["welcome", "accepted", "message"]);
});

test("bye is one, too, and is answered when all is done and delivered", async (t) => {
  // The end of a connection was all that there was to see, and that looks the same whoever brings it.
  const server = await TestServer.start(t);
  const client = server.connect(t).write(`${NOTE}{"who":true}\n{"bye":true}\n{"who":true}\n`);
  const told = await toldUntilTheEnd(client);
  assert.deepEqual(new Set(told), new Set(["welcome", "accepted", "message", "who", "bye"]));
  assert.equal(told.length, 5);
  assert.equal(told.at(-1), "bye");
});

test("bye is answered after a backlog larger than all buffers", async (t) => {
  const server = await TestServer.start(t);
  const body = "x".repeat(60_000);
  await play(server.port, `bob\n${`alice: ${body}\n`.repeat(100)}`);
  const client = server.connect(t).write('{"login":"alice"}\n{"bye":true}\n');
  const told = await toldUntilTheEnd(client);
  assert.deepEqual(told, ["welcome", ...Array.from({ length: 100 }, () => "message"), "bye"]);
});

test("a server that stops before it has delivered all does not answer bye", async (t) => {
  const server = await TestServer.start(t);
  const body = "x".repeat(60_000);
  await play(server.port, `bob\n${`alice: ${body}\n`.repeat(400)}`);
  const client = server.connect(t).write('{"login":"alice"}\n{"bye":true}\n');
  await client.take(1);
  client.socket.pause();
  const ended = server.end("SIGTERM");
  // It is stopping when it takes nobody any more.
  await server.connect(t).end();
  client.socket.resume();
  assert.ok(!(await toldUntilTheEnd(client)).includes("bye"));
  assert.equal(await ended, 0);
});

test("over WebSocket the frames are the same, one a message", async (t) => {
  const server = await TestServer.start(t);
  const socket = new WebSocket(`ws://127.0.0.1:${server.port}/`);
  t.after(() => socket.close());
  const frames: unknown[] = [];
  let wake: (() => void) | undefined;
  socket.addEventListener("message", ({ data }) => {
    frames.push(JSON.parse(String(data)));
    wake?.();
  });
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  socket.send('{"login":"web","outbox":1}');
  socket.send('{"send":1,"to":["web"],"body":"hi"}');
  while (frames.length < 3) await new Promise<void>((resolve) => (wake = resolve));
  assert.deepEqual(
    frames.map((frame) => Object.keys(frame as object)),
    [["welcome"], ["accepted"], ["message"]],
  );
});
