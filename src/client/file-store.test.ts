// A store in a file: what it says when it cannot be had.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../../test/harness/server.ts";
import { fileStore } from "./file-store.ts";

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
