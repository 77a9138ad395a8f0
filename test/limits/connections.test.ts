// --max-connections and --max-connections-per-address: one line, `too-many-connections`, and the end.

import assert from "node:assert/strict";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { LineClient } from "../harness/line-client.ts";
import { OPEN, TestServer } from "../harness/server.ts";

/** Tries until the server has noticed that somebody left. */
async function getsIn(connect: () => LineClient): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const client = connect().say("newcomer", "newcomer: in").finish();
    await client.end();
    client.socket.destroy();
    if (client.lines[0] === "from newcomer: in") return;
    assert.match(client.lines[0] ?? "nothing", /^! too-many-connections /);
    assert.ok(Date.now() < deadline, "nobody gets in");
  }
}

test("a connection too many is told so and closed, the others are not touched", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-connections", "2"] });
  const alice = await server.login(t, "alice");
  const bob = await server.login(t, "bob");
  const carol = server.connect(t);
  await carol.end();
  assert.deepEqual(carol.lines, [
    "! too-many-connections the server has as many connections as it may have",
  ]);
  alice.say("bob: hi");
  await bob.expect("from alice: hi");
});

test("a connection too many that talks at once is told all the same", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-connections", "1"] });
  await server.login(t, "alice");
  for (let time = 0; time < 100; time += 1) {
    const client = server.connect(t).say("bob", `alice: ${"x".repeat(10_000)}`);
    await client.end();
    assert.match(client.lines[0] ?? "nothing", /^! too-many-connections /);
    client.socket.destroy();
  }
});

test("a connection that ends makes room for another", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-connections", "2"] });
  await server.login(t, "alice");
  const bob = await server.login(t, "bob");
  bob.reset();
  await getsIn(() => server.connect(t));
});

test("a connection that never logged in counts too", async (t) => {
  const server = await TestServer.start(t, { args: ["--max-connections", "1"] });
  const silent = server.connect(t);
  const second = server.connect(t);
  await second.end();
  assert.match(second.lines[0] ?? "", /^! too-many-connections /);
  silent.reset();
  await getsIn(() => server.connect(t));
});

/** An address of this machine that is not loopback: connecting to it, we come from it. */
const own = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;

test(
  "an address has its own bound, and loopback has none",
  { skip: own === undefined && "this machine has no address but loopback" },
  async (t) => {
    const server = await TestServer.start(t, {
      args: [...OPEN, "--listen", `${own}:0`, "--max-connections-per-address", "2"],
    });
    const there = (): LineClient => LineClient.connect(t, server.ports[1] as number, own);
    const first = there();
    await first.login("alice");
    await there().login("bob");
    const third = there();
    await third.end();
    assert.deepEqual(third.lines, [
      `! too-many-connections your address ${own} has as many connections as it may have`,
    ]);
    for (const name of ["carol", "dave", "erin"]) await server.login(t, name);
    first.reset();
    await getsIn(there);
  },
);
