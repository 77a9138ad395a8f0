// What a line keeps, and when: nothing that the server hears may be unknown to the next run of the program.

import assert from "node:assert/strict";
import { copyFileSync } from "node:fs";
import { test } from "node:test";
import {
  connect,
  fileStore,
  type LineError,
  memoryStore,
  type Store,
  type Stored,
} from "../src/client/index.ts";
import { listen, WELCOME } from "./harness/hearing-server.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

/** A write takes so long, in ms: more than a frame needs to the server and back. */
const WRITE_TIME = 30;

/** How long what must happen may take, in ms. */
const PATIENCE = 20_000;

/** A store that takes its time, and what a crash would leave of it. */
class SlowDisk {
  kept: Stored | undefined;

  store(): Store {
    return {
      open: () => Promise.resolve(this.kept),
      write: (stored) =>
        new Promise((resolve) => {
          setTimeout(() => {
            this.kept = stored;
            resolve();
          }, WRITE_TIME);
        }),
      close: () => Promise.resolve(),
    };
  }
}

test("what is sent, confirmed and known to be refused is kept before the server hears of it", async (t) => {
  const disk = new SlowDisk();
  const heard: string[] = [];
  const done = Promise.withResolvers<void>();
  const url = await listen(t, ({ login, send, body, ack, done: known }, answer) => {
    const { kept } = disk;
    if (login !== undefined) {
      answer({ welcome: WELCOME });
      answer({ message: { seq: 1, from: "bob", to: "alice", body: "hi", at: 0 } });
    }
    if (send !== undefined) {
      const isKept = kept?.sends[send - kept.base]?.body === body;
      heard.push(`send ${send} ${isKept ? "kept" : "not kept"}`);
      answer({ refused: { send, code: "no-such-room", text: "no" } });
    }
    if (ack !== undefined) {
      heard.push(`ack ${ack} ${(kept?.received?.seq ?? 0) >= ack ? "kept" : "not kept"}`);
    }
    if (known !== undefined) {
      heard.push(`done ${known} ${(kept?.base ?? 0) > known ? "kept" : "not kept"}`);
      done.resolve();
    }
  });
  await using line = connect(url, { name: "alice", store: disk.store() });
  for await (const { seq } of line.deliveries({ confirm: false })) {
    await line.confirm(seq);
    assert.equal(disk.kept?.received?.seq, seq, "it is kept when it is confirmed");
    break;
  }
  const outcome = line.send("#nowhere", "hi").catch(({ code }: LineError) => code);
  assert.equal(await outcome, "no-such-room");
  await done.promise;
  assert.deepEqual(heard, ["ack 1 kept", "send 1 kept", "done 1 kept"]);
});

test("one after the other, and each as it is kept: what is taken out of the middle leaves no gap", async (t) => {
  const disk = new SlowDisk();
  const heard: string[] = [];
  const all = Promise.withResolvers<void>();
  const url = await listen(t, ({ login, send, body }, answer) => {
    if (login !== undefined) answer({ welcome: WELCOME });
    if (send === undefined) return;
    const { base = 0, sends = [] } = disk.kept ?? {};
    heard.push(`${send} ${body} ${sends[send - base]?.body}`);
    answer({ accepted: { send, seqs: { bob: send } } });
    if (body === "three") all.resolve();
  });
  await using line = connect(url, { name: "alice", store: disk.store() });
  await line.opened;
  const giveUp = new AbortController();
  const sends = ["one", "two", "three"].map((body) =>
    line.send("bob", body, body === "two" ? { signal: giveUp.signal } : {}).then(
      () => "sent",
      ({ code }: LineError) => code,
    ),
  );
  giveUp.abort();
  await all.promise;
  assert.deepEqual(await Promise.all(sends), ["sent", "aborted", "sent"]);
  assert.deepEqual(heard, ["1 one one", "2 three three"]);
});

test("a store that is an older copy of itself gives no number a second time", async (t) => {
  // Somebody restores his folder from a backup: the server has taken more of this outbox than it knows of.
  const server = await TestServer.start(t);
  const url = `ws://127.0.0.1:${server.port}`;
  const folder = temporaryFolder(t);
  const [path, copy] = [`${folder}/store`, `${folder}/copy`];
  {
    await using line = connect(url, { name: "alice", store: fileStore(path) });
    await line.send("bob", "one");
    await line.close();
    copyFileSync(path, copy);
  }
  {
    await using line = connect(url, { name: "alice", store: fileStore(path) });
    for (const body of ["two", "three"]) await line.send("bob", body);
  }
  await using line = connect(url, { name: "alice", store: fileStore(copy) });
  assert.deepEqual(await line.who(), ["alice"]);
  const signal = AbortSignal.timeout(PATIENCE);
  const { seqs } = await line.send("bob", "four", { signal });
  assert.ok(seqs?.["bob"] !== undefined, "it is accepted, and not taken for an older one");
  const bob = connect(url, { name: "bob", store: memoryStore() });
  t.after(() => bob.close());
  const bodies: string[] = [];
  for await (const { body } of bob.messages()) {
    bodies.push(body);
    if (body === "four") break;
  }
  assert.deepEqual(bodies, ["one", "two", "three", "four"]);
});
