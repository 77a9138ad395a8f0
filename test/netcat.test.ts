// The real nc, and a client as the tutorial of the original design has it, work unchanged.

import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { after, before, test, type TestContext } from "node:test";
import { TestServer } from "./harness/server.ts";

const server = await TestServer.start({ after }, { args: ["--durability", "process"] });

const PATIENCE = 20_000;
const hasNetcat = String(spawnSync("nc", ["-h"]).stderr).includes("OpenBSD");
const needsNetcat = { skip: !hasNetcat && "install netcat-openbsd" };

before(() => {
  assert.ok(hasNetcat || process.env["CI"] === undefined, "install netcat-openbsd");
});

function nc(t: TestContext, ...flags: string[]): ChildProcess {
  const child = spawn("nc", [...flags, "127.0.0.1", String(server.port)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  return child;
}

/** Runs a shell line such as `echo alice | nc -N "$@"` and gives what it prints. */
async function shell(t: TestContext, line: string): Promise<string> {
  const child = spawn("sh", ["-c", line, "sh", "127.0.0.1", String(server.port)], {
    stdio: ["ignore", "pipe", "inherit"],
    signal: AbortSignal.timeout(PATIENCE),
  });
  t.after(() => child.kill("SIGKILL"));
  return text(child.stdout);
}

test("two nc in conversation", needsNetcat, async (t) => {
  const alice = nc(t);
  const bob = nc(t);
  const toAlice = createInterface({ input: alice.stdout ?? assert.fail() });
  const toBob = createInterface({ input: bob.stdout ?? assert.fail() });
  const signal = AbortSignal.timeout(PATIENCE);
  bob.stdin?.write("bob\n");
  alice.stdin?.write("alice\nbob: hi\n");
  assert.deepEqual(await once(toBob, "line", { signal }), ["from alice: hi"]);
  bob.stdin?.write("alice: hello\n");
  assert.deepEqual(await once(toAlice, "line", { signal }), ["from bob: hello"]);
});

test("printf | nc -N sends, also a line without its end", needsNetcat, async (t) => {
  assert.equal(await shell(t, `printf 'erin\\nfrank: hi' | nc -N "$@"`), "");
  assert.equal(await shell(t, `echo frank | nc -N "$@"`), "from erin: hi\n");
});

test(
  "echo | nc -N prints what was waiting, and ends; the next one gets nothing",
  needsNetcat,
  async (t) => {
    await shell(t, `printf 'grace\\nheidi: one\\nheidi: two\\n' | nc -N "$@"`);
    assert.equal(await shell(t, `echo heidi | nc -N "$@"`), "from grace: one\nfrom grace: two\n");
    assert.equal(await shell(t, `echo heidi | nc -N "$@"`), "");
  },
);

test("printf without nc -N ends with nc, and what it said is said", needsNetcat, async (t) => {
  await shell(t, `printf 'ivan\\njudy: hi\\n' | nc -q 0 "$@"`);
  assert.equal(await shell(t, `echo judy | nc -N "$@"`), "from ivan: hi\n");
});

/**
 * As the tutorial's client: the first line that is typed is the name, each line is written and then
 * its end, each line that comes is printed, and when the typing ends the connection is dropped.
 */
class TutorialClient {
  readonly printed: string[] = [];
  readonly #socket: Socket;
  readonly #lines;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#lines = createInterface({ input: socket });
    this.#lines.on("line", (line) => this.printed.push(line));
  }

  static async connect(t: TestContext): Promise<TutorialClient> {
    const socket = connect(server.port, "127.0.0.1");
    t.after(() => socket.destroy());
    await once(socket, "connect");
    return new TutorialClient(socket);
  }

  async type(...lines: string[]): Promise<void> {
    for (const line of lines) {
      this.#socket.write(line);
      await new Promise((resolve) => this.#socket.write("\n", resolve));
    }
  }

  async prints(count: number): Promise<string[]> {
    const signal = AbortSignal.timeout(PATIENCE);
    while (this.printed.length < count) await once(this.#lines, "line", { signal });
    return this.printed.splice(0, count);
  }

  async endTyping(): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.destroySoon();
    await closed;
  }
}

test("the tutorial's clients talk, and stay while others leave and come back", async (t) => {
  const alice = await TutorialClient.connect(t);
  const bob = await TutorialClient.connect(t);
  await alice.type("ann");
  await bob.type("ben", "ann: hello");
  assert.deepEqual(await alice.prints(1), ["from ben: hello"]);
  await alice.type("ben, ann: hi", "nobody sees this", "ben: and bye");
  assert.deepEqual(await alice.prints(1), ["from ann: hi"]);
  assert.deepEqual(await bob.prints(2), ["from ann: hi", "from ann: and bye"]);
  await alice.endTyping();
  await bob.type("ann: are you there?");
  const again = await TutorialClient.connect(t);
  await again.type("ann");
  assert.deepEqual(await again.prints(1), ["from ben: are you there?"]);
});

test("what the tutorial's client said last is said, though it drops the connection", async (t) => {
  const zoe = await TutorialClient.connect(t);
  await zoe.type("zoe", "yan: goodbye");
  await zoe.endTyping();
  const yan = await TutorialClient.connect(t);
  await yan.type("yan");
  assert.deepEqual(await yan.prints(1), ["from zoe: goodbye"]);
});
