// What one client of a name leaves, and the next takes over.

import assert from "node:assert/strict";
import { test } from "node:test";
import { temporaryFolder } from "../../test/harness/server.ts";
import { newStored, type Stored } from "../client/store.ts";
import { adoptRefused, countLeft } from "./left-behind.ts";
import { takeState } from "./state-file.ts";

const URL_OF_SERVER = "ws://127.0.0.1:1";

function refused(id: number, body: string): NonNullable<Stored["refused"]>[number] {
  return { id, to: ["bob"], body, at: 0, code: "blocked", text: "bob blocks you" };
}

test("what was refused to a client that is not alive is taken over once, and what waits is counted", async (t) => {
  const folder = temporaryFolder(t);
  const first = await takeState(folder, URL_OF_SERVER, "alice");
  const second = await takeState(folder, URL_OF_SERVER, "Alice");
  assert.notDeepEqual(first.others, second.others);
  await first.store.write({ ...newStored(), nextId: 8, refused: [refused(7, "own")] });
  const sends = [{ id: 4, to: ["bob"], body: "waits", at: 0 }];
  await second.store.write({ ...newStored(), sends, nextId: 5, refused: [refused(3, "left")] });
  // As long as it is alive it is its own.
  await adoptRefused(first);
  assert.equal(await countLeft(first), 0);
  assert.equal(first.stored()?.refused?.length, 1);
  await second.store.close();
  await adoptRefused(first);
  await adoptRefused(first);
  const kept = first.stored();
  assert.deepEqual(
    kept?.refused?.map(({ id, body }) => [id, body]),
    [
      [7, "own"],
      [8, "left"],
    ],
  );
  assert.equal(kept?.nextId, 9);
  assert.equal(await countLeft(first), 1);
  await first.store.close();
});
