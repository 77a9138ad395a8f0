// What is kept, and who may write it: nobody does once the store was given back.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { HandDisk } from "./hand-disk.ts";
import { Keeper } from "./keeper.ts";
import { newStored, type Store } from "./store.ts";

const NOTHING = { found: () => {}, drawn: newStored, written: () => {} };

test("what changes while the last write ends is not written into a store that was given back", async () => {
  // A message was withdrawn while its line was closed: that was written after the next owner had been given the
  // store, in the place of what he had kept.
  const disk = new HandDisk();
  const told: string[] = [];
  const given = Promise.withResolvers<void>();
  const store = disk.store();
  const watched: Store = {
    ...store,
    write(stored) {
      told.push("written");
      return store.write(stored);
    },
    close() {
      told.push("given back");
      return given.promise;
    },
  };
  const keeper = new Keeper(watched);
  const opening = keeper.open(NOTHING);
  await disk.write();
  await opening;
  const first = keeper.change({ token: "one" });
  await turn();
  const closed = keeper.close();
  await turn();
  const late = assert.rejects(keeper.change({ token: "two" }), { code: "closed" });
  await disk.write();
  await first;
  // Whatever is under way now is written after the store was given back.
  await disk.write();
  await late;
  given.resolve();
  await closed;
  assert.deepEqual(told, ["written", "written", "given back"]);
});
