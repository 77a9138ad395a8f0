// What a store in a file asks of the disk, in which order: no kill shows what only a power cut does.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import promises, { type FileHandle } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { createFileStore } from "./file-store-node.ts";
import { newStored } from "./store.ts";

test("what is kept is durable before it takes the place of the former, and its name before that is told", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "partyline-store-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const asked: string[] = [];
  const { open, rename } = promises;
  t.mock.method(promises, "open", async (path: string, flags: string) => {
    const file: FileHandle = await open(path, flags);
    const sync = file.sync.bind(file);
    file.sync = async () => {
      await sync();
      asked.push(`sync ${basename(path)}`);
    };
    return file;
  });
  t.mock.method(promises, "rename", async (from: string, to: string) => {
    await rename(from, to);
    asked.push(`rename ${basename(from)}`);
  });
  syncBuiltinESMExports();
  const store = createFileStore(join(folder, "store"));
  try {
    await store.open();
    await store.write(newStored());
    asked.push("told");
  } finally {
    await store.close();
    t.mock.restoreAll();
    syncBuiltinESMExports();
  }
  assert.deepEqual(asked, [
    "sync store.next",
    "rename store.next",
    `sync ${basename(folder)}`,
    "told",
  ]);
});
