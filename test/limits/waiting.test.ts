// --max-waiting-messages and --max-waiting-bytes: `inbox-full`. The sender is told for each message
// that is refused, nobody gets it, and nothing that was accepted is dropped.

import assert from "node:assert/strict";
import { test } from "node:test";
import { play } from "../harness/play.ts";
import { TestServer } from "../harness/server.ts";

const TOLD = '! inbox-full too much is waiting for "bob"\n';

async function visit(server: TestServer, ...lines: string[]): Promise<string> {
  return (await play(server.port, lines.map((line) => `${line}\n`).join(""))).toString();
}

test("what is over the number of messages is refused, one by one, and the rest is kept", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-waiting-messages", "3"] });
  const five = ["1", "2", "3", "4", "5"].map((body) => `bob: ${body}`);
  assert.equal(await visit(server, "alice", ...five), TOLD.repeat(2));
  assert.equal(await visit(server, "carol", "bob: 6"), TOLD);
  assert.equal(await visit(server, "bob"), "from alice: 1\nfrom alice: 2\nfrom alice: 3\n");
});

test("there is room again when the messages have been read", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-waiting-messages", "1"] });
  for (const body of ["one", "two", "three"]) {
    assert.equal(await visit(server, "alice", `bob: ${body}`, "bob: too much"), TOLD);
    assert.equal(await visit(server, "bob"), `from alice: ${body}\n`);
  }
});

test("a message to several people goes to nobody when one of them has no room", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-waiting-messages", "1"] });
  assert.equal(await visit(server, "alice", "bob: one", "carol, bob: two", "carol: three"), TOLD);
  assert.equal(await visit(server, "carol"), "from alice: three\n");
  assert.equal(await visit(server, "bob"), "from alice: one\n");
});

test("what is over the number of bytes is refused, and what still fits is taken", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-waiting-bytes", "1KiB"] });
  const large = `bob: ${"x".repeat(600)}`;
  const small = `bob: ${"y".repeat(424)}`;
  assert.equal(await visit(server, "alice", large, large), TOLD);
  assert.equal(await visit(server, "alice", small, "bob: z"), TOLD);
  assert.equal(
    await visit(server, "bob"),
    `from alice: ${"x".repeat(600)}\nfrom alice: ${"y".repeat(424)}\n`,
  );
});

test("bytes are counted in UTF-8", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-waiting-bytes", "1KiB"] });
  assert.equal(await visit(server, "alice", `bob: ${"语".repeat(342)}`), TOLD);
  assert.equal(await visit(server, "alice", `bob: ${"语".repeat(341)}`), "");
});

test("what waits is counted again after a restart", async (t) => {
  const args = ["--max-waiting-messages", "2"];
  const first = await TestServer.start(t, { args });
  assert.equal(await visit(first, "alice", "bob: one"), "");
  await first.end("SIGKILL");
  const second = await TestServer.start(t, { args, data: first.data });
  assert.equal(await visit(second, "alice", "bob: two", "bob: three"), TOLD);
  assert.equal(await visit(second, "bob"), "from alice: one\nfrom alice: two\n");
});

test("a full inbox is nobody else's trouble, and its owner may write", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-waiting-messages", "1"] });
  assert.equal(await visit(server, "alice", "bob: one", "bob: two", "carol: three"), TOLD);
  const bob = (await visit(server, "bob", "carol: no", "alice: yes")).split("\n");
  assert.ok(bob.includes("from alice: one"));
  assert.ok(bob.includes('! inbox-full too much is waiting for "carol"'));
  assert.equal(await visit(server, "alice"), "from bob: yes\n");
  assert.equal(await visit(server, "carol"), "from alice: three\n");
});
