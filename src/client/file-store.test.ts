// A store in a file: what it says when it cannot be had.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../test/harness/server.ts";
import { fileStore } from "./file-store.ts";
import { newStored } from "./store.ts";

test("only a store that another program has is said to be in use", async (t) => {
  // Whatever was wrong with the lock, a full disk too, somebody was told to look for a program that was not there.
  const path = join(temporaryFolder(t), "store.json");
  const first = fileStore(path);
  await first.open();
  t.after(() => first.close());
  await assert.rejects(fileStore(path).open(), /is locked: another program uses this store/);
  const broken = join(temporaryFolder(t), "store.json");
  writeFileSync(`${broken}.lock`, "no lock at all".repeat(100));
  await assert.rejects(fileStore(broken).open(), /cannot be locked: file is not a database/);
});

test("a file is the same one, wherever the program goes meanwhile", async (t) => {
  const folder = temporaryFolder(t);
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(folder);
  const store = fileStore("./store.json");
  await store.open();
  process.chdir(before);
  await store.write({ ...newStored(), token: "one" });
  await store.close();
  const again = fileStore(join(folder, "store.json"));
  assert.equal((await again.open())?.token, "one");
  await again.close();
});
