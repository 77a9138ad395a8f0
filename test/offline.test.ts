// Messages outlive connections: what was not confirmed is delivered to the next one of that name.

import assert from "node:assert/strict";
import { test } from "node:test";
import { TestServer } from "./harness/server.ts";

test("a message to somebody who is away is delivered when he logs in, once, in order", async (t) => {
  const server = await TestServer.start(t);
  const alice = await server.login(t, "alice");
  alice.say("bob: one", "bob: two");
  await alice.barrier();
  alice.say("bob: three").finish();
  await alice.end();
  const bob = server.connect(t).say("bob").finish();
  await bob.end();
  assert.deepEqual(bob.lines, ["from alice: one", "from alice: two", "from alice: three"]);
  const again = server.connect(t).say("bob").finish();
  await again.end();
  assert.deepEqual(again.lines, []);
});
