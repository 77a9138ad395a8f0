// `partyline send`, as scripts use it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { openSync } from "node:fs";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { COMMAND, partyline } from "./harness/command.ts";
import { ENVIRONMENT } from "./harness/environment.ts";
import { play } from "./harness/play.ts";
import { makeToken, start, untilSaid } from "./harness/script.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

test("a message is durable when send ends, and each line of stdin is one", async (t) => {
  const server = await TestServer.start(t);
  const state = temporaryFolder(t);
  const to = ["--server", `127.0.0.1:${server.port}`, "--as", "ci"];
  const one = await start(t, state, ["send", ...to, "--to", "alice", "deployed"]).ended;
  assert.deepEqual(one, { code: 0, out: "", errors: "" });
  const many = await start(t, state, ["send", ...to, "--to", "alice,bob"], "one\ntwo\n").ended;
  assert.equal(many.code, 0);
  await server.end("SIGKILL");
  const next = await TestServer.start(t, { data: server.data });
  const alice = (await play(next.port, "alice\n")).toString();
  assert.equal(alice, "from ci: deployed\nfrom ci: one\nfrom ci: two\n");
  assert.equal((await play(next.port, "bob\n")).toString(), "from ci: one\nfrom ci: two\n");
});

test("send waits for a server that is away, joins rooms, and says what is refused", async (t) => {
  const server = await TestServer.start(t);
  const state = temporaryFolder(t);
  const to = ["--server", `127.0.0.1:${server.port}`, "--as", "ci"];
  await server.end("SIGKILL");
  const sending = start(t, state, ["send", ...to, "--to", "#ops", "deployed"]);
  const [told] = (await once(sending.child.stderr, "data")) as [Buffer];
  assert.match(told.toString(), /^partyline: no connection to 127.0.0.1:\d+ \(.+\); trying until/);
  const next = await TestServer.start(t, { data: server.data, port: server.port });
  const sent = await sending.ended;
  assert.equal(sent.code, 0);
  assert.equal(sent.errors.split("\n")[1], `partyline: connected to 127.0.0.1:${next.port}`);
  const history = (await play(next.port, "ci\n/history #ops\n")).toString();
  assert.match(history, /ci: deployed\n$/);
  const refused = await start(t, state, ["send", ...to, "--to", "no name", "x"]).ended;
  assert.equal(refused.code, 1);
  assert.match(refused.errors, /^partyline: bad-name "no name" is not a name/);
  await next.end("SIGKILL");
  const gaveUp = await start(t, state, ["send", ...to, "--to", "bob", "--timeout", "1s", "x"])
    .ended;
  assert.equal(gaveUp.code, 1);
  assert.match(gaveUp.errors, /\npartyline: given up after 1 s: nothing was sent\n$/);
});

/** What is asked of every run. */
function toBob(port: number, ...more: string[]): string[] {
  return ["send", "--server", `127.0.0.1:${port}`, "--as", "ci", "--to", "bob", ...more];
}

test("what a signal ends is not sent later, and it is said what became of it", async (t) => {
  // The message stayed in the state file, and the next run sent it, unasked.
  const server = await TestServer.start(t);
  const state = temporaryFolder(t);
  await server.end("SIGTERM");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    const { child, ended } = start(t, state, toBob(server.port, `before ${signal}`));
    await untilSaid(child.stderr, /trying until there is one/);
    child.kill(signal);
    const { code, errors } = await ended;
    assert.equal(code, signal);
    assert.match(errors, new RegExp(`\npartyline: ended by ${signal}: nothing was sent\n$`));
  }
  const next = await TestServer.start(t, { data: server.data, port: server.port });
  assert.equal((await start(t, state, toBob(next.port, "asked for")).ended).code, 0);
  assert.equal((await play(next.port, "bob\n")).toString(), "from ci: asked for\n");
});

test("of the lines on their way, those that nobody answered may have arrived, and the rest is withdrawn", async (t) => {
  const server = await TestServer.start(t);
  const state = temporaryFolder(t);
  const { child, ended } = start(t, state, toBob(server.port), null);
  child.stdin.write("one\n");
  const bob = await server.login(t, "bob");
  await bob.expect("from ci: one");
  // It takes nothing any more, and hangs up on nobody.
  server.child.kill("SIGSTOP");
  t.after(() => server.child.kill("SIGCONT"));
  child.stdin.write("two\nthree\n");
  const watching = start(t, state, toBob(server.port, "--timeout", "1s", "four"));
  await watching.ended;
  child.kill("SIGTERM");
  const { code, errors } = await ended;
  assert.equal(code, "SIGTERM");
  assert.equal(
    errors,
    "partyline: ended by SIGTERM: lines 2-3 may have arrived; nothing after line 3 was read\n",
  );
});

test("a message that takes too long ends the run, and reading for long does not", async (t) => {
  // The time ran from the start: with a slow input nothing was sent after it.
  const server = await TestServer.start(t);
  const { child, ended } = start(
    t,
    temporaryFolder(t),
    toBob(server.port, "--timeout", "2s"),
    null,
  );
  const bob = await server.login(t, "bob");
  const began = Date.now();
  child.stdin.write("one\n");
  await bob.expect("from ci: one");
  // Other commands meanwhile, until it is longer ago than that.
  while (Date.now() < began + 2_500) await partyline("--version");
  child.stdin.write("two\n");
  await bob.expect("from ci: two");
  await server.end("SIGKILL");
  child.stdin.write("three\n");
  const { code, errors } = await ended;
  assert.equal(code, 1);
  assert.match(
    errors,
    /\npartyline: given up after 2 s: line 3 (was not sent|may have arrived); nothing after line 3 was read\n$/,
  );
});

test("a line is what ends with a line feed, and what is no text is told", async (t) => {
  // readline also split at U+2028 and at a lone carriage return, and what was not UTF-8 was sent as something else.
  const server = await TestServer.start(t);
  const input = Buffer.from("one\u2028two\r\n\n\xff\nlast", "latin1");
  const bytes = Buffer.concat([Buffer.from("a\u2028b\r\n\n"), input.subarray(-6)]);
  const { code, errors } = await start(t, temporaryFolder(t), toBob(server.port), bytes).ended;
  assert.equal(code, 1);
  assert.equal(errors, "partyline: line 3: not sent, since it is not UTF-8\n");
  const bob = (await play(server.port, "bob\n")).toString();
  assert.equal(bob, "from ci: a\u2028b\nfrom ci: \nfrom ci: last\n");
});

test("an input that cannot be read is no empty one", async (t) => {
  // A folder as stdin ended with 0.
  const server = await TestServer.start(t);
  const folder = temporaryFolder(t);
  const child = spawn(process.execPath, [COMMAND, ...toBob(server.port)], {
    env: { ...ENVIRONMENT, XDG_STATE_HOME: folder },
    stdio: [openSync(folder, "r"), "ignore", "pipe"],
  });
  const [errors, [code]] = await Promise.all([text(child.stderr!), once(child, "exit")]);
  assert.equal(code, 1);
  assert.match(errors, /^partyline: the input cannot be read: EISDIR/);
});

test("two at the same moment both send, and an open name waits for the other one", async (t) => {
  const server = await TestServer.start(t, { args: ["--registration", "open"] });
  const state = temporaryFolder(t);
  const first = start(t, state, toBob(server.port), null);
  const bob = await server.login(t, "bob");
  first.child.stdin.write("one\n");
  await bob.expect("from ci: one");
  const second = start(t, state, toBob(server.port, "two"));
  await untilSaid(second.child.stderr, /another partyline send is ci at the moment: waiting/);
  first.child.stdin.end();
  assert.equal((await first.ended).code, 0);
  assert.equal((await second.ended).code, 0);
  await bob.expect("from ci: two");
  // An account may be connected more than once.
  const env = { PARTYLINE_TOKEN: await makeToken(server.port) };
  const as = ["send", "--server", `127.0.0.1:${server.port}`, "--as", "bot", "--to", "bob"];
  const long = start(t, state, as, null, env);
  long.child.stdin.write("three\n");
  await bob.expect("from bot: three");
  assert.deepEqual(await start(t, state, [...as, "four"], "", env).ended, {
    code: 0,
    out: "",
    errors: "",
  });
  await bob.expect("from bot: four");
});

test("killed at any moment and run again with --once, each line is sent once", async (t) => {
  const server = await TestServer.start(t);
  const state = temporaryFolder(t);
  const file = join(state, "lines.once");
  const lines = Array.from({ length: 3_000 }, (_, i) => `line ${i}`);
  const args = toBob(server.port, "--once", file);
  const received: string[] = [];
  for (const part of [700, 1_900]) {
    const bob = await server.login(t, "bob");
    const run = start(t, state, args, null);
    run.child.stdin.write(
      lines
        .slice(0, part)
        .map((line) => `${line}\n`)
        .join(""),
    );
    // In the middle of it.
    received.push(...(await bob.take(300)));
    run.child.kill("SIGKILL");
    await run.ended;
    await bob.finish().end();
    received.push(...bob.lines);
  }
  const input = lines.map((line) => `${line}\n`).join("");
  assert.equal((await start(t, state, args, input).ended).code, 0);
  assert.equal((await start(t, state, args, input).ended).code, 0);
  const rest = (await play(server.port, "bob\n")).toString();
  received.push(...rest.trimEnd().split("\n"));
  assert.deepEqual(
    received,
    lines.map((line) => `from ci: ${line}`),
  );
  const other = await start(t, state, [...args, "another message"]).ended;
  assert.equal(other.code, 2);
  assert.match(other.errors, /^partyline: --once names a file of another input/);
});
