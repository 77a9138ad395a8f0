// --max-recipients: `too-many-recipients`, and nobody gets the message.

import assert from "node:assert/strict";
import { test } from "node:test";
import { play } from "../harness/play.ts";
import { TestServer } from "../harness/server.ts";

const TOLD = "! too-many-recipients a message goes to at most 2 recipients\n";

test("a message to more recipients than the limit goes to none of them", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-recipients", "2"] });
  const bob = await server.login(t, "bob");
  const said = (
    await play(server.port, "alice\nbob, carol, dave: no\nbob, carol: yes\n")
  ).toString();
  assert.equal(said, TOLD);
  await bob.expect("from alice: yes");
  assert.equal((await play(server.port, "carol\n")).toString(), "from alice: yes\n");
  assert.equal((await play(server.port, "dave\n")).toString(), "");
});

test("a recipient named many times is one", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-recipients", "2"] });
  const said = (await play(server.port, "bob\nbob,bob,BOB,Bob,carol,bob: hi\n")).toString();
  assert.equal(said, "from bob: hi\n");
});
