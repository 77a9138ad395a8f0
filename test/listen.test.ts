// `partyline listen`, as scripts use it.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { listen } from "../src/scripts/listen.ts";
import { COMMAND } from "./harness/command.ts";
import { ENVIRONMENT } from "./harness/environment.ts";
import { untilKept } from "./harness/kept.ts";
import { play } from "./harness/play.ts";
import { follow, makeToken, type Script, start, untilSaid } from "./harness/script.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

test("listen goes on where it was, also after it was killed", async (t) => {
  const server = await TestServer.start(t);
  const state = temporaryFolder(t);
  const args = ["listen", "--server", `127.0.0.1:${server.port}`, "--as", "bot"];
  await play(server.port, "alice\nbot: one\nbot: two\n");
  const first = follow(t, state, args);
  assert.equal(await first.body(), "one");
  assert.equal(await first.body(), "two");
  await play(server.port, "alice\nbot: three\n");
  assert.equal(await first.body(), "three");
  first.child.kill("SIGKILL");
  await once(first.child, "exit");
  await play(server.port, "alice\nbot: four\n");
  const second = follow(t, state, args);
  const again = await second.body();
  // What was printed last may not have been confirmed yet.
  assert.ok(["three", "four"].includes(again), again);
  if (again === "three") assert.equal(await second.body(), "four");
  second.child.kill("SIGTERM");
  const [code] = (await once(second.child, "exit")) as [number];
  assert.equal(code, 0);
});

test("a message is confirmed once the command for it has succeeded", async (t) => {
  const server = await TestServer.start(t);
  const folder = temporaryFolder(t);
  const state = temporaryFolder(t);
  const run = (onError: string, command: string): Script =>
    start(t, state, [
      "listen",
      "--server",
      `127.0.0.1:${server.port}`,
      "--as",
      "bot",
      "--on-error",
      onError,
      "--exec",
      command,
    ]);
  await play(server.port, "alice\nbot: one\nbot: two\n");
  const stopped = await run(
    "stop",
    `test "$PARTYLINE_BODY" = one && echo "$PARTYLINE_FROM says $PARTYLINE_BODY"`,
  ).ended;
  assert.equal(stopped.code, 1);
  assert.equal(stopped.out, "alice says one\n");
  assert.match(stopped.errors, /the command for message 2 ended with 1: stopping\n$/);
  // It fails twice, and succeeds then.
  const tries = `echo x >> ${folder}/tries; test $(wc -l < ${folder}/tries) -ge 3 && echo "$PARTYLINE_BODY" > ${folder}/done && kill $PPID`;
  const retried = await run("retry", tries).ended;
  assert.match(retried.errors, /again in .* s\n.*again in .* s\n/);
  const skipped = follow(t, state, [
    "listen",
    "--server",
    `127.0.0.1:${server.port}`,
    "--as",
    "bot",
  ]);
  await play(server.port, "alice\nbot: three\n");
  const next = await skipped.body();
  assert.ok(["two", "three"].includes(next), next);
});

test("a command that the system cannot start has failed, and is no end of all", async (t) => {
  // Linux takes no variable of more than 128 KiB, and the error ended the program with a stack.
  const server = await TestServer.start(t, { args: ["--max-line-bytes", "1MiB"] });
  await play(server.port, `alice\nbot: ${"x".repeat(200_000)}\nbot: short\n`);
  const { out, errors } = await start(t, temporaryFolder(t), [
    "listen",
    "--server",
    `127.0.0.1:${server.port}`,
    "--as",
    "bot",
    "--on-error",
    "skip",
    "--exec",
    'echo "$PARTYLINE_BODY"; kill $PPID',
  ]).ended;
  assert.equal(out, "short\n");
  assert.match(
    errors,
    /^partyline: the command for message 1 could not be started: .*E2BIG: skipped/,
  );
});

test("a command that succeeds while it is asked to stop is confirmed, and one's own messages are for others", async (t) => {
  // The line was closed before that could be kept, and the next run did it again. And a bot that sent
  // something under its own name answered itself for ever.
  const server = await TestServer.start(t, { args: ["--registration", "open"] });
  const state = temporaryFolder(t);
  const token = await makeToken(server.port);
  const env = { PARTYLINE_TOKEN: token };
  const address = ["--server", `127.0.0.1:${server.port}`, "--as", "bot"];
  const sent = await start(t, state, ["send", ...address, "--to", "carol", "mine"], "", env).ended;
  assert.equal(sent.code, 0);
  await play(server.port, "alice\nbot: one\nbot: two\n");
  const command = 'echo "$PARTYLINE_BODY"; kill $PPID; sleep 0.3';
  const first = await start(t, state, ["listen", ...address, "--exec", command], "", env).ended;
  assert.deepEqual([first.code, first.out], [0, "one\n"]);
  const next = await start(t, state, ["listen", ...address, "--exec", command], "", env).ended;
  assert.deepEqual([next.code, next.out], [0, "two\n"]);
});

test("what send has received is nothing of listen's, and a second listener is told", async (t) => {
  // They had a file together, or each the other's: listen found an old cursor, and ran everything again.
  const server = await TestServer.start(t, { args: ["--registration", "open"] });
  const state = temporaryFolder(t);
  const env = { PARTYLINE_TOKEN: await makeToken(server.port) };
  const address = ["--server", `127.0.0.1:${server.port}`, "--as", "bot"];
  const run = (input: string | null, ...args: string[]): Script =>
    start(t, state, [...args.slice(0, 1), ...address, ...args.slice(1)], input, env);
  const one = ["--exec", 'echo "$PARTYLINE_SEQ $PARTYLINE_BODY"; kill $PPID'];
  // Both at once: a send that has its file for long.
  const sending = run(null, "send", "--to", "carol");
  sending.child.stdin.write("mine\n");
  const carol = await server.login(t, "carol");
  await carol.expect("from bot: mine");
  await play(server.port, "alice\nbot: one\nbot: two\n");
  assert.match((await run("", "listen", ...one).ended).out, /^\d+ one\n$/);
  sending.child.stdin.end();
  await sending.ended;
  assert.match((await run("", "listen", ...one).ended).out, /^\d+ two\n$/);
  const listening = run("", "listen");
  const printed = untilSaid(listening.child.stdout, /three/);
  await play(server.port, "alice\nbot: three\n");
  await printed;
  const second = await run("", "listen").ended;
  assert.equal(second.code, 1);
  assert.match(second.errors, /^partyline: store-in-use another partyline listen has .*--state/);
  // Another file is another listener: he begins where the name is, and gets everything from then on.
  const folder = temporaryFolder(t);
  const own = run("", "listen", "--state", join(folder, "second.json"), ...one);
  await untilKept(folder, '"received"');
  await play(server.port, "alice\nbot: four\n");
  assert.match((await own.ended).out, / four\n$/);
});

test("who reads nothing keeps it from no end", async (t) => {
  // A pipe that was full, and SIGTERM: it waited for its reader for ever.
  const server = await TestServer.start(t);
  await play(server.port, "alice\nbot: one\n");
  const stop = new AbortController();
  const code = listen({
    as: "bot",
    server: `127.0.0.1:${server.port}`,
    rooms: [],
    onError: "retry",
    // It never says that it has written.
    stdout: new Writable({ highWaterMark: 1, write: () => stop.abort("SIGTERM") }),
    state: join(temporaryFolder(t), "listen.json"),
    signal: stop.signal,
  });
  assert.equal(await code, 0);
});

test("a command that is killed with us is not skipped", async (t) => {
  // A terminal's Ctrl-C, and systemd, end the command too: with --on-error skip the message was lost.
  const server = await TestServer.start(t);
  const state = temporaryFolder(t);
  await play(server.port, "alice\nbot: one\n");
  const address = ["listen", "--server", `127.0.0.1:${server.port}`, "--as", "bot"];
  const skip = [...address, "--on-error", "skip", "--exec"];
  const killed = await start(t, state, [...skip, "kill $PPID; sleep 0.3; kill $$"]).ended;
  assert.equal(killed.code, 0);
  assert.match(killed.errors, /was ended by SIGTERM: it comes again with the next start\n$/);
  const next = await start(t, state, [...skip, 'echo "$PARTYLINE_BODY"; kill $PPID']).ended;
  assert.equal(next.out, "one\n");
});

test("a message has a command with quotes, and what that leaves running is not waited for", async (t) => {
  const server = await TestServer.start(t);
  const state = temporaryFolder(t);
  const body = `it's "quoted"; $(exit 1) \`exit 1\` \\ * 线`;
  await play(server.port, `alice\nbot: ${body}\n`);
  const command = `sleep 60 >/dev/null 2>&1 & echo $! "it's $PARTYLINE_BODY"; kill $PPID`;
  const address = ["listen", "--server", `127.0.0.1:${server.port}`, "--as", "bot"];
  const { code, out } = await start(t, state, [...address, "--exec", command]).ended;
  const [child, ...said] = out.split(" ");
  process.kill(Number(child));
  assert.deepEqual([code, said.join(" ")], [0, `it's ${body}\n`]);
});

test("listen that is stopped before it has a connection ends well", async (t) => {
  // A stopped service counted as failed, where its server was away.
  const state = temporaryFolder(t);
  const { child, ended } = start(t, state, ["listen", "--server", "127.0.0.1:1", "--as", "bot"]);
  await once(child.stderr, "data");
  child.kill("SIGTERM");
  assert.equal((await ended).code, 0);
});

const FULL = "/dev/full";
const onFull = { skip: !existsSync(FULL) && `this system has no ${FULL}` };

test("an output that cannot be written is told, and its message comes again", onFull, async (t) => {
  // A full disk was taken for a reader that had ended: nothing was said, and the exit code was 0.
  const server = await TestServer.start(t);
  const state = temporaryFolder(t);
  await play(server.port, "alice\nbot: one\n");
  const args = ["listen", "--server", `127.0.0.1:${server.port}`, "--as", "bot"];
  const full = openSync(FULL, "w");
  t.after(() => closeSync(full));
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...ENVIRONMENT, XDG_STATE_HOME: state },
    stdio: ["ignore", full, "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [errors, [code]] = await Promise.all([
    text(child.stderr ?? assert.fail()),
    once(child, "exit"),
  ]);
  assert.match(errors, /^partyline: the output cannot be written: .*ENOSPC/);
  assert.equal(code, 1);
  assert.equal(await follow(t, state, args).body(), "one");
});
