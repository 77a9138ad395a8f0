// `partyline send` and `partyline listen`, as scripts use them.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { test, type TestContext } from "node:test";
import { connect } from "../src/client/index.ts";
import { COMMAND } from "./harness/command.ts";
import { ENVIRONMENT } from "./harness/environment.ts";
import { play } from "./harness/play.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

interface Script {
  readonly child: ChildProcess;
  readonly ended: Promise<{ code: number | null; out: string; errors: string }>;
}

/** Runs `partyline …` with a state folder. */
function start(
  t: TestContext,
  state: string,
  args: readonly string[],
  input?: string,
  env: NodeJS.ProcessEnv = {},
): Script {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...ENVIRONMENT, ...env, XDG_STATE_HOME: state },
  });
  t.after(() => child.kill("SIGKILL"));
  child.stdin.end(input ?? "");
  const exit = once(child, "exit");
  const ended = Promise.all([text(child.stdout), text(child.stderr), exit]).then(
    ([out, errors, [code]]) => ({ code: code as number | null, out, errors }),
  );
  return { child, ended };
}

/** The same, with its lines as they come. */
function follow(t: TestContext, state: string, args: readonly string[]) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    env: { ...ENVIRONMENT, XDG_STATE_HOME: state },
    stdio: ["ignore", "pipe", "pipe"],
  });
  t.after(() => child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const body = async (): Promise<string> =>
    (JSON.parse((await lines.next()).value as string) as { body: string }).body;
  return { child, body };
}

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
  const [told] = (await once(sending.child.stderr!, "data")) as [Buffer];
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
  assert.match(gaveUp.errors, /\npartyline: aborted no connection in time: it was not sent\n$/);
});

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

/** Of an account "bot" that is made for it. */
async function makeToken(port: number): Promise<string> {
  await using line = connect(`partyline://127.0.0.1:${port}`, { name: "bot" });
  await line.register("correct horse");
  return await line.makeToken("ci");
}
