// The SDK against the real server, over each transport: one suite for all.

import assert from "node:assert/strict";
import type { Buffer } from "node:buffer";
import { once } from "node:events";
import { type AddressInfo, connect as dial, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import {
  connect,
  fileStore,
  LineError,
  type Line,
  type LineOptions,
  memoryStore,
  type Message,
} from "../src/client/index.ts";
import { play } from "./harness/play.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";
import { ONE } from "./harness/tls-files.ts";

interface Way {
  readonly name: string;
  url(server: { readonly port: number }): string;
  readonly args?: readonly string[];
}

// The test certificate is nobody's.
process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";

const WITH_TLS = ["--tls-cert", ONE.certFile, "--tls-key", ONE.keyFile];

const WAYS: readonly Way[] = [
  { name: "TCP", url: ({ port }) => `partyline://127.0.0.1:${port}` },
  { name: "TLS", url: ({ port }) => `partylines://127.0.0.1:${port}`, args: WITH_TLS },
  { name: "WebSocket", url: ({ port }) => `ws://127.0.0.1:${port}` },
  { name: "WebSocket and TLS", url: ({ port }) => `wss://127.0.0.1:${port}`, args: WITH_TLS },
];

/** A line that is closed after the test. */
function open(t: TestContext, url: string, options: LineOptions): Line {
  const line = connect(url, options);
  t.after(() => line.close());
  return line;
}

async function online(line: Line): Promise<void> {
  if (line.state.kind === "online") return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const end = line.on("state", (state) => {
    if (state.kind === "online") resolve();
    if (state.kind === "closed") reject(state.error ?? new Error("closed"));
  });
  await promise.finally(end);
}

async function take(
  messages: AsyncGenerator<Message, void, void>,
  count: number,
): Promise<Message[]> {
  const taken: Message[] = [];
  while (taken.length < count) {
    const { value } = await messages.next();
    if (value === undefined) break;
    taken.push(value);
  }
  return taken;
}

const codeOf = (code: string) => (error: unknown) =>
  error instanceof LineError && error.code === code;

for (const way of WAYS) {
  const { args = [] } = way;
  describe(`a line over ${way.name}`, () => {
    test("finishes when everything is sent, and everything that waited was taken", async (t) => {
      const server = await TestServer.start(t, { args });
      const bob = await server.login(t, "bob");
      bob.say(...Array.from({ length: 500 }, (_, i) => `alice: ${i}`));
      await bob.barrier();
      const alice = open(t, way.url(server), { name: "alice" });
      const sent = alice.send("bob", "hi");
      const finished = alice.finish();
      const bodies: string[] = [];
      for await (const { body } of alice.messages()) bodies.push(body);
      await Promise.all([sent, finished]);
      assert.deepEqual(
        bodies,
        Array.from({ length: 500 }, (_, i) => `${i}`),
      );
      await bob.expect("from alice: hi");
    });

    test("sends, receives and answers", async (t) => {
      const server = await TestServer.start(t, { args });
      const alice = open(t, way.url(server), { name: "alice" });
      const bob = open(t, way.url(server), { name: "bob" });
      const answering = (async () => {
        for await (const message of bob.messages()) {
          if (message.body === "hello") await bob.reply(message, "hi");
        }
      })();
      const { seqs } = await alice.send("bob", "hello");
      assert.deepEqual(Object.keys(seqs ?? {}), ["bob"]);
      const [answer] = await take(alice.messages(), 1);
      assert.deepEqual([answer?.from, answer?.body, answer?.isReplayed], ["bob", "hi", false]);
      await bob.close();
      await answering;
    });

    test("a request that is too long is refused, and those after it are answered", async (t) => {
      // The server did not know which one it was, and whoever had asked waited for ever.
      const server = await TestServer.start(t, { args });
      const alice = open(t, way.url(server), { name: "alice" });
      await alice.join("#ops");
      const huge = "x".repeat(70_000);
      await assert.rejects(alice.search(huge), codeOf("line-too-long"));
      await assert.rejects(alice.setTopic("#ops", huge), codeOf("line-too-long"));
      assert.equal((await alice.rooms())[0]?.topic, "");
    });

    test("a message that is too long is refused, and those after it go their way", async (t) => {
      // It was dropped with its number, so that everything after it was out of order for ever.
      const server = await TestServer.start(t, { args });
      const alice = open(t, way.url(server), { name: "alice" });
      const sends = ["one", "x".repeat(70_000), "语".repeat(200_000), "two"].map((body) =>
        alice.send("bob", body).then(
          () => "sent",
          ({ code }: LineError) => code,
        ),
      );
      const refused = "line-too-long";
      assert.deepEqual(await Promise.all(sends), ["sent", refused, refused, "sent"]);
      assert.deepEqual(alice.unsent, []);
      const bob = await server.login(t, "bob");
      await bob.expect("from alice: one", "from alice: two");
    });

    test("a send resolves after the server was killed and started again, and arrives once", async (t) => {
      const server = await TestServer.start(t, { args });
      const alice = open(t, way.url(server), { name: "alice" });
      await alice.send("bob", "one");
      await server.end("SIGKILL");
      const sending = [alice.send("bob", "two"), alice.send("bob", "three")];
      assert.equal(alice.unsent.length, 2);
      const next = await TestServer.start(t, { data: server.data, port: server.port, args });
      alice.retry();
      await Promise.all(sending);
      assert.equal(alice.unsent.length, 0);
      const bob = open(t, way.url(next), { name: "bob" });
      const got = await take(bob.messages(), 3);
      assert.deepEqual(
        got.map(({ body }) => body),
        ["one", "two", "three"],
      );
    });

    test("a refused send says why, and the next one goes on", async (t) => {
      const server = await TestServer.start(t, { args });
      const alice = open(t, way.url(server), { name: "alice" });
      await assert.rejects(alice.send("#nowhere", "hi"), codeOf("no-such-room"));
      await assert.rejects(alice.send("bob", "\u0007"), codeOf("bad-body"));
      await alice.send("alice", "note");
      const [note] = await take(alice.messages(), 1);
      assert.deepEqual([note?.body, note?.isOwn], ["note", true]);
    });

    test("what is refused is kept where that is wanted, until it is dismissed", async (t) => {
      const server = await TestServer.start(t, { args });
      const store = fileStore(join(temporaryFolder(t), "store"));
      const options: LineOptions = { name: "alice", store, keepRefused: true };
      const first = open(t, way.url(server), options);
      await assert.rejects(first.send("#nowhere", "one"), codeOf("no-such-room"));
      await assert.rejects(first.send("#nowhere", "two"), codeOf("no-such-room"));
      await first.dismiss(1);
      await first.close();
      const second = open(t, way.url(server), options);
      await second.opened;
      assert.deepEqual(
        second.refused.map(({ id, to, body, code }) => ({ id, to, body, code })),
        [{ id: 2, to: ["#nowhere"], body: "two", code: "no-such-room" }],
      );
      await second.dismiss(2);
      assert.deepEqual(second.refused, []);
    });

    test("a read marker that is set without a connection is told with the next one", async (t) => {
      const server = await TestServer.start(t, { args });
      const [alice, bob] = ["alice", "bob"].map((name) => open(t, way.url(server), { name }));
      assert.ok(alice !== undefined && bob !== undefined);
      const { seqs } = await bob.send("alice", "hi");
      alice.markRead("bob", seqs?.["alice"] ?? 0);
      await alice.who();
      const [conversation] = await alice.conversations();
      assert.deepEqual([conversation?.read, conversation?.unread], [seqs?.["alice"], 0]);
    });

    test("requests are answered, also those made before the line was up", async (t) => {
      const server = await TestServer.start(t, { args });
      const alice = open(t, way.url(server), { name: "alice" });
      const room = await alice.join("#ops");
      assert.deepEqual([room.room, room.members, room.standing], ["#ops", 1, "owner"]);
      await alice.setTopic("#ops", "v: 2");
      await alice.send("#ops", "hi");
      const { deliveries } = await alice.history("#ops");
      assert.deepEqual(
        deliveries.map((one) => one.kind),
        ["join", "topic", "message"],
      );
      assert.deepEqual(await alice.who(), ["alice"]);
      await assert.rejects(alice.leave("#other"), codeOf("no-such-room"));
    });
  });
}

test("what was not confirmed comes again, to the next run that has the store", async (t) => {
  const server = await TestServer.start(t);
  const url = `partyline://127.0.0.1:${server.port}`;
  const store = memoryStore();
  const alice = open(t, url, { name: "alice" });
  for (const body of ["one", "two", "three"]) await alice.send("bob", body);
  const first = connect(url, { name: "bob", store });
  const messages = first.messages();
  assert.deepEqual(
    (await take(messages, 2)).map(({ body }) => body),
    ["one", "two"],
  );
  await first.close();
  assert.equal((await messages.next()).done, true, "a closed line delivers nothing more");
  const second = open(t, url, { name: "bob", store });
  const [again] = await take(second.messages(), 1);
  assert.deepEqual([again?.body, again?.isReplayed], ["two", true]);
});

test("what was never transmitted is withdrawn, and what was is of unknown outcome", async (t) => {
  const server = await TestServer.start(t);
  const url = `partyline://127.0.0.1:${server.port}`;
  const alice = open(t, url, { name: "alice" });
  await online(alice);
  await server.end("SIGKILL");
  const giveUp = new AbortController();
  const given = alice.send("bob", "never", { signal: giveUp.signal });
  const kept = alice.send("bob", "later");
  giveUp.abort();
  await assert.rejects(given, codeOf("aborted"));
  assert.deepEqual(
    alice.unsent.map(({ body }) => body),
    ["later"],
  );
  const next = await TestServer.start(t, { data: server.data, port: server.port });
  next.child.kill("SIGSTOP");
  next.child.kill("SIGCONT");
  alice.retry();
  await kept;
  next.child.kill("SIGSTOP");
  const late = new AbortController();
  const unknown = alice.send("bob", "perhaps", { signal: late.signal });
  await new Promise<void>((resolve) => {
    const look = (): void =>
      alice.unsent[0]?.isTransmitted === true ? resolve() : void setImmediate(look);
    look();
  });
  late.abort();
  await assert.rejects(unknown, codeOf("outcome-unknown"));
  next.child.kill("SIGCONT");
  const bob = open(t, url, { name: "bob" });
  const got = await take(bob.messages(), 2);
  assert.deepEqual(
    got.map(({ body }) => body),
    ["later", "perhaps"],
  );
});

test("a program that died leaves its outbox to the next one, and two at once are refused", async (t) => {
  const server = await TestServer.start(t);
  const url = `partyline://127.0.0.1:${server.port}`;
  const path = `${temporaryFolder(t)}/bot`;
  const first = open(t, url, { name: "bot", store: fileStore(path) });
  await first.send("alice", "one");
  const second = open(t, url, { name: "bot", store: fileStore(path) });
  await assert.rejects(second.opened, codeOf("store-in-use"));
  await server.end("SIGKILL");
  void first.send("alice", "two").catch(() => {});
  await first.close();
  const next = await TestServer.start(t, { data: server.data, port: server.port });
  const third = open(t, url, { name: "bot", store: fileStore(path) });
  await third.opened;
  assert.deepEqual(
    third.unsent.map(({ body }) => body),
    ["two"],
  );
  await third.send("alice", "three");
  const alice = open(t, `partyline://127.0.0.1:${next.port}`, { name: "alice" });
  const got = await take(alice.messages(), 3);
  assert.deepEqual(
    got.map(({ body }) => body),
    ["one", "two", "three"],
  );
});

test("a name that somebody else has is refused the first time, and nothing is tried again", async (t) => {
  const server = await TestServer.start(t);
  const url = `partyline://127.0.0.1:${server.port}`;
  await server.login(t, "alice");
  const other = connect(url, { name: "alice" });
  await assert.rejects(other.send("bob", "hi"), codeOf("name-taken"));
  assert.equal(other.state.kind, "closed");
});

test("a URL that cannot be connected to is told at once", () => {
  assert.throws(() => connect("nonsense", { name: "alice" }), codeOf("bad-url"));
});

test("who is told that a line is online knows its name as the server shows it", async (t) => {
  // The state was told first, and whoever logged in as ALICE went on to be called that.
  const server = await TestServer.start(t);
  const url = `partyline://127.0.0.1:${server.port}`;
  const first = open(t, url, { name: "Alice" });
  await online(first);
  await first.close();
  const again = open(t, url, { name: "ALICE" });
  const names: string[] = [];
  again.on("state", ({ kind }) => kind === "online" && names.push(again.name));
  await online(again);
  assert.deepEqual(names, ["Alice"]);
});

test("a state tells since when there is no connection, also while another is tried", async (t) => {
  // The second outage was said to have begun with the first.
  const server = await TestServer.start(t);
  const line = open(t, `partyline://127.0.0.1:${server.port}`, { name: "alice" });
  await online(line);
  const since = line.state.kind === "online" ? line.state.since : assert.fail("it is");
  const told: number[] = [];
  const tried = Promise.withResolvers<void>();
  line.on("state", (state) => {
    if (state.kind === "reconnecting") told.push(state.since);
    if (state.kind !== "connecting") return;
    told.push(state.since ?? 0);
    tried.resolve();
  });
  await server.end("SIGKILL");
  await tried.promise;
  assert.ok(
    told.length >= 2 && told.every((one) => one >= since && one === told[0]),
    told.join(", "),
  );
});

test("what was sent bears the server's time, whatever the clock here says", async (t) => {
  // One's own messages had the device's time until they were loaded again, and stood under another day.
  const server = await TestServer.start(t);
  const { now } = Date;
  t.mock.method(Date, "now", () => now() + 26 * 60 * 60 * 1000);
  const alice = open(t, `partyline://127.0.0.1:${server.port}`, { name: "alice" });
  const begin = now();
  const { at = 0 } = await alice.send("alice", "note");
  const [note] = await take(alice.messages(), 1);
  assert.ok(at >= begin - 1000 && at <= now() + 1000, `${at - begin} ms later`);
  assert.ok(Math.abs(at - (note?.at ?? 0)) < 10_000);
});

test("a backlog larger than the inbox comes once and in order, also to who answers meanwhile", async (t) => {
  // The connection was given up whenever the inbox was full, and all that was not confirmed came again with
  // the next one: fifteen thousand messages took a hundred and sixty-five connections.
  const server = await TestServer.start(t);
  const count = 25_000;
  const bob = await server.login(t, "bob");
  bob.say(...Array.from({ length: count }, (_, i) => `alice: ${i}`));
  await bob.barrier();
  const alice = open(t, `partyline://127.0.0.1:${server.port}`, { name: "alice" });
  let connections = 0;
  alice.on("state", ({ kind }) => {
    if (kind === "connecting") connections += 1;
  });
  const bodies: string[] = [];
  for await (const { body } of alice.messages()) {
    bodies.push(body);
    if (bodies.length % 5000 === 1) await alice.send("bob", `${bodies.length}`);
    if (bodies.length === count) break;
  }
  assert.deepEqual(
    bodies,
    Array.from({ length: count }, (_, i) => `${i}`),
  );
  assert.ok(connections <= 4, `${connections} connections`);
});

/** How a welcome ends that says nothing of a session or of what was lost. */
const WELCOME_END = '"version":1}}';

/**
 * A proxy that passes on what comes, but of its first connection only the welcome: it closes that one in
 * good order when the client says something more.
 */
async function closingProxy(t: TestContext, target: number) {
  const connections: Socket[] = [];
  const proxy = createServer((client) => {
    const isFirst = connections.push(client) === 1;
    const server = dial(target, "127.0.0.1").on("error", () => {});
    t.after(() => [client, server].forEach((socket) => socket.destroy()));
    client.on("error", () => {}).on("close", () => server.destroy());
    if (!isFirst) return void server.pipe(client).pipe(server);
    let isWelcome = false;
    server.on("data", (bytes: Buffer) => {
      const end = bytes.indexOf(WELCOME_END);
      if (isWelcome) return;
      isWelcome = end >= 0;
      client.write(isWelcome ? bytes.subarray(0, end + WELCOME_END.length) : bytes);
      // Over TCP with the end of its line, which is no byte of a WebSocket's frame.
      if (isWelcome && bytes[end + WELCOME_END.length] === 10) client.write("\n");
    });
    client.on("data", (bytes) => {
      if (isWelcome) client.end();
      else server.write(bytes);
    });
  });
  t.after(() => proxy.close());
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  const { port } = proxy.address() as AddressInfo;
  return { port, connections };
}

for (const way of WAYS.filter(({ args }) => args === undefined)) {
  test(`a line over ${way.name} is finished when the server says so, and not when something closes the connection`, async (t) => {
    // A proxy that went down, or a server that died, looked like the end, and what waited had not come.
    const server = await TestServer.start(t);
    await play(server.port, "bob\nalice: one\nalice: two\n");
    const proxy = await closingProxy(t, server.port);
    const alice = open(t, way.url(proxy), { name: "alice" });
    await online(alice);
    await alice.finish();
    assert.equal(proxy.connections.length, 2);
    const taken = await take(alice.messages(), 3);
    assert.deepEqual(
      taken.map(({ body }) => body),
      ["one", "two"],
    );
  });
}

test("finish gives all of a backlog larger than the inbox, and does not wait where nobody takes it", async (t) => {
  const server = await TestServer.start(t);
  const count = 12_000;
  const bob = await server.login(t, "bob");
  bob.say(...Array.from({ length: count }, (_, i) => `alice: ${i}`));
  await bob.barrier();
  const url = `partyline://127.0.0.1:${server.port}`;
  const sender = open(t, url, { name: "alice" });
  await sender.send("bob", "hi");
  await sender.finish();
  await sender.close();
  const reader = open(t, url, { name: "alice" });
  let taken = 0;
  const finished = (async () => {
    for await (const { isOwn } of reader.messages()) if (!isOwn) taken += 1;
  })();
  await reader.finish();
  await finished;
  assert.equal(taken, count);
});

test("what was asked and written without a connection is done in that order", async (t) => {
  // What was written went first, into a room that was joined after it.
  const server = await TestServer.start(t);
  const { port, data } = server;
  const alice = open(t, `partyline://127.0.0.1:${port}`, { name: "alice" });
  await online(alice);
  await server.end("SIGKILL");
  const done = [
    alice.send("bob", "first").then(() => "sent"),
    alice.join("#late").then(() => "joined"),
    alice.send("#late", "hi").then(() => "sent"),
    alice.leave("#late").then(() => "left"),
    alice.send("#late", "bye").catch(({ code }: LineError) => code),
  ];
  await TestServer.start(t, { data, port });
  alice.retry();
  assert.deepEqual(await Promise.all(done), ["sent", "joined", "sent", "left", "not-a-member"]);
});
