import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { ENVIRONMENT } from "../../test/harness/environment.ts";
import type { ServerStatus } from "./control-protocol.ts";

const COMMAND = fileURLToPath(new URL("../../bin/partyline", import.meta.url));

const root = mkdtempSync(join(tmpdir(), "partyline-main-"));
after(() => rmSync(root, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

class Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";

  constructor(parameters: readonly string[]) {
    this.child = spawn(process.execPath, [COMMAND, ...parameters], {
      stdio: ["ignore", "pipe", "pipe"],
      env: ENVIRONMENT,
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    this.ended = once(this.child, "close").then(([code]) => ({
      code: code as number | null,
      stdout: this.stdout,
      stderr: this.stderr,
    }));
  }

  /** Waits until it has written something, or has ended. */
  async wrote(stream: "stdout" | "stderr", what: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = what.exec(this[stream]);
      if (found !== null) return found;
      const next = await Promise.race([
        once(this.child[stream] as NodeJS.EventEmitter, "data"),
        this.ended,
      ]);
      if (!Array.isArray(next)) assert.fail(`it ended before: ${next.stderr}`);
    }
  }
}

function run(...parameters: readonly string[]): Promise<Ended> {
  return new Running(parameters).ended;
}

function newFolder(): string {
  return join(mkdtempSync(join(root, "folder-")), "data");
}

async function serve(
  t: TestContext,
  folder: string,
  ...parameters: readonly string[]
): Promise<{ server: Running; port: number }> {
  const server = new Running(["serve", "--listen", "127.0.0.1:0", "--data", folder, ...parameters]);
  t.after(() => server.child.kill("SIGKILL"));
  const [, port] = await server.wrote("stdout", /^listening on 127\.0\.0\.1:(\d+)\n/);
  return { server, port: Number(port) };
}

async function logIn(port: number, name: string): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  socket.on("error", () => {});
  await once(socket, "connect");
  socket.write(`${name}\n`);
  return socket;
}

/** Says something to oneself and waits until it is back: then it is committed. */
async function say(port: number, name: string, body: string): Promise<void> {
  const socket = await logIn(port, name);
  socket.end(`${name}: ${body}\n`);
  let heard = "";
  for await (const chunk of socket as AsyncIterable<string>) heard += chunk;
  assert.equal(heard, `from ${name}: ${body}\n`);
}

async function status(folder: string): Promise<ServerStatus> {
  const { stdout } = await run("status", "--data", folder, "--json");
  return JSON.parse(stdout) as ServerStatus;
}

function oneLine({ code, stdout, stderr }: Ended): { code: number | null; line: string } {
  assert.equal(stdout, "");
  assert.match(stderr, /^partyline: [^\n]+\n$/);
  return { code, line: stderr.trim() };
}

test("wrong usage is one line and exit 2", async () => {
  for (const parameters of [["dance"], ["serve", "--lisen", "x"], ["serve", "--listen", "8080"]]) {
    assert.equal(oneLine(await run(...parameters)).code, 2);
  }
});

test("check-config says where each value came from", async () => {
  const { code, stdout } = await run("check-config", "--listen", "[::1]:1", "--listen", "[::1]:2");
  assert.equal(code, 0);
  assert.match(stdout, /^listen +\[::1\]:1,\[::1\]:2 +--listen$/m);
  assert.match(stdout, /^login-time +30s +default$/m);
});

test("a ready server prints one line for each address, and nothing else on stdout", async (t) => {
  const { server } = await serve(t, newFolder(), "--listen", "127.0.0.1:0");
  server.child.kill("SIGTERM");
  const { stdout } = await server.ended;
  assert.match(stdout, /^(listening on 127\.0\.0\.1:\d+\n){2}$/);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} ends it in order, with exit 0`, async (t) => {
    const { server } = await serve(t, newFolder());
    server.child.kill(signal);
    assert.equal((await server.ended).code, 0);
  });
}

test("a second signal ends it at once", async (t) => {
  const { server, port } = await serve(t, newFolder(), "--shutdown-time", "1h");
  const deaf = (await logIn(port, "deaf")).pause();
  t.after(() => deaf.destroy());
  const talker = await logIn(port, "talker");
  talker.end(`deaf: ${"x".repeat(60_000)}\n`.repeat(300));
  await once(talker.resume(), "close");
  server.child.kill("SIGTERM");
  await server.wrote("stderr", /"stopping"/);
  // One that follows within a moment is taken for the same one.
  const again = setInterval(() => server.child.kill("SIGTERM"), 20);
  assert.equal((await server.ended).code, 143);
  clearInterval(again);
});

test("a signal that arrives twice, as from timeout(1), still ends it in order", async (t) => {
  const { server } = await serve(t, newFolder());
  server.child.kill("SIGTERM");
  server.child.kill("SIGTERM");
  assert.equal((await server.ended).code, 0);
});

test("its own log is JSON when stderr is no terminal", async (t) => {
  const { server } = await serve(t, newFolder());
  server.child.kill("SIGTERM");
  const lines = (await server.ended).stderr.trim().split("\n");
  const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  assert.deepEqual(messages, ["ready", "stopping", "stopped"]);
});

test("nobody reading stdout is no reason to end", async (t) => {
  const server = new Running(["serve", "--listen", "127.0.0.1:0", "--data", newFolder()]);
  t.after(() => server.child.kill("SIGKILL"));
  server.child.stdout?.destroy();
  await server.wrote("stderr", /"ready"/);
  server.child.kill("SIGTERM");
  assert.equal((await server.ended).code, 0);
});

test("an address in use is one line and exit 1", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  t.after(() => other.close());
  await once(other, "listening");
  const address = `127.0.0.1:${(other.address() as AddressInfo).port}`;
  const { code, line } = oneLine(await run("serve", "--listen", address, "--data", newFolder()));
  assert.equal(code, 1);
  assert.match(line, new RegExp(`cannot listen on ${address}: another program listens there`));
});

test("a data folder that another server has is one line and exit 1", async (t) => {
  const folder = newFolder();
  const { port } = await serve(t, folder);
  const ended = await run("serve", "--listen", "127.0.0.1:0", "--data", folder);
  assert.equal(oneLine(ended).code, 1);
  assert.match(ended.stderr, /is in use by another partyline/);
  await say(port, "alice", "still there");
  assert.equal((await status(folder)).connections, 0);
});

test("a data folder that cannot be made is one line and exit 1", async () => {
  const file = join(root, "a-file");
  writeFileSync(file, "");
  const ended = await run("serve", "--listen", "127.0.0.1:0", "--data", join(file, "data"));
  assert.equal(oneLine(ended).code, 1);
});

test(
  "a data folder that may not be written is one line and exit 1",
  { skip: process.getuid?.() === 0 && "root may write everywhere" },
  async () => {
    const folder = mkdtempSync(join(root, "folder-"));
    chmodSync(folder, 0o500);
    const ended = await run("serve", "--listen", "127.0.0.1:0", "--data", folder);
    assert.equal(oneLine(ended).code, 1);
  },
);

test("a log of a newer program is one line and exit 1, and stays as it is", async (t) => {
  const folder = newFolder();
  const { server } = await serve(t, folder);
  server.child.kill("SIGTERM");
  await server.ended;
  const database = new DatabaseSync(join(folder, "partyline.db"));
  database.exec("PRAGMA user_version = 1000");
  const ended = await run("serve", "--listen", "127.0.0.1:0", "--data", folder);
  assert.equal(oneLine(ended).code, 1);
  assert.match(ended.stderr, /newer partyline/);
  assert.deepEqual({ ...database.prepare("PRAGMA user_version").get() }, { user_version: 1000 });
  database.close();
});

test("status tells who is there", async (t) => {
  const folder = newFolder();
  const { port } = await serve(t, folder);
  const alice = await logIn(port, "alice");
  t.after(() => alice.destroy());
  alice.write("alice: hi\n");
  await once(alice, "data");
  const { connected, connections, addresses, unavailable } = await status(folder);
  assert.deepEqual(connected, ["alice"]);
  assert.equal(connections, 1);
  assert.deepEqual(addresses, [`127.0.0.1:${port}`]);
  assert.equal(unavailable, null);
});

test("status without a server is one line and exit 1", async () => {
  const ended = await run("status", "--data", newFolder());
  assert.equal(oneLine(ended).code, 1);
  assert.match(ended.stderr, /no server is running/);
});

test("a backup that is restored brings back what was said, in a log of another id", async (t) => {
  const folder = newFolder();
  const backup = join(folder, "..", "backup.db");
  const { server, port } = await serve(t, folder);
  await say(port, "alice", "before");
  const before = await status(folder);
  assert.equal((await run("backup", backup, "--data", folder)).code, 0);
  assert.match(oneLine(await run("backup", backup, "--data", folder)).line, /exists already/);
  assert.match(oneLine(await run("restore", backup, "--data", folder)).line, /in use by another/);
  server.child.kill("SIGTERM");
  await server.ended;
  assert.equal((await run("restore", backup, "--data", folder)).code, 0);
  assert.ok(readdirSync(folder).some((file) => file.startsWith("partyline.db.replaced-")));
  await serve(t, folder);
  const restored = await status(folder);
  assert.notEqual(restored.log.id, before.log.id);
  assert.equal(restored.log.names, before.log.names);
  assert.ok(restored.log.head >= before.log.head);
});

test("a file that is no backup is one line and exit 1, and nothing is replaced", async () => {
  const folder = newFolder();
  const file = join(root, "no-backup");
  writeFileSync(file, "hello");
  assert.equal(oneLine(await run("restore", file, "--data", folder)).code, 1);
  assert.ok(!existsSync(join(folder, "partyline.db")));
});
