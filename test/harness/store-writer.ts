// Writes to a store in a file as fast as it can, and tells its parent what is kept: to be killed.

import { fileStore } from "../../src/client/index.ts";

const [path = "", first = "0"] = process.argv.slice(2);
const store = fileStore(path);
await store.open();
for (let base = Number(first) + 1; ; base++) {
  const sends = Array.from({ length: 200 }, (_, id) => ({
    id,
    to: ["bob"],
    body: `body ${base}`,
    at: 0,
  }));
  await store.write({ outbox: "one", base, nextId: 200, sends });
  process.send?.(base);
}
