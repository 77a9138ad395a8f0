// Stores of the SDK: one suite for all, and crashes of the one in a file.

import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { describe, test, type TestContext } from "node:test";
import { indexedDB } from "fake-indexeddb";
import {
  fileStore,
  forgetIndexedDbStore,
  indexedDbStore,
  type LineError,
  memoryStore,
  type Store,
  type Stored,
} from "../src/client/index.ts";
import { temporaryFolder } from "./harness/server.ts";

Object.assign(globalThis, { indexedDB });

const KEPT: Stored = {
  outbox: "one",
  base: 3,
  nextId: 8,
  sends: [{ id: 7, to: ["bob", "#ops"], body: "two\nlines 消息", at: 1_795_412_345_678 }],
  received: { log: "k3", seq: 1207 },
  resume: "r",
};

/** Stores of the same place, as several programs or tabs have them. */
const KINDS: readonly {
  name: string;
  place: (t: TestContext) => () => Store;
  isShared: boolean;
}[] = [
  {
    name: "memory",
    place: () => {
      const store = memoryStore();
      return () => store;
    },
    isShared: false,
  },
  {
    name: "file",
    place: (t) => {
      const path = `${temporaryFolder(t)}/deep/folder/store`;
      return () => fileStore(path);
    },
    isShared: true,
  },
  {
    name: "IndexedDB",
    place: () => {
      const name = crypto.randomUUID();
      return () => indexedDbStore(name);
    },
    // Node has Web Locks from 24.5 on; where there are none each tab has a store of its own.
    isShared: "locks" in navigator,
  },
];

for (const { name, place, isShared } of KINDS) {
  describe(`a store in ${name}`, () => {
    test("gives back what was written last, also to the next one", async (t) => {
      const open = place(t);
      const first = open();
      assert.equal(await first.open(), undefined);
      await first.write({ ...KEPT, base: 1 });
      await first.write(KEPT);
      await first.close();
      const second = open();
      assert.deepEqual(await second.open(), KEPT);
      await second.close();
    });

    test(
      "belongs to one at a time",
      { skip: !isShared && "it cannot be opened twice" },
      async (t) => {
        const open = place(t);
        const first = open();
        await first.open();
        const second = open();
        await assert.rejects(
          second.open(),
          (error) => (error as LineError).code === "store-in-use",
        );
        await first.close();
        await second.open();
        await second.close();
      },
    );
  });
}

test("a store in IndexedDB that is forgotten is gone, but not while somebody has it", async () => {
  const name = crypto.randomUUID();
  const store = indexedDbStore(name);
  await store.open();
  await store.write(KEPT);
  if ("locks" in navigator) {
    await assert.rejects(forgetIndexedDbStore(name), { code: "store-in-use" });
  }
  await store.close();
  await forgetIndexedDbStore(name);
  assert.equal(await store.open(), undefined);
  await store.close();
});

test("without locks the last one that opens a store in IndexedDB owns it, and the others are told", async (t) => {
  const { navigator } = globalThis;
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  t.after(() => Object.defineProperty(globalThis, "navigator", { value: navigator }));
  const name = crypto.randomUUID();
  const [first, second] = [indexedDbStore(name), indexedDbStore(name)];
  await first.open();
  await first.write({ ...KEPT, base: 1 });
  assert.equal((await second.open())?.base, 1);
  await assert.rejects(first.write({ ...KEPT, base: 2 }), { code: "store-in-use" });
  await second.write({ ...KEPT, base: 3 });
  await second.close();
  assert.equal((await first.open())?.base, 3);
  await first.close();
});

test("a file is one state or the next, whenever its writer is killed, and the next one gets it", async (t) => {
  const path = `${temporaryFolder(t)}/store`;
  let last = 0;
  for (let round = 0; round < 15; round++) {
    const writer = fork(new URL("./harness/store-writer.ts", import.meta.url), [
      path,
      String(last),
    ]);
    let told = last;
    writer.on("message", (base: number) => (told = base));
    // Somewhere in the middle of it, wherever that is this time.
    for (let i = 0; i < 3 + round; i++) await once(writer, "message");
    writer.kill("SIGKILL");
    await once(writer, "exit");
    const store = fileStore(path);
    const stored = await store.open();
    await store.close();
    assert.ok(stored !== undefined);
    assert.equal(stored.sends.length, 200, "it is whole");
    assert.ok(stored.base >= told, `${stored.base} is at least ${told}, which was said to be kept`);
    last = stored.base;
  }
});
