// Very many logins at once, and more of them than there are open files for.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { connectionsWithin } from "../src/server/open-files.ts";
import { TestServer } from "./harness/server.ts";

/** As many as this process has open files for, with some for itself. PARTYLINE_LOGINS for another number. */
const LOGINS = Number(process.env["PARTYLINE_LOGINS"] ?? connectionsWithin(10_000));

/** How long it may take until the last of them has its message, in ms: 30 s is the login time. */
const PATIENCE = 25_000;

/** util-linux is everywhere where Linux is. */
const asLinux = { skip: process.platform !== "linux" && "needs Linux" };

/** Connects and says the name at once; resolves when a line has come. */
function logIn(
  t: TestContext,
  port: number,
  name: string,
): { socket: Socket; line: Promise<string> } {
  const socket = connect({ port, host: "127.0.0.1" });
  t.after(() => socket.destroy());
  socket.setEncoding("utf8").on("error", () => {});
  socket.write(`${name}\n`);
  const line = once(socket, "data").then(([text]) => String(text));
  return { socket, line };
}

test(`${LOGINS} logins at once, and a message to each of them`, async (t) => {
  const server = await TestServer.start(t);
  const began = performance.now();
  const guests = Array.from({ length: LOGINS }, (_, i) => logIn(t, server.port, `guest${i}`));
  const sender = await server.login(t, "sender");
  sender.say(...guests.map((_, i) => `guest${i}: welcome, guest${i}`));
  const lines = await Promise.all(guests.map(({ line }) => line));
  const took = performance.now() - began;
  lines.forEach((line, i) => assert.equal(line, `from sender: welcome, guest${i}\n`));
  assert.ok(took < PATIENCE, `${took} ms`);
  t.diagnostic(`${LOGINS} of them in ${Math.round(took)} ms`);
});

test("more connections than open files: said once, and it goes on when there is room", async (t) => {
  const server = await TestServer.start(t, { shell: 'ulimit -n 200; exec "$@"' });
  const answers: string[] = [];
  const guests = Array.from({ length: 300 }, (_, i) => {
    const { socket } = logIn(t, server.port, `guest${i}`);
    socket.on("data", (text) => answers.push(String(text)));
    return { socket, closed: once(socket, "close") };
  });
  // About a hundred get in, and are told nothing; the others are sent away.
  let closed = 0;
  await new Promise<void>((resolve) => {
    for (const guest of guests) {
      void guest.closed.then(() => {
        closed += 1;
        if (closed === 190) resolve();
      });
    }
  });
  assert.ok(answers.length > 0);
  for (const answer of answers) assert.match(answer, /^! too-many-connections /);
  const said = server
    .errors()
    .split("\n")
    .filter((line) => line.includes("turned away"));
  assert.equal(said.length, 1, "once, not for each");
  for (const { socket } of guests) socket.destroy();
  // They are gone one after another; each try is a connection of its own.
  for (let tries = 0; ; tries++) {
    assert.ok(tries < 1000, "there is no room again");
    const late = server.connect(t).say("late", "late: hello");
    await late.until(() => late.lines.length > 0 || late.ended, "an answer");
    if (late.lines[0] === "from late: hello") break;
    await late.end();
  }
});

// The server counts its open files before it starts; who takes them away while it runs finds a server
// that hangs up on newcomers, since that is what Node does, and goes on with those who are there.
test("open files that are taken away while it runs end nobody and nothing", asLinux, async (t) => {
  const server = await TestServer.start(t);
  const alice = await server.login(t, "alice");
  const bob = await server.login(t, "bob");
  limitOpenFiles(server, readdirSync(`/proc/${server.child.pid}/fd`).length + 10);
  const strangers = Array.from({ length: 50 }, (_, i) => server.connect(t).say(`stranger${i}`));
  await Promise.race(strangers.map((stranger) => stranger.end()));
  alice.say("bob: can you hear me?");
  await bob.expect("from alice: can you hear me?");
  bob.say("alice: yes", "/history alice 2");
  await alice.expect("from bob: yes");
  assert.equal((await bob.take(2)).length, 2);
  limitOpenFiles(server, 1024);
  const late = server.connect(t).say("late", "late: hello");
  await late.expect("from late: hello");
  assert.doesNotMatch(server.errors(), /"level":[56]0/);
  assert.equal(await server.end("SIGTERM"), 0);
});

function limitOpenFiles({ child }: TestServer, files: number): void {
  execFileSync("prlimit", [`--pid=${child.pid}`, `--nofile=${files}:`]);
}
