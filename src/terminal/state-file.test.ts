// Which file a client has.

import assert from "node:assert/strict";
import { test } from "node:test";
import { temporaryFolder } from "../../test/harness/server.ts";
import { newStored } from "../client/store.ts";
import { countLeft } from "./left-behind.ts";
import { takeState } from "./state-file.ts";

const URL_OF_SERVER = "partyline://127.0.0.1:1";

test("no file of a name is one of another name", async (t) => {
  // The second client of alice had alice-2.json, which is the first one of alice-2: what alice-2 had
  // left there was sent by alice, under her name.
  const folder = temporaryFolder(t);
  const other = await takeState(folder, URL_OF_SERVER, "alice-2");
  const sends = [{ id: 1, to: ["bob"], body: "of alice-2", at: 0 }];
  await other.store.write({ ...newStored(), nextId: 2, sends });
  await other.store.close();
  const first = await takeState(folder, URL_OF_SERVER, "alice");
  t.after(() => first.store.close());
  assert.equal(await countLeft(first), 0);
  const second = await takeState(folder, URL_OF_SERVER, "alice");
  t.after(() => second.store.close());
  assert.equal(second.stored(), undefined);
});

test("a name of the longest letters has a file", async (t) => {
  // Each became nine characters of the file's name, and no file system takes 288.
  const state = await takeState(temporaryFolder(t), URL_OF_SERVER, "线".repeat(32));
  await state.store.write(newStored());
  await state.store.close();
});
