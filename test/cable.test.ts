// A pulled cable: a client in a network of its own, whose link then drops everything while messages are
// on their way. It is noticed in about a minute, and nothing is lost when the name is back.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import { suite, test, type TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { LineClient } from "./harness/line-client.ts";
import { OPEN, TestServer } from "./harness/server.ts";

/** How long it may take until the name is free again, in ms: "about a minute", on a busy machine. */
const NOTICED_WITHIN = 90_000;

/** The same, when nothing was on its way and a login asks: the system gives up after ten questions. */
const NOTICED_AT_A_LOGIN_WITHIN = 30_000;

/** How long a login may wait for a name that is held, in ms: a second, on a busy machine. */
const ANSWERED_WITHIN = 5000;

/** For so long a reader leaves no room, in ms: longer than any host may be silent. */
const NO_ROOM_FOR = 100_000;

const asRoot = {
  skip:
    (process.platform !== "linux" || process.getuid?.() !== 0) &&
    process.env["CI"] === undefined &&
    "needs Linux, root and iproute2, to make a network of its own",
};

const ifLong = {
  skip: process.env["PARTYLINE_LONG"] === undefined && "takes two minutes: PARTYLINE_LONG=1",
};

interface Cable {
  /** The server's address as the client sees it. */
  readonly host: string;
  /** The network namespace at the far end. */
  readonly namespace: string;
  /** The cable is out at our own end, which the system knows. */
  pull(): void;
  /** The same far away: what we send is taken by nobody, and nobody says so. */
  pullFarAway(): void;
}

function ip(...parameters: string[]): void {
  execFileSync("ip", parameters, { stdio: ["ignore", "pipe", "pipe"] });
}

let cables = 0;

/** A network namespace with one cable to here. */
function cable(t: TestContext): Cable {
  const number = ++cables;
  const id = `pl${process.pid}x${number}`;
  const net = `10.${200 + number}.${process.pid % 250}`;
  const farMac = "02:00:00:00:00:02";
  ip("netns", "add", id);
  t.after(() => ip("netns", "delete", id));
  const far = ["peer", "name", `${id}b`, "address", farMac, "netns", id];
  ip("link", "add", `${id}a`, "type", "veth", ...far);
  ip("address", "add", `${net}.1/24`, "dev", `${id}a`);
  ip("link", "set", `${id}a`, "up");
  ip("-n", id, "address", "add", `${net}.2/24`, "dev", `${id}b`);
  ip("-n", id, "link", "set", `${id}b`, "up");
  ip("netns", "exec", id, "sh", "-c", "echo 0 > /proc/sys/net/ipv4/ip_forward");
  // Otherwise our own system would soon miss the far end, and say so.
  ip("neigh", "replace", `${net}.2`, "lladdr", farMac, "dev", `${id}a`, "nud", "permanent");
  return {
    host: `${net}.1`,
    namespace: id,
    pull: () => ip("-n", id, "link", "set", `${id}b`, "down"),
    pullFarAway: () => ip("-n", id, "address", "flush", "dev", `${id}b`),
  };
}

/** What the client at the far end does: says its name, and prints each line that comes. */
const FAR_CLIENT = `
  const socket = require("node:net").connect(Number(process.argv[2]), process.argv[1]);
  socket.write("far\\n");
  socket.pipe(process.stdout);
`;

interface FarClient {
  readonly got: string[];
  readonly lines: Interface;
}

/** Logs "far" in at the far end. */
function farClient(t: TestContext, { host, namespace }: Cable, server: TestServer): FarClient {
  const client = [process.execPath, "-e", FAR_CLIENT, host, String(server.ports[1])];
  const child = spawn("ip", ["netns", "exec", namespace, ...client], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const got: string[] = [];
  const lines = createInterface({ input: child.stdout }).on("line", (line) => got.push(line));
  return { got, lines };
}

/**
 * The name is back, from here: logs "far" in, again and again while it is refused.
 * @returns the one that got in, which has sent itself a line
 */
async function logInAgain(
  t: TestContext,
  server: TestServer,
  within: number,
): Promise<{ back: LineClient; refusals: number; took: number }> {
  const began = performance.now();
  for (let refusals = 0; ; refusals++) {
    const asked = performance.now();
    const back = server.connect(t).say("far", "far: in");
    await back.until(() => back.lines.length > 0, "an answer");
    const now = performance.now();
    if (back.lines[0]?.startsWith("! name-taken ") !== true) {
      return { back, refusals, took: now - began };
    }
    assert.ok(now - asked < ANSWERED_WITHIN, `a login waited for ${now - asked} ms`);
    await back.end();
    assert.ok(now - began < within, "the dead connection still has the name");
  }
}

suite("a pulled cable", { ...asRoot, concurrency: true }, () => {
  for (const [where, pull] of [
    ["at our end", "pull"],
    ["far away", "pullFarAway"],
  ] as const) {
    test(`${where}: it is noticed in about a minute, and nothing is lost`, async (t) => {
      const far = cable(t);
      const server = await TestServer.start(t, { args: [...OPEN, "--listen", `${far.host}:0`] });
      const { got, lines } = farClient(t, far, server);
      const sender = await server.login(t, "sender");
      let sent = 0;
      const send = (): void => void sender.say(`far: ${++sent}`);
      send();
      while (got.length < sent) await once(lines, "line");
      far[pull]();
      for (let i = 0; i < 1000; i++) send();
      await sender.barrier();

      const { back, refusals, took } = await logInAgain(t, server, NOTICED_WITHIN);
      t.diagnostic(`free after ${(took / 1000).toFixed(0)} s and ${refusals} refusals`);
      assert.ok(refusals > 0, "it was refused while the cable was out");
      await back.until(() => back.lines.includes("from far: in"), "its own line");
      // The one that came before: its acknowledgement may have been on its way when the cable was pulled.
      const all = Array.from({ length: sent }, (_, i) => `from sender: ${i + 1}`);
      const again = back.lines[0] === "from sender: 1" ? 0 : 1;
      assert.deepEqual(
        back.lines,
        [...all.slice(again), "from far: in"],
        "at least once, in order",
      );
    });
  }

  test("who was idle is out of the way soon after somebody asks for the name", async (t) => {
    const far = cable(t);
    const server = await TestServer.start(t, { args: [...OPEN, "--listen", `${far.host}:0`] });
    const { got, lines } = farClient(t, far, server);
    const sender = await server.login(t, "sender");
    sender.say("far: hello");
    while (got.length < 1) await once(lines, "line");
    far.pullFarAway();
    const { refusals, took } = await logInAgain(t, server, NOTICED_AT_A_LOGIN_WITHIN);
    t.diagnostic(`free after ${(took / 1000).toFixed(0)} s and ${refusals} refusals`);
  });

  test("a reader that leaves no room for minutes is not cut", ifLong, async (t) => {
    const server = await TestServer.start(t);
    const reader = await server.login(t, "reader");
    const sender = await server.login(t, "sender");
    reader.socket.pause();
    const body = "x".repeat(10_000);
    const count = 2000;
    for (let i = 1; i <= count; i++) sender.say(`reader: ${i} ${body}`);
    await sender.barrier();
    await setTimeout(NO_ROOM_FOR);
    await sender.say("/who").expect("* reader", "* sender");
    reader.socket.resume();
    assert.deepEqual(
      await reader.take(count),
      Array.from({ length: count }, (_, i) => `from sender: ${i + 1} ${body}`),
    );
  });
});
