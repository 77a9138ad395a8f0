// What a connection takes with it: an answer that is lost leaves nothing undecided, and nobody outside.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import {
  connect,
  type Line,
  type LineError,
  type LineOptions,
  memoryStore,
} from "../src/client/index.ts";
import { MOST_WAITING } from "../src/client/inbox.ts";
import { listen, type Said, WELCOME } from "./harness/hearing-server.ts";
import { LosingProxy } from "./harness/losing-proxy.ts";
import { play } from "./harness/play.ts";
import { TestServer } from "./harness/server.ts";

const OPEN = { args: ["--registration", "open", "--durability", "process"] };

function open(t: TestContext, port: number, options: LineOptions): Line {
  return openAt(t, `partyline://127.0.0.1:${port}`, options);
}

function openAt(t: TestContext, url: string, options: LineOptions): Line {
  const line = connect(url, options);
  t.after(() => line.close());
  return line;
}

/** Loses the next answer of a kind. */
function loseNext(proxy: LosingProxy, kind: string): void {
  const before = proxy.lost.length;
  proxy.loses = (line) => line.startsWith(`{"${kind}"`) && proxy.lost.length === before;
}

/** Cuts the connection, and waits for the next. */
async function cut(proxy: LosingProxy, line: Line): Promise<void> {
  loseNext(proxy, "who");
  const before = proxy.lost.length;
  await line.who();
  assert.equal(proxy.lost.length, before + 1);
}

test("an account is made, and its line goes on, though the answer was lost", async (t) => {
  // The next login without a password was refused, which closed the line.
  const server = await TestServer.start(t, OPEN);
  const proxy = await LosingProxy.start(t, server.port);
  const line = open(t, proxy.port, { name: "alice" });
  await line.send("alice", "before");
  loseNext(proxy, "ok");
  await line.register("correct horse");
  assert.equal(proxy.lost.length, 1);
  await line.send("alice", "after");
  const other = open(t, server.port, { name: "alice", password: "correct horse" });
  assert.deepEqual(await other.tokens(), []);
});

test("a password is changed, and its line goes on with a session, though the answer was lost", async (t) => {
  // It was told that the old password is wrong, and the next login came with a token that had ended.
  const server = await TestServer.start(t, OPEN);
  const owner = open(t, server.port, { name: "alice", password: "correct horse", register: true });
  const token = await owner.makeToken("laptop");
  await owner.close();
  const proxy = await LosingProxy.start(t, server.port);
  const line = open(t, proxy.port, { name: "alice", token });
  await line.who();
  loseNext(proxy, "ok");
  await line.setPassword("battery staple", "correct horse");
  assert.equal(proxy.lost.length, 1);
  await cut(proxy, line);
});

test("a line comes back with the session of a new password, not with the token that it was given", async (t) => {
  const server = await TestServer.start(t, OPEN);
  const owner = open(t, server.port, { name: "alice", password: "correct horse", register: true });
  const token = await owner.makeToken("laptop");
  await owner.close();
  const proxy = await LosingProxy.start(t, server.port);
  const line = open(t, proxy.port, { name: "alice", token });
  await line.setPassword("battery staple", "correct horse");
  await cut(proxy, line);
});

test("a password that was refused is not the one that a line comes back with", async (t) => {
  const server = await TestServer.start(t, OPEN);
  const proxy = await LosingProxy.start(t, server.port);
  const line = open(t, proxy.port, { name: "alice", password: "correct horse", register: true });
  const wrong = line.setPassword("battery staple", "wrong horse");
  await assert.rejects(wrong, { code: "wrong-password" });
  await cut(proxy, line);
});

test("more refusals than a server keeps leave nobody waiting, and the next message goes through", async (t) => {
  // After a thousand at once a line that was online waited until it was connected anew.
  const server = await TestServer.start(t, OPEN);
  const line = open(t, server.port, { name: "alice" });
  await line.who();
  const refused = Array.from({ length: 3000 }, (_, at) =>
    line.send(`#no${at % 2}`, `${at}`).then(
      () => "sent",
      ({ code }: LineError) => code,
    ),
  );
  const sent = line.send("alice", "at last");
  assert.deepEqual(new Set(await Promise.all(refused)), new Set(["no-such-room"]));
  assert.ok((await sent).seqs !== undefined);
});

test("a line that finishes takes nothing more", async (t) => {
  // It waited for an answer until it was closed.
  const server = await TestServer.start(t, OPEN);
  const line = open(t, server.port, { name: "alice" });
  // This one was asked for before, though the store is not open yet.
  const sent = line.send("bob", "hi");
  const finished = line.finish();
  await assert.rejects(line.send("bob", "more"), { code: "closed" });
  await assert.rejects(line.who(), { code: "closed" });
  await finished;
  await sent;
});

test("a line finishes though whoever took what comes has left more than there was room for", async (t) => {
  // It waited for him to take it until it was closed.
  const server = await TestServer.start(t, OPEN);
  const lines = Array.from({ length: MOST_WAITING + 2 }, (_, at) => `alice: ${at}\n`);
  await play(server.port, `bob\n${lines.join("")}alice: the last\n`);
  for (const leaves of ["before", "after"]) {
    const proxy = await LosingProxy.start(t, server.port);
    const hasCome = Promise.withResolvers<void>();
    proxy.loses = (line) => {
      if (line.includes('"the last"')) hasCome.resolve();
      return false;
    };
    const line = open(t, proxy.port, { name: "alice" });
    const messages = line.messages();
    await messages.next();
    await hasCome.promise;
    await line.who();
    if (leaves === "before") await messages.return();
    const finished = line.finish();
    if (leaves === "after") await messages.return();
    await finished;
  }
});

test("a line that is made with a signal that has come already is closed", async (t) => {
  const server = await TestServer.start(t, OPEN);
  const line = open(t, server.port, { name: "alice", signal: AbortSignal.abort() });
  await assert.rejects(line.send("bob", "hi"), { code: "closed" });
  assert.equal(line.state.kind, "closed");
});

test("a read marker is told although the outbox is found to be forgotten", async (t) => {
  // It was let go of with the login that found that out.
  const { promise, resolve } = Promise.withResolvers<Said>();
  const url = await listen(t, (frame, answer) => {
    if (frame.login !== undefined) answer({ welcome: WELCOME });
    if (frame.read !== undefined) resolve(frame);
  });
  const store = memoryStore();
  await store.write({ outbox: "forgotten", base: 5, nextId: 5, sends: [] });
  const line = openAt(t, url, { name: "alice", store });
  line.markRead("bob", 7);
  assert.deepEqual(await promise, { read: "bob", seq: 7 });
});

test("a server that welcomes and hangs up is tried less and less often", async (t) => {
  // Each welcome began the waits anew: one client logged in some 5 times a second for ever.
  const url = await listen(t, (_frame, answer, socket) => {
    answer({ welcome: WELCOME });
    socket.end();
  });
  const line = openAt(t, url, { name: "alice" });
  const { promise, resolve } = Promise.withResolvers<void>();
  const waits: number[] = [];
  line.on("state", (state) => {
    if (state.kind !== "reconnecting") return;
    waits.push(state.at - state.since);
    if (waits.length === 4) resolve();
  });
  await promise;
  // Each between half and all of 250, 500, 1000 and 2000 ms.
  assert.ok((waits[3] ?? 0) >= 900, waits.join());
});

test("what was done is not told as refused, though the answer was lost", async (t) => {
  // It was asked again: who had left was told that he is not a member, and whose token had ended that there is none.
  const server = await TestServer.start(t, OPEN);
  const proxy = await LosingProxy.start(t, server.port);
  const line = open(t, proxy.port, { name: "alice", password: "correct horse", register: true });
  const bob = open(t, server.port, { name: "bob" });
  await line.join("#ops");
  await bob.join("#ops");
  await line.makeToken("ci");
  loseNext(proxy, "ok");
  await line.moderate("#ops", "kick", "bob");
  loseNext(proxy, "ok");
  await line.leave("#ops");
  loseNext(proxy, "ok");
  await line.revokeToken("ci");
  assert.equal(proxy.lost.length, 3);
  // What was not done is refused.
  await assert.rejects(line.moderate("#ops", "kick", "bob"), { code: "not-a-member" });
  await assert.rejects(line.leave("#ops"), { code: "not-a-member" });
  await assert.rejects(line.revokeToken("ci"), { code: "no-such-token" });
});

test("a session is ended, though the answer was lost", async (t) => {
  // It was told as a failure that the session had ended.
  const server = await TestServer.start(t, OPEN);
  const store = memoryStore();
  const name = "alice";
  const owner = open(t, server.port, { name, password: "correct horse", register: true, store });
  await owner.who();
  await owner.close();
  const proxy = await LosingProxy.start(t, server.port);
  const line = open(t, proxy.port, { name, store });
  await line.who();
  loseNext(proxy, "ok");
  await line.logOut();
  assert.equal(proxy.lost.length, 1);
});
