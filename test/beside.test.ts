// What goes beside the messages: read markers, lists of conversations, presence, typing, blocking.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { JsonClient } from "./harness/json-client.ts";
import { play } from "./harness/play.ts";
import { TestServer } from "./harness/server.ts";

async function join(t: TestContext, server: TestServer, name: string): Promise<JsonClient> {
  const client = new JsonClient(name);
  client.connect(t, server.port);
  await client.until(() => client.isWelcome, "welcome");
  return client;
}

test("conversations are listed, the newest first, with what is unread in each", async (t) => {
  const server = await TestServer.start(t);
  const alice = await join(t, server, "alice");
  alice.say({ join: "#ops" });
  await alice.take("joined");
  await play(server.port, "bob\nalice: one\nalice: two\n/join #ops\n#ops: three\n");
  await play(server.port, "carol\nalice: four\n");
  await alice.until(() => alice.got.length >= 6, "everything");
  alice.say({ conversations: true });
  const { conversations } = await alice.take("conversations");
  assert.deepEqual(
    conversations.map(({ with: other, last, read, unread }) => [other, last?.body, read, unread]),
    [
      ["carol", "four", 0, 1],
      ["#ops", "three", 0, 1],
      ["bob", "two", 0, 2],
    ],
  );
  const [, , bob] = conversations;
  alice.say({ read: "bob", seq: (bob?.last?.seq ?? 0) - 1 }, { read: "bob", seq: 1 });
  alice.say({ read: "#ops", seq: 1e9 });
  assert.equal((await alice.take("error")).code, "bad-ack");
  alice.say({ conversations: true });
  const [, , again] = (await alice.take("conversations")).conversations;
  assert.deepEqual([again?.with, again?.unread], ["bob", 1]);
});

test("a blocked name's direct messages are refused, also to several, and not those in a room", async (t) => {
  const server = await TestServer.start(t);
  const alice = await server.login(t, "alice");
  alice.say("/block mallory", "/block", "/join #ops");
  await alice.expect("* you no longer take direct messages from mallory", "* mallory");
  await alice.take(1);
  const mallory = (
    await play(server.port, "mallory\nalice: hi\nbob, alice: hi\n/join #ops\n#ops: hi\n")
  ).toString();
  const refused = '! blocked "alice" takes no messages from you\n';
  assert.equal(mallory, `${refused}${refused}* #ops, 2 members, you are in it\n`);
  await alice.expect("from mallory in #ops: hi");
  assert.equal((await play(server.port, "bob\n")).toString(), "");
  alice.say("/block mallory off");
  await alice.take(1);
  await play(server.port, "mallory\nalice: sorry\n");
  await alice.expect("from mallory: sorry");
});

// Whoever did could write no notes to himself any more.
test("nobody can block himself, and who once could may lift it", async (t) => {
  const server = await TestServer.start(t);
  const alice = await server.login(t, "alice");
  alice.say("/block Alice", "/block alice off", "/block", "alice: a note");
  await alice.expect(
    "! not-allowed you cannot block yourself: notes to yourself are yours",
    "* you take direct messages from alice",
    "from alice: a note",
  );
});

test("a block outlives a restart", async (t) => {
  const server = await TestServer.start(t);
  await play(server.port, "alice\n/block mallory\n");
  await server.end("SIGKILL");
  const next = await TestServer.start(t, { data: server.data });
  const said = (await play(next.port, "mallory\nalice: hi\n")).toString();
  assert.equal(said, '! blocked "alice" takes no messages from you\n');
});

test("who shares a conversation is told who comes and goes, and nobody else is", async (t) => {
  const server = await TestServer.start(t);
  await play(server.port, "bob\nalice: hi\n");
  await play(server.port, "carol\n/join #ops\n");
  const alice = await join(t, server, "alice");
  alice.say({ join: "#ops" }, { presence: true });
  assert.deepEqual((await alice.take("presence")).names, []);
  await server.login(t, "stranger");
  const bob = await server.login(t, "bob");
  const came = (await alice.take("presence")).names;
  assert.deepEqual(
    came.map(({ name, online }) => [name, online]),
    [["bob", true]],
  );
  const carol = await server.login(t, "carol");
  const alsoCame = (await alice.take("presence")).names;
  assert.deepEqual(
    alsoCame.map(({ name, online }) => [name, online]),
    [["carol", true]],
  );
  const second = await join(t, server, "dave");
  second.say({ presence: true });
  assert.deepEqual((await second.take("presence")).names, []);
  bob.finish();
  carol.finish();
  const gone = new Map<string, boolean>();
  while (gone.size < 2) {
    for (const { name, online } of (await alice.take("presence")).names) gone.set(name, online);
  }
  assert.deepEqual([gone.get("bob"), gone.get("carol")], [false, false]);
});

test("who is written to, and who joins where one is, is known to be there", async (t) => {
  const server = await TestServer.start(t);
  const alice = await join(t, server, "alice");
  alice.say({ join: "#ops" }, { presence: true });
  assert.deepEqual((await alice.take("presence")).names, []);
  const bob = await server.login(t, "bob");
  alice.say({ send: 1, to: ["bob"], body: "are you there?" });
  await bob.expect("from alice: are you there?");
  const carol = await server.login(t, "carol");
  carol.say("/join #ops");
  const told = new Set<string>();
  while (told.size < 2) {
    for (const { name } of (await alice.take("presence")).names) told.add(name);
  }
  assert.deepEqual([...told].toSorted(), ["bob", "carol"]);
});

test("typing is told to whom it concerns, and kept nowhere", async (t) => {
  const server = await TestServer.start(t);
  const alice = await join(t, server, "alice");
  const bob = await join(t, server, "bob");
  const carol = await join(t, server, "carol");
  for (const client of [alice, bob]) {
    client.say({ join: "#ops" });
    await client.take("joined");
  }
  await alice.until(() => alice.got.length >= 2, "bob's join");
  alice.say({ typing: "#ops" });
  assert.deepEqual(await bob.take("typing"), { from: "alice", to: "#ops" });
  carol.say({ typing: "#ops" });
  carol.send(["alice"], "hi");
  await alice.until(() => alice.got.length >= 3, "the message");
  assert.ok(!alice.frames.some((frame) => "typing" in frame));
});

test("whoever is invited is told, and finds it among the rooms", async (t) => {
  const server = await TestServer.start(t);
  const bob = await join(t, server, "bob");
  const alice = await server.login(t, "alice");
  alice.say("/join #ops", "/private #ops", "/invite #ops bob");
  assert.deepEqual(await bob.take("invited"), { room: "#ops", by: "alice" });
  bob.say({ rooms: true });
  assert.deepEqual(
    (await bob.take("rooms")).rooms.map(({ room }) => room),
    ["#ops"],
  );
});
