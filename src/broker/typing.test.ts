// Typing: told to whom it concerns, and to nobody who has nothing to do with whoever types.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRecipient } from "../protocol/room.ts";
import { ConnectedWorld as World, type Listening } from "./connected-world.ts";
import type { Peer } from "./peer.ts";

/** Types in each of these seconds. @returns how often it was told to the other */
async function type(
  world: World,
  peer: Peer,
  to: string,
  other: Listening,
  seconds = 1,
): Promise<number> {
  for (let second = 0; second < seconds; second++) {
    await world.clock.goOn(1000);
    world.typing.tell(peer, parseRecipient(to));
    world.typing.tell(peer, parseRecipient(to));
    await world.clock.goOn(0);
  }
  return other.notices.splice(0).filter(({ kind }) => kind === "typing").length;
}

// Any name's typing reached any other name.
test("a stranger's typing reaches nobody, and is no read each time", async () => {
  const world = new World();
  const alice = await world.comes("alice", "#alices");
  const mallory = await world.comes("mallory", "#mallorys");
  assert.equal(await type(world, mallory.peer, "alice", alice.connection, 20), 0);
  assert.equal(world.asked, 1);
  world.presence.converses(mallory.peer, "alice");
  assert.equal(await type(world, mallory.peer, "alice", alice.connection, 3), 3);
  assert.equal(world.asked, 1);
});

test("who has talked with somebody, or is in a room with him, is seen typing", async () => {
  const world = new World();
  const alice = await world.comes("alice", "#alices");
  const bob = await world.comes("bob", "#bobs");
  const carol = await world.comes("carol", "#alices");
  world.talks.set("bob", ["alice"]);
  assert.equal(await type(world, bob.peer, "Alice", alice.connection, 2), 2);
  assert.equal(await type(world, carol.peer, "alice", alice.connection), 1);
  assert.equal(await type(world, alice.peer, "alice", alice.connection), 0);
  assert.equal(await type(world, carol.peer, "#alices", alice.connection), 1);
  assert.equal(await type(world, bob.peer, "#alices", alice.connection), 0);
});

test("who is blocked is not seen typing, but in a room", async () => {
  const world = new World();
  const alice = await world.comes("alice");
  const bob = await world.comes("bob");
  world.talks.set("bob", ["alice"]);
  world.blocks(alice.peer, "bob");
  assert.equal(await type(world, bob.peer, "alice", alice.connection), 0);
  assert.equal(await type(world, bob.peer, "#ops", alice.connection), 1);
  world.blocks(alice.peer, "bob", false);
  assert.equal(await type(world, bob.peer, "alice", alice.connection), 1);
});
