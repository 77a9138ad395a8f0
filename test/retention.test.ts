// What retention removes, through the port: whoever asked for it is told.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { JsonClient } from "./harness/json-client.ts";
import { TestServer } from "./harness/server.ts";

/** A device that is there until it has this many messages and events. */
async function visit(t: TestContext, server: TestServer, device: JsonClient, most: number) {
  device.connect(t, server.port);
  await device.until(() => device.got.length >= most, `${most} in all`);
  device.cut();
}

// The phone had confirmed everything, and it was removed; the laptop of the same name, which had less, was
// welcomed as if nothing had been between, and nothing was there.
test("a device that comes back after what another one had is removed is told so", async (t) => {
  const server = await TestServer.start(t);
  const alice = new JsonClient("alice");
  const [laptop, phone, tablet] = [
    new JsonClient("bob"),
    new JsonClient("bob"),
    new JsonClient("bob"),
  ];
  laptop.acks = 0;
  alice.connect(t, server.port);
  const say = async (...bodies: string[]): Promise<void> => {
    for (const body of bodies) {
      alice.send(["bob"], body);
      await alice.take("accepted");
    }
  };
  await say("1", "2");
  await visit(t, server, laptop, 2);
  await say("3", "4", "5");
  phone.connect(t, server.port);
  await phone.until(() => phone.got.length === 5, "everything");
  phone.say({ bye: true });
  await phone.until(() => !phone.isConnected, "the end");
  assert.equal(await server.end("SIGTERM"), 0);

  const next = await TestServer.start(t, { data: server.data, args: ["--retention-age", "1ms"] });
  alice.connect(t, next.port);
  // It looks as it starts: this is committed later.
  await say("6");
  laptop.connect(t, next.port);
  const { position, lost } = await laptop.take("welcome");
  assert.deepEqual({ position, lost }, { position: 2, lost: { from: 3, to: 5 } });
  await laptop.until(() => laptop.got.at(-1)?.body === "6", "what is left");
  laptop.cut();
  tablet.connect(t, next.port);
  assert.equal((await tablet.take("welcome")).lost, undefined, "nothing that it asked for");
  await tablet.until(() => tablet.got.length === 1, "what is left");
  assert.deepEqual([...laptop.failures, ...phone.failures, ...tablet.failures], []);
});
