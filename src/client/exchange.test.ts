// The exchange behind a line: what it leaves behind when it ends.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { connect, LineError, memoryStore, type Store } from "./index.ts";

const NOBODY = "partyline://127.0.0.1:1";

test("the signal that a line is ended by keeps no line that has ended", async () => {
  // One signal for the whole of a program kept everything of each line that it had ever made.
  const { signal } = new AbortController();
  const line = connect(NOBODY, { name: "alice", signal });
  assert.equal(getEventListeners(signal, "abort").length, 1);
  await line.close();
  assert.deepEqual(getEventListeners(signal, "abort"), []);
  const store: Store = {
    ...memoryStore(),
    open: () => Promise.reject(new LineError("store", "it cannot be read")),
  };
  const failed = connect(NOBODY, { name: "alice", signal, store });
  await assert.rejects(failed.opened, { code: "store" });
  assert.deepEqual(getEventListeners(signal, "abort"), []);
});

test("a signal ends a line", async () => {
  const end = new AbortController();
  const line = connect(NOBODY, { name: "alice", signal: end.signal });
  await line.opened;
  end.abort();
  assert.equal(line.state.kind, "closed");
  assert.deepEqual(getEventListeners(end.signal, "abort"), []);
  await line.close();
});
