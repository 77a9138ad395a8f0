// `partyline chat` in a pipe: lines in, lines out, and nothing lost on the way.

import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { test, type TestContext } from "node:test";
import { text } from "node:stream/consumers";
import { COMMAND } from "./harness/command.ts";
import { ENVIRONMENT } from "./harness/environment.ts";
import { untilKept } from "./harness/kept.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

interface Filter {
  readonly child: ChildProcessWithoutNullStreams;
  /** Everything it printed, once it has ended, and how it ended. */
  readonly ended: Promise<{
    readonly code: number | null;
    readonly stdout: string;
    readonly stderr: string;
  }>;
}

/** @param state its state folder, to start where another one was */
function filter(
  t: TestContext,
  port: number,
  name: string,
  args: string[] = [],
  state?: string,
): Filter {
  const folder = state ?? temporaryFolder(t);
  const child = spawn(
    process.execPath,
    [COMMAND, "chat", name, "--to", `127.0.0.1:${port}`, ...args],
    { env: { ...ENVIRONMENT, XDG_STATE_HOME: folder }, timeout: 40_000 },
  );
  t.after(() => child.kill("SIGKILL"));
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]).then(
    ([stdout, stderr, [code]]) => ({ stdout, stderr, code: code as number | null }),
  );
  return { child, ended };
}

test("lines go in and come out as in the line protocol, and it ends when all of it is done", async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  bob.say("alice: one", "alice: two");
  await bob.barrier();
  const { child, ended } = filter(t, server.port, "alice");
  child.stdin.end("bob: hi\nbob, alice: both\n/join #ops\n\n/who #ops");
  const { code, stdout, stderr } = await ended;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  // Answers and messages may come in either order.
  const lines = stdout.trimEnd().split("\n");
  assert.deepEqual(
    lines.filter((line) => line.startsWith("from ")),
    ["from bob: one", "from bob: two", "from alice: both"],
  );
  assert.deepEqual(
    lines.filter((line) => line.startsWith("* ")),
    ["* #ops, 1 member, you own it, you are in it", "* alice (owner)"],
  );
  await bob.expect("from alice: hi", "from alice: both");
});

test("with a room every line of the input is a message to it", async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  bob.say("/join #ops");
  await bob.take(1);
  const { child, ended } = filter(t, server.port, "ci", ["--room", "#ops"]);
  child.stdin.end("step 1: /bin/true\n/usr/bin/make\n");
  assert.equal((await ended).code, 0);
  await bob.expect("from ci in #ops: step 1: /bin/true", "from ci in #ops: /usr/bin/make");
});

test("what is refused is told on stderr, and in the exit code", async (t) => {
  const server = await TestServer.start(t);
  const { child, ended } = filter(t, server.port, "alice");
  child.stdin.end("#nowhere: hi\nbob: hi\n");
  const { code, stderr } = await ended;
  assert.equal(code, 1);
  assert.match(stderr, /^! no-such-room line 1: [^\n]*\n$/);
  const bob = server.connect(t).say("bob").finish();
  await bob.end();
  assert.deepEqual(bob.lines, ["from alice: hi"]);
});

// A build log with colours: each of these lines was refused, and nobody could tell which.
test("which line is refused is told, and once that lines say for nobody", async (t) => {
  const server = await TestServer.start(t);
  const log = filter(t, server.port, "ci", ["--room", "bob"]);
  log.child.stdin.end("plain\n\u001B[31mred\u001B[0m\nplain\n");
  const told = await log.ended;
  assert.equal(told.code, 1);
  assert.match(told.stderr, /^! bad-body line 2: [^\n]*\n$/);
  const nobody = filter(t, server.port, "alice");
  nobody.child.stdin.end("hello\nhello again\n");
  const { code, stderr } = await nobody.ended;
  assert.equal(code, 1);
  assert.match(stderr, /^partyline: line 1 does not say for whom[^\n]*--room\n$/);
});

test("a thousand lines arrive once and in order, although the server is killed twice meanwhile", async (t) => {
  const lines = Array.from({ length: 1_000 }, (_, i) => `line ${i}`);
  let server = await TestServer.start(t);
  const { data, port } = server;
  const bob = await server.login(t, "bob");
  bob.say("/join #log");
  await bob.take(1);
  const { child, ended } = filter(t, port, "ci", ["--room", "#log"]);
  for (const [at, part] of [
    lines.slice(0, 300),
    lines.slice(300, 600),
    lines.slice(600),
  ].entries()) {
    child.stdin.write(part.map((line) => `${line}\n`).join(""));
    if (at === 2) break;
    // Once something of this part has arrived.
    const watcher = await server.login(t, `watcher${at}`);
    watcher.say("/join #log");
    await watcher.until(() => watcher.lines.some((line) => line.includes("from ci")), "a line");
    await server.end("SIGKILL");
    server = await TestServer.start(t, { data, args: ["--listen", `127.0.0.1:${port}`] });
  }
  child.stdin.end();
  const { code, stdout, stderr } = await ended;
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "" });
  // One of the two lines for each time that there was no server.
  assert.match(stderr, /^partyline: no connection to .*\npartyline: connected to /);
  const reader = await server.login(t, "bob");
  reader.say("/history #log 1000").finish();
  await reader.end();
  const said = reader.lines
    .filter((line) => line.startsWith("* "))
    .map((line) => line.split(" ci: ")[1]);
  assert.deepEqual(said, lines);
});

// It waited for the room before it read anything: with the server away it kept nothing, and what wrote to it stood still.
test("with a room, too, what is read is kept at once, although there is no server", async (t) => {
  const state = temporaryFolder(t);
  let server = await TestServer.start(t);
  const { data, port } = server;
  await server.end("SIGKILL");
  const first = filter(t, port, "ci", ["--room", "#ops"], state);
  first.child.stdin.write("step 1\n");
  await untilKept(state, "step 1");
  server = await TestServer.start(t, { data, port });
  first.child.stdin.end("step 2\n");
  const { code, stdout } = await first.ended;
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "" });
  const reader = await server.login(t, "ci");
  reader.say("/history #ops").finish();
  await reader.end();
  assert.deepEqual(
    reader.lines.map((line) => line.split(" ci: ")[1]),
    ["step 1", "step 2"],
  );
});

test("a room that one may not join is told, and ends it", async (t) => {
  const server = await TestServer.start(t);
  const bob = await server.login(t, "bob");
  bob.say("/join #own", "/private #own");
  await bob.take(2);
  const { ended } = filter(t, server.port, "ci", ["--room", "#own"]);
  const { code, stderr } = await ended;
  assert.equal(code, 1);
  assert.match(stderr, /^partyline: .*#own.*\n$/);
});

test("what was not sent when it was killed is sent by the next one", async (t) => {
  const state = temporaryFolder(t);
  let server = await TestServer.start(t);
  const { data, port } = server;
  const first = filter(t, port, "alice", [], state);
  first.child.stdin.write("bob: before\n/who\n");
  // Its answer: from here on it is connected, and the message is on the server.
  await once(first.child.stdout, "data");
  await server.end("SIGKILL");
  first.child.stdin.write("bob: while nobody listens\n");
  await untilKept(state, "while nobody listens");
  first.child.kill("SIGKILL");
  await first.ended;
  server = await TestServer.start(t, { data, args: ["--listen", `127.0.0.1:${port}`] });
  const next = filter(t, port, "alice", [], state);
  next.child.stdin.end();
  assert.equal((await next.ended).code, 0);
  const bob = server.connect(t).say("bob").finish();
  await bob.end();
  assert.deepEqual(bob.lines, ["from alice: before", "from alice: while nobody listens"]);
});

// Each of several clients of a name has an outbox of its own, and only the first of these was ever opened again.
test("what one of several clients left is sent by the next one, and told until then", async (t) => {
  const state = temporaryFolder(t);
  let server = await TestServer.start(t);
  const { data, port } = server;
  await server.end("SIGKILL");
  const clients: Filter[] = [];
  for (const said of ["first", "second", "third"]) {
    const client = filter(t, port, "alice", [], state);
    clients.push(client);
    client.child.stdin.write(`bob: ${said}\n`);
    await untilKept(state, said);
  }
  for (const { child, ended } of clients) {
    child.kill("SIGKILL");
    await ended;
  }
  server = await TestServer.start(t, { data, port });
  const alice = await server.login(t, "alice");
  const refused = filter(t, port, "alice", [], state);
  refused.child.stdin.end();
  const { code, stderr } = await refused.ended;
  assert.equal(code, 1);
  assert.match(
    stderr,
    /already connected[^]*\n3 of your messages wait here, and are sent next time\n$/,
  );
  alice.finish();
  await alice.end();
  const next = filter(t, port, "alice", [], state);
  next.child.stdin.end();
  assert.deepEqual(await next.ended, { code: 0, stdout: "", stderr: "" });
  const bob = server.connect(t).say("bob").finish();
  await bob.end();
  assert.deepEqual(bob.lines.toSorted(), [
    "from alice: first",
    "from alice: second",
    "from alice: third",
  ]);
});

test("whoever cannot be connected is told why", async (t) => {
  const server = await TestServer.start(t);
  await server.login(t, "alice");
  const { child, ended } = filter(t, server.port, "alice");
  child.stdin.end();
  const { code, stderr } = await ended;
  assert.equal(code, 1);
  assert.match(stderr, /^partyline: .*already connected[^\n]*\n$/);
});

test("a place that is none is told at the start", async (t) => {
  for (const room of ["", "bad name", "#"]) {
    const { code, stderr } = await filter(t, 1, "alice", ["--room", room]).ended;
    assert.equal(code, 2, room);
    assert.match(stderr, /^partyline: --room: [^\n]*\n$/);
  }
});
