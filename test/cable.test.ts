// A pulled cable: a client in a network of its own, whose link then drops everything while messages are
// on their way. It is noticed in about a minute, and nothing is lost when the name is back.

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test, type TestContext } from "node:test";
import { TestServer } from "./harness/server.ts";

/** How long it may take until the name is free again, in ms: "about a minute", on a busy machine. */
const NOTICED_WITHIN = 90_000;

const asRoot = {
  skip:
    (process.platform !== "linux" || process.getuid?.() !== 0) &&
    process.env["CI"] === undefined &&
    "needs Linux, root and iproute2, to make a network of its own",
};

interface Cable {
  /** The server's address as the client sees it. */
  readonly host: string;
  /** The network namespace at the far end. */
  readonly namespace: string;
  pull(): void;
}

function ip(...parameters: string[]): void {
  execFileSync("ip", parameters);
}

/** A network namespace with one cable to here. */
function cable(t: TestContext): Cable {
  const id = `pl${process.pid % 10_000}`;
  const net = `10.201.${process.pid % 250}`;
  ip("netns", "add", id);
  t.after(() => ip("netns", "delete", id));
  ip("link", "add", `${id}a`, "type", "veth", "peer", "name", `${id}b`, "netns", id);
  ip("address", "add", `${net}.1/24`, "dev", `${id}a`);
  ip("link", "set", `${id}a`, "up");
  ip("-n", id, "address", "add", `${net}.2/24`, "dev", `${id}b`);
  ip("-n", id, "link", "set", `${id}b`, "up");
  return {
    host: `${net}.1`,
    namespace: id,
    // The far end goes down: what we send is taken by nobody, and nobody says so.
    pull: () => ip("-n", id, "link", "set", `${id}b`, "down"),
  };
}

/** What the client at the far end does: says its name, and prints each line that comes. */
const FAR_CLIENT = `
  const socket = require("node:net").connect(Number(process.argv[2]), process.argv[1]);
  socket.write("far\\n");
  socket.pipe(process.stdout);
`;

test("a pulled cable is noticed in about a minute, and nothing is lost", asRoot, async (t) => {
  const far = cable(t);
  const server = await TestServer.start(t, { args: ["--listen", `${far.host}:0`] });
  const client = [process.execPath, "-e", FAR_CLIENT, far.host, String(server.ports[1])];
  const child = spawn("ip", ["netns", "exec", far.namespace, ...client], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const got: string[] = [];
  const lines = createInterface({ input: child.stdout }).on("line", (line) => got.push(line));

  const sender = await server.login(t, "sender");
  let sent = 0;
  const send = (): void => void sender.say(`far: ${++sent}`);
  send();
  while (got.length < sent) await once(lines, "line");
  far.pull();
  const pulled = performance.now();
  for (let i = 0; i < 1000; i++) send();
  await sender.barrier();

  // The name is back, from here. Until it is noticed he is told that it is taken.
  let refusals = 0;
  for (;;) {
    const back = server.connect(t).say("far");
    await back.until(() => back.lines.length > 0, "an answer");
    if (back.lines[0]?.startsWith("! name-taken") !== true) {
      const last = `from sender: ${sent}`;
      await back.until(() => back.lines.at(-1) === last, "all that was on its way");
      // What had arrived and was not known to have comes again, too.
      const first = sent - back.lines.length + 1;
      assert.ok(first <= got.length + 1, `${first} after ${got.length}`);
      assert.deepEqual(
        back.lines,
        Array.from(back.lines, (_, i) => `from sender: ${first + i}`),
      );
      break;
    }
    await back.end();
    refusals += 1;
    assert.ok(
      performance.now() - pulled < NOTICED_WITHIN,
      "the dead connection still has the name",
    );
  }
  const took = performance.now() - pulled;
  t.diagnostic(`the name was free after ${(took / 1000).toFixed(0)} s and ${refusals} refusals`);
  assert.ok(took < NOTICED_WITHIN, `${took} ms`);
});
