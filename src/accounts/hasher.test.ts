// The thread that hashes: what becomes of a hash when it dies, and of the thread when there is none to make.

import assert from "node:assert/strict";
import { argon2Sync } from "node:crypto";
import { getPriority } from "node:os";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Hasher } from "./hasher.ts";

const PARAMETERS = {
  message: "correct horse",
  nonce: Buffer.alloc(16),
  memory: 19_456,
  passes: 2,
  parallelism: 1,
  tagLength: 32,
};

/** A thread that dies of a message that begins with "die", and throws at "throw". */
const MORTAL = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", ({ message }) => {
      if (message === "die") process.exit(1);
      if (message === "throw") throw new Error("no memory");
      parentPort.postMessage(message);
    });`)}`,
);

/** The threads of this process that hash, by their ids. */
function hashThreads(): number[] {
  const tasks = readdirSync("/proc/self/task");
  return tasks
    .filter((task) => readFileSync(`/proc/self/task/${task}/comm`, "utf8").startsWith("hash-"))
    .map(Number);
}

const onLinux = { skip: process.platform === "linux" ? false : "threads are looked at in /proc" };

// Hashes took turns on Node's own threads, at everybody's priority, and one core of two from who was talking.
test(
  "passwords are hashed by a thread that is there when one is, and is the weakest of all",
  onLinux,
  async () => {
    // Who is nice himself, as a build in the background may be, stays as nice.
    const own = getPriority();
    const hasher = new Hasher();
    assert.deepEqual(hashThreads(), []);
    const { bytes, took } = await hasher.hash(PARAMETERS);
    assert.deepEqual(Buffer.from(bytes), argon2Sync("argon2id", PARAMETERS));
    assert.ok(took > 0);
    const [thread = 0, ...others] = hashThreads();
    assert.deepEqual(others, []);
    assert.deepEqual([getPriority(thread), getPriority()], [19, own]);
    await hasher.close();
    assert.deepEqual(hashThreads(), []);
  },
);

test("a thread that dies takes one hash with it, and the next one is made by another", async (t) => {
  const hasher = new Hasher(MORTAL);
  t.after(() => hasher.close());
  const hash = (message: string) => hasher.hash({ ...PARAMETERS, message });
  await assert.rejects(hash("throw"), /^Error: no memory$/);
  assert.equal(await hash("one"), "one");
  await assert.rejects(hash("die"), /has ended/);
  assert.equal(await hash("other"), "other");
});

test("a hash that is under way when the server shuts down is given up, and none is begun", async () => {
  const hasher = new Hasher();
  const under = assert.rejects(hasher.hash(PARAMETERS), { code: "shutting-down" });
  await hasher.close();
  await under;
  await assert.rejects(hasher.hash(PARAMETERS), { code: "shutting-down" });
});
