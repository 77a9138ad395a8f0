import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test, type TestContext } from "node:test";
import { askServer } from "./control-client.ts";
import { type Control, type ControlHandlers, openControl } from "./control.ts";
import type { ServerStatus } from "./control-protocol.ts";
import { controlSocketPath } from "./control-socket.ts";

const STATUS: ServerStatus = {
  version: "1.2.3",
  pid: 1,
  uptime: 5,
  addresses: ["127.0.0.1:8080"],
  log: { id: "k3", head: 7, bytes: 4096, names: 2, unseenNames: 1 },
  unavailable: null,
  connections: 3,
  connected: ["alice"],
};

const HANDLERS: ControlHandlers = {
  status: () => Promise.resolve(STATUS),
  user: () => Promise.resolve({}),
  backup(file, progress) {
    progress(0.5);
    progress(1);
    return Promise.resolve({ file, bytes: 10 });
  },
};

const root = mkdtempSync(join(tmpdir(), "partyline-control-"));
after(() => rmSync(root, { recursive: true }));

async function open(
  t: TestContext,
  handlers: ControlHandlers = HANDLERS,
): Promise<{ folder: string; control: Control }> {
  const folder = mkdtempSync(join(root, "data-"));
  const control = await openControl(controlSocketPath(folder), handlers);
  t.after(() => control.close().catch(() => {}));
  return { folder, control };
}

test("status is answered", async (t) => {
  const { folder } = await open(t);
  assert.deepEqual(await askServer(folder, { request: "status" }), { status: STATUS });
});

test("a backup tells its progress, then its end", async (t) => {
  const { folder } = await open(t);
  const progress: number[] = [];
  const answer = await askServer(folder, { request: "backup", file: "/b" }, (done) =>
    progress.push(done),
  );
  assert.deepEqual(progress, [0.5, 1]);
  assert.deepEqual(answer, { backup: { file: "/b", bytes: 10 } });
});

test("what fails in the server is told in its words", async (t) => {
  const { folder } = await open(t, {
    ...HANDLERS,
    backup: () => Promise.reject(new Error("no room")),
  });
  await assert.rejects(askServer(folder, { request: "backup", file: "/b" }), {
    message: "no room",
  });
});

test("nobody but the server's user may use the socket", async (t) => {
  const { folder } = await open(t);
  assert.equal(statSync(controlSocketPath(folder)).mode & 0o777, 0o600);
});

test("a socket that a killed server left is replaced", async (t) => {
  const folder = mkdtempSync(join(root, "data-"));
  const path = controlSocketPath(folder);
  writeFileSync(path, "");
  const control = await openControl(path, HANDLERS);
  t.after(() => control.close());
  assert.deepEqual(await askServer(folder, { request: "status" }), { status: STATUS });
});

test("the socket is gone after the server's end", async (t) => {
  const { folder, control } = await open(t);
  await control.close();
  assert.ok(!existsSync(controlSocketPath(folder)));
});

test("without a server, one line says so", async () => {
  const folder = mkdtempSync(join(root, "data-"));
  await assert.rejects(askServer(folder, { request: "status" }), {
    message: `no server is running on the data folder ${folder}`,
    exitCode: 1,
  });
});

test("a server that ends before it has answered is told", async (t) => {
  const folder = mkdtempSync(join(root, "data-"));
  const server = createServer((socket) => socket.destroy()).listen(controlSocketPath(folder));
  t.after(() => server.close());
  await once(server, "listening");
  await assert.rejects(askServer(folder, { request: "status" }), {
    message: "the server ended before it had answered",
  });
});

test("a server that ends while it makes a backup leaves nobody waiting", async (t) => {
  const asked = Promise.withResolvers<void>();
  const { folder, control } = await open(t, {
    ...HANDLERS,
    backup() {
      asked.resolve();
      return new Promise(() => {});
    },
  });
  const answer = askServer(folder, { request: "backup", file: "/b" });
  await asked.promise;
  await Promise.all([control.close(), assert.rejects(answer, /ended before it had answered/)]);
});

test("a request that is none is answered with an error, and the next one is heard", async (t) => {
  const { folder } = await open(t);
  const socket = connect(controlSocketPath(folder)).setEncoding("utf8");
  socket.end('{"request":"dance"}\n{"request":"status"}\n');
  let answers = "";
  for await (const chunk of socket as AsyncIterable<string>) answers += chunk;
  const [first, second] = answers
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  assert.deepEqual(first, { error: 'unknown request: {"request":"dance"}' });
  assert.deepEqual(second, { status: STATUS });
});

test("a path that is too long for the system is used relative to the working folder", () => {
  const folder = join("/", "x".repeat(120), "data");
  assert.equal(controlSocketPath(folder, join("/", "x".repeat(120))), "data/control.sock");
});

test("a path that is too long either way is refused in one line", () => {
  const folder = join("/", "x".repeat(120));
  assert.throws(() => controlSocketPath(folder, "/"), /over the system's \d+ bytes/);
});
