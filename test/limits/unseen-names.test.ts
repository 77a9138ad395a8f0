// --max-unseen-names: `too-many-names`, for messages to yet another name that never logged in.

import assert from "node:assert/strict";
import { test } from "node:test";
import { play } from "../harness/play.ts";
import { TestServer } from "../harness/server.ts";

function told(name: string, most: number): string {
  return `! too-many-names ${most} names that never logged in are known already, and "${name}" would be another\n`;
}

async function visit(server: TestServer, ...lines: string[]): Promise<string> {
  return (await play(server.port, lines.map((line) => `${line}\n`).join(""))).toString();
}

test("a name too many is refused, those known and those that wait already are not", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-unseen-names", "2"] });
  const said = await visit(server, "alice", "n1: a", "n2: a", "n3: a", "n1: b", "alice: c");
  assert.deepEqual(new Set(said.split("\n")), new Set([told("n3", 2).trim(), "from alice: c", ""]));
  assert.equal(await visit(server, "n3"), "");
  assert.equal(await visit(server, "n1"), "from alice: a\nfrom alice: b\n");
});

test("a message to several never-seen names goes to all or to none", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-unseen-names", "1"] });
  assert.equal(await visit(server, "alice", "n1, n2: a", "n2: b"), told("n2", 1));
  assert.equal(await visit(server, "n1"), "");
  assert.equal(await visit(server, "n2"), "from alice: b\n");
});

test("a login of such a name makes room for another", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-unseen-names", "1"] });
  assert.equal(await visit(server, "alice", "n1: a", "n2: a"), told("n2", 1));
  assert.equal(await visit(server, "n1"), "from alice: a\n");
  assert.equal(await visit(server, "alice", "n2: a"), "");
});

test("with none allowed, only who was here before is written to", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-unseen-names", "0"] });
  assert.equal(await visit(server, "alice", "bob: a"), told("bob", 0));
  assert.equal(await visit(server, "bob"), "");
  assert.equal(await visit(server, "alice", "bob: b"), "");
  assert.equal(await visit(server, "bob"), "from alice: b\n");
});
