// Rooms through the port: by the line protocol, by JSON, and across connections and restarts.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { JsonClient } from "./harness/json-client.ts";
import { play } from "./harness/play.ts";
import { TestServer } from "./harness/server.ts";

async function joinJson(t: TestContext, server: TestServer, name: string): Promise<JsonClient> {
  const client = new JsonClient(name);
  client.connect(t, server.port);
  await client.until(() => client.isWelcome, "welcome");
  return client;
}

test("members receive what is said in a room, others nothing, and its writer nothing", async (t) => {
  const server = await TestServer.start(t);
  const alice = await server.login(t, "alice");
  const bob = await server.login(t, "bob");
  const carol = await server.login(t, "carol");
  alice.say("/join #ops");
  await alice.expect("* #ops, 1 member, you own it, you are in it");
  bob.say("/join #OPS");
  await bob.expect("* #ops, 2 members, you are in it");
  alice.say("#ops: deploying", "carol, #Ops: done", "alice: note");
  await bob.expect("from alice in #ops: deploying", "from alice in #ops: done");
  await carol.expect("from alice: done");
  await alice.expect("from alice: note");
  carol.say("#ops: me too");
  await carol.expect("! not-a-member you are not in #ops: /join #ops");
});

test("a member who is away gets what was said when he is back, and nothing from outside", async (t) => {
  const server = await TestServer.start(t);
  const alice = await server.login(t, "alice");
  alice.say("/join #ops", "#ops: before");
  await alice.take(1);
  await play(server.port, "bob\n/join #ops\n");
  alice.say("#ops: while away", "#ops: again");
  await alice.barrier();
  await server.end("SIGTERM");
  const next = await TestServer.start(t, { data: server.data });
  const back = (await play(next.port, "bob\n/leave #ops\n")).toString().split("\n");
  // The answer may come before what waits.
  const answer = "* you have left #ops";
  assert.ok(back.includes(answer), back.join(" | "));
  assert.deepEqual(
    back.filter((line) => line !== answer),
    ["from alice in #ops: while away", "from alice in #ops: again", ""],
  );
  assert.equal(
    (await play(next.port, "alice\n#ops: after\n/history #ops 2\n"))
      .toString()
      .match(/alice: .*/g)
      ?.join(),
    "alice: again,alice: after",
  );
  assert.equal((await play(next.port, "bob\n")).toString(), "");
});

test("joins and sends in one go are handled in their order", async (t) => {
  const server = await TestServer.start(t);
  const said = (
    await play(server.port, "alice\n#ops: no\n/join #ops\n#ops: yes\n/leave #ops\n#ops: no\n")
  ).toString();
  assert.deepEqual(
    said.split("\n").map((line) => line.split(" ").slice(0, 2).join(" ")),
    ["! no-such-room", "* #ops,", "* you", "! not-a-member", ""],
  );
});

test("every command about rooms has its answer", async (t) => {
  const server = await TestServer.start(t);
  const alice = await server.login(t, "alice");
  await play(server.port, "bob\n");
  const answers: readonly (readonly [string, ...string[]])[] = [
    ["/join #ops", "* #ops, 1 member, you own it, you are in it"],
    ["/topic #ops", "* #ops has no topic"],
    ["/topic #ops v: 2  and more ", "* the topic of #ops: v: 2  and more"],
    ["/private #ops", "* #ops is private: only who is invited may join, and nobody else sees it"],
    ["/invite #ops bob", "* bob may join #ops"],
    ["/rooms", "* #ops, 1 member, private, you own it, you are in it: v: 2  and more"],
    ["/ban #ops carol", "* carol is banned from #ops"],
    ["/ban #ops carol off", "* carol is not banned from #ops any more"],
    ["/private #ops off", "* #ops is public"],
    ["/who #ops", "* alice (owner)"],
    ["/kick #ops bob", "! not-a-member that name is not in #ops"],
    ["/join ops", '! bad-room "ops" is not a room: a room begins with "#"'],
    ["/leave #ops", "* you have left #ops"],
  ];
  for (const [command, ...lines] of answers) {
    alice.say(command);
    assert.deepEqual(await alice.take(lines.length), lines, command);
  }
});

test("JSON clients are told of joins, topics and leaves, in their place among the messages", async (t) => {
  const server = await TestServer.start(t);
  const alice = await joinJson(t, server, "alice");
  alice.say({ join: "#ops", id: 1 });
  assert.equal((await alice.take("joined")).members, 1);
  const bob = await server.login(t, "bob");
  bob.say("/join #ops", "#ops: hi", "/topic #ops new", "/leave #ops");
  await bob.take(3);
  await alice.until(() => alice.got.length >= 5, "five of the room");
  assert.deepEqual(
    alice.got.map(({ from, body }) => `${from}: ${body}`),
    ["#ops: alice join", "#ops: bob join", "bob: hi", "#ops: bob topic", "#ops: bob leave"],
  );
  assert.deepEqual(alice.failures, []);
  alice.say({ history: "#ops", limit: 10 });
  const { messages, events, more } = await alice.take("history");
  assert.deepEqual(
    messages.map(({ body }) => body),
    ["hi"],
  );
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ["join", "join", "topic", "leave"],
  );
  assert.equal(more, false);
});

// Whether one had ever been in a room was told as well, in a field that no document named.
test("of a room is told what docs/protocol.md says, and nothing else", async (t) => {
  const server = await TestServer.start(t);
  const alice = await joinJson(t, server, "alice");
  alice.say({ join: "#ops", id: 1 }, { rooms: true });
  const told = ["room", "topic", "isPrivate", "members", "isMember", "standing"];
  assert.deepEqual(Object.keys(await alice.take("joined")), [...told, "seq", "id"]);
  const { rooms } = await alice.take("rooms");
  assert.deepEqual(
    rooms.map((room) => Object.keys(room)),
    [told],
  );
});

test("who was kicked is told so, and gets nothing more", async (t) => {
  const server = await TestServer.start(t);
  const alice = await server.login(t, "alice");
  alice.say("/join #ops");
  await alice.take(1);
  const bob = await joinJson(t, server, "bob");
  bob.say({ join: "#ops" });
  await bob.take("joined");
  alice.say("#ops: one", "/kick #ops bob too loud", "#ops: two", "bob: done");
  await bob.until(() => bob.got.at(-1)?.body === "done", "the last message");
  assert.deepEqual(
    bob.got.map(({ body }) => body),
    ["bob join", "one", "bob kick", "done"],
  );
});
