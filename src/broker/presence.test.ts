// Presence: changes are collected, and who was away for a moment was not away.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectedWorld as World, type Listening } from "./connected-world.ts";
import type { Peer } from "./peer.ts";

/** `+bob` for who came, `-bob` for who went; one entry a notice. */
function told({ notices }: Listening): string[] {
  return notices
    .splice(0)
    .map((notice) =>
      notice.kind === "presence"
        ? notice.names.map(({ name, online }) => (online ? "+" : "-") + name).join("")
        : notice.kind,
    );
}

test("a thousand who reconnect within two seconds are no notice, and a thousand who come are one", async () => {
  const world = new World();
  const { peer, connection } = await world.comes("alice");
  await world.watches(peer);
  const others: Peer[] = [];
  for (let i = 0; i < 1000; i++) others.push((await world.comes(`n${i}`)).peer);
  await world.clock.goOn(2000);
  const [all = "", ...more] = told(connection);
  assert.equal(all.split("+").length, 1001);
  assert.deepEqual(more, []);
  for (const other of others) world.goes(other);
  for (let i = 0; i < 1000; i++) await world.comes(`n${i}`);
  await world.clock.goOn(2000);
  assert.deepEqual(told(connection), []);
});

test("who goes and stays away is told once, also to those who share a room that he has left", async () => {
  const world = new World();
  const { peer, connection } = await world.comes("alice");
  const bob = await world.comes("bob");
  await world.clock.goOn(2000);
  assert.deepEqual(await world.watches(peer), ["bob"]);
  world.goes(bob.peer);
  await world.clock.goOn(2000);
  assert.deepEqual(told(connection), ["-bob"]);
});

test("who shares nothing is told nothing", async () => {
  const world = new World();
  const { peer, connection } = await world.comes("alice");
  await world.watches(peer, "carol");
  const bob = await world.comes("bob");
  world.rooms.gone(bob.peer);
  await world.clock.goOn(2000);
  told(connection);
  world.goes(bob.peer);
  await world.clock.goOn(2000);
  assert.deepEqual(told(connection), []);
});

// In the browser, whoever joined a room after one had come oneself was shown as away, and so were all who
// were in a room that one joined oneself.
test("who joins a room is told who is there, and its members are told that he is", async () => {
  const world = new World();
  const alice = await world.comes("alice");
  const carol = await world.comes("carol");
  const bob = await world.comes("bob", "#elsewhere");
  await world.clock.goOn(2000);
  for (const { peer } of [alice, bob]) await world.watches(peer);
  world.rooms.joined(bob.peer, "#ops", "#ops", 2);
  world.presence.joined([bob.peer], "#ops");
  await world.clock.goOn(2000);
  assert.deepEqual(told(alice.connection), ["+bob"]);
  assert.deepEqual(told(bob.connection), ["+alice+carol"]);
  assert.deepEqual(told(carol.connection), []);
  world.goes(carol.peer);
  await world.clock.goOn(2000);
  assert.deepEqual(told(bob.connection), ["-carol"]);
});

// Whoever joined a room was told two seconds later that it had come itself.
test("nobody is told of itself, by whatever way it shares a conversation with itself", async () => {
  const world = new World();
  const alice = await world.comes("alice");
  const bob = await world.comes("bob", "#elsewhere");
  await world.clock.goOn(2000);
  // She has written a note to herself.
  await world.watches(alice.peer, "alice");
  world.presence.converses(alice.peer, "alice");
  for (const { peer } of [alice, bob]) {
    world.rooms.joined(peer, "#new", "#new", 2);
    world.presence.joined([peer], "#new");
  }
  await world.clock.goOn(2000);
  assert.deepEqual(told(alice.connection), ["+bob", "+bob"]);
  world.rooms.joined(alice.peer, "#own", "#own", 3);
  world.presence.joined([alice.peer], "#own");
  await world.clock.goOn(2000);
  assert.deepEqual(told(alice.connection), []);
});

test("who joins a room and goes at once was never there", async () => {
  const world = new World();
  const alice = await world.comes("alice");
  await world.watches(alice.peer);
  const bob = await world.comes("bob", "#elsewhere");
  world.rooms.joined(bob.peer, "#ops", "#ops", 2);
  world.presence.joined([bob.peer], "#ops");
  world.goes(bob.peer);
  await world.clock.goOn(2000);
  assert.deepEqual(told(alice.connection), []);
});

test("who has a first conversation with a name is told whether it is there", async () => {
  const world = new World();
  const alice = await world.comes("alice");
  await world.comes("bob", "#elsewhere");
  await world.clock.goOn(2000);
  await world.watches(alice.peer);
  world.presence.converses(alice.peer, "bob");
  world.presence.converses(alice.peer, "bob");
  world.presence.converses(alice.peer, "nobody");
  await world.clock.goOn(2000);
  assert.deepEqual(told(alice.connection), ["+bob"]);
});

test("who is blocked sees nothing of who blocks him, but where both are in a room", async () => {
  const world = new World();
  const bob = await world.comes("bob", "#bobs");
  const alice = await world.comes("alice", "#alices");
  await world.clock.goOn(2000);
  assert.deepEqual(await world.watches(bob.peer, "alice"), ["alice"]);
  world.blocks(alice.peer, "bob");
  assert.deepEqual(told(bob.connection), ["-alice"]);
  assert.deepEqual(await world.watches(bob.peer, "alice"), []);
  world.goes(alice.peer);
  await world.clock.goOn(2000);
  const again = await world.comes("alice", "#alices");
  world.blocked.entered(again.peer, ["bob"]);
  await world.clock.goOn(2000);
  world.presence.converses(bob.peer, "alice");
  await world.clock.goOn(2000);
  assert.deepEqual(told(bob.connection), []);
  world.rooms.joined(again.peer, "#bobs", "#bobs", 9);
  world.presence.joined([again.peer], "#bobs");
  await world.clock.goOn(2000);
  assert.deepEqual(told(bob.connection), ["+alice"]);
  world.rooms.left(again.peer, "#bobs", "#bobs", 10);
  world.blocks(again.peer, "bob", false);
  await world.clock.goOn(2000);
  assert.deepEqual(told(bob.connection), ["+alice"]);
});
