// What retention removes, through the port: whoever asked for it is told.

import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { connect, fileStore, type Line } from "../src/client/index.ts";
import { JsonClient } from "./harness/json-client.ts";
import { play } from "./harness/play.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

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

/** Opens a line that keeps what it knows in a file, and sends something with it. */
async function deviceAt(t: TestContext, port: number, path: string): Promise<[Line, object[]]> {
  const line = connect(`partyline://127.0.0.1:${port}`, { name: "bob", store: fileStore(path) });
  t.after(() => line.close());
  const lost: object[] = [];
  line.on("lost", (range) => lost.push(range));
  await line.send("carol", "hi");
  return [line, lost];
}

test("a device that only sends is told once what was removed, and gets what is left when it asks", async (t) => {
  // It confirms nothing, so at each login it was told of everything since the first one.
  const server = await TestServer.start(t);
  const file = join(temporaryFolder(t), "bob");
  const [first] = await deviceAt(t, server.port, file);
  await play(server.port, "dave\nbob: are you there?\n");
  await first.send("carol", "again");
  await first.close();
  const carol = new JsonClient("carol");
  carol.connect(t, server.port);
  await carol.until(() => carol.got.length === 2, "both");
  carol.say({ bye: true });
  await carol.until(() => !carol.isConnected, "the end");
  assert.equal(await server.end("SIGTERM"), 0);

  const next = await TestServer.start(t, { data: server.data, args: ["--retention-age", "1ms"] });
  // It looks as it starts: this is committed later.
  await play(next.port, "erin\nerin: hi\n");
  const [told, lost] = await deviceAt(t, next.port, file);
  await told.close();
  assert.deepEqual(lost, [{ from: 1, to: 3 }]);
  const [again, nothing] = await deviceAt(t, next.port, file);
  assert.deepEqual(nothing, []);
  for await (const { from, body } of again.messages()) {
    assert.deepEqual([from, body], ["dave", "are you there?"]);
    break;
  }
});
