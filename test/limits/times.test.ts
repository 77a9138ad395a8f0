// --login-time and --idle-time: one line, `login-timeout` or `idle-timeout`, and the end.

import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { play } from "../harness/play.ts";
import { TestServer } from "../harness/server.ts";

const LOGIN_TOLD = ["! login-timeout no name came: the first line is your name"];
const IDLE_TOLD = ["! idle-timeout nothing came from you for too long"];

test("who says nothing is told nothing, and closed after the login time", async (t) => {
  const server = await TestServer.start(t, { args: ["--login-time", "300ms"] });
  const began = performance.now();
  const silent = server.connect(t);
  await silent.end();
  assert.deepEqual(silent.lines, []);
  assert.ok(performance.now() - began > 250);
});

test("who says half a name is told so after the login time, and closed", async (t) => {
  const server = await TestServer.start(t, { args: ["--login-time", "300ms"] });
  const slow = server.connect(t).write("ali");
  await slow.end();
  assert.deepEqual(slow.lines, LOGIN_TOLD);
});

test("who says too little to show what it is, is told the same", async (t) => {
  const server = await TestServer.start(t, { args: ["--login-time", "300ms"] });
  const slow = server.connect(t).write("GE");
  await slow.end();
  assert.deepEqual(slow.lines, LOGIN_TOLD);
});

test("a name that comes byte by byte does not make the login time longer", async (t) => {
  const server = await TestServer.start(t, { args: ["--login-time", "300ms"] });
  const slow = server.connect(t);
  const typing = setInterval(() => slow.write("a"), 20);
  t.after(() => clearInterval(typing));
  await slow.end();
  assert.deepEqual(slow.lines, LOGIN_TOLD);
});

test("who has logged in is not bound by the login time", async (t) => {
  const server = await TestServer.start(t, { args: ["--login-time", "300ms"] });
  const alice = await server.login(t, "alice");
  // Somebody who came later was closed for it.
  await server.connect(t).end();
  alice.say("alice: still here");
  await alice.expect("from alice: still here");
});

test("who is idle is told so and closed, and his messages wait for him", async (t) => {
  const server = await TestServer.start(t, { args: ["--idle-time", "400ms"] });
  const began = performance.now();
  const alice = await server.login(t, "alice");
  await alice.end();
  assert.deepEqual(alice.lines, IDLE_TOLD);
  assert.ok(performance.now() - began > 350);
  await play(server.port, "bob\nalice: hi\n");
  assert.equal((await play(server.port, "alice\n")).toString(), "from bob: hi\n");
});

test("who writes anything at all is not idle, who only listens is", async (t) => {
  const server = await TestServer.start(t, { args: ["--idle-time", "1s"] });
  const alice = await server.login(t, "alice");
  const bob = await server.login(t, "bob");
  const talking = setInterval(() => alice.say("bob: hi"), 50);
  t.after(() => clearInterval(talking));
  await bob.end();
  assert.deepEqual(bob.lines.slice(-1), IDLE_TOLD);
  assert.equal(alice.closed || alice.ended, false);
  assert.deepEqual(alice.lines, []);
});

test("who has finished and still reads is not idle", async (t) => {
  // He was told that nothing came from him, again and again, in the middle of his messages.
  const server = await TestServer.start(t, { args: ["--idle-time", "400ms"] });
  const line = `alice: ${"x".repeat(60_000)}\n`;
  await play(server.port, `bob\n${line.repeat(300)}`);
  const alice = server.connect(t).say("alice").finish();
  await once(alice.socket, "data");
  alice.socket.pause();
  // The idle times of two others pass, one after the other.
  for (const name of ["carol", "dave"]) await (await server.login(t, name)).end();
  alice.socket.resume();
  await alice.end();
  assert.equal(alice.lines.length, 300);
  assert.ok(alice.lines.every((text) => text.startsWith("from bob: ")));
});
