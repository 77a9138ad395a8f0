// The young generation stays small while nobody sends, whatever is made, and grows when many do.

import assert from "node:assert/strict";
import { test } from "node:test";
import { getHeapSpaceStatistics } from "node:v8";
import { limitYoungGeneration } from "./young-generation.ts";

const MIB = 1024 * 1024;

function youngMib(): number {
  const space = getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
  return (space?.space_size ?? 0) / MIB;
}

/** Makes much that lives for a while, in many turns of the event loop. */
async function makeMuch(): Promise<void> {
  const kept: string[][] = [];
  for (let turn = 0; turn < 200; turn++) {
    kept[turn % 20] = Array.from({ length: 5000 }, (_, i) => `${turn} ${i} is new`);
    await new Promise(setImmediate);
  }
}

test("the young generation grows with the number of peers that send, and with nothing else", async (t) => {
  let senders = 0;
  t.after(limitYoungGeneration(() => senders));
  await makeMuch();
  assert.ok(youngMib() <= 16, `${youngMib()} MiB while nobody sends`);
  senders = 50;
  await makeMuch();
  assert.ok(youngMib() >= 32, `${youngMib()} MiB while many send`);
});
