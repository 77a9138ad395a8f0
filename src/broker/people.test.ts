// Whom peers talk with, and whom their names block: as the log says, and as the feed goes on.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Blocked } from "./blocked.ts";
import { ConnectedWorld } from "./connected-world.ts";
import { MOST_PEOPLE, People } from "./people.ts";

const world = new ConnectedWorld();
const { peer } = await world.comes("alice");

test("who is met while the log is asked is among them, and it is asked once", async () => {
  const { promise, resolve } = Promise.withResolvers<string[]>();
  let asked = 0;
  const people = new People(() => {
    asked += 1;
    return promise;
  });
  assert.equal(people.meets(peer, "bob"), false, "nobody has asked about it yet");
  const both = Promise.all([people.of(peer), people.of(peer)]);
  assert.equal(people.meets(peer, "carol"), true);
  resolve(["bob", "carol"]);
  const [keys] = await both;
  assert.deepEqual([...keys].toSorted(), ["bob", "carol"]);
  assert.deepEqual([people.meets(peer, "bob"), people.meets(peer, "dave")], [false, true]);
  assert.ok(keys.has("dave"));
  assert.equal(asked, 1);
});

test("a read that failed is tried again when it is needed again", async () => {
  const answers = [Promise.reject(new Error("the disk")), Promise.resolve(["bob"])];
  const people = new People(() => answers.shift() ?? assert.fail());
  await assert.rejects(people.of(peer), /the disk/);
  assert.deepEqual([...(await people.of(peer))], ["bob"]);
});

test("no more of them are kept than there may be", async () => {
  const people = new People(() => Promise.resolve([]));
  const keys = await people.of(peer);
  for (let i = 0; i <= MOST_PEOPLE; i++) people.meets(peer, `n${i}`);
  assert.equal(keys.size, MOST_PEOPLE);
});

test("what the feed told of a name's blocks while it logged in is newer than what the log says", () => {
  const blocked = new Blocked();
  blocked.entering(peer);
  blocked.changed([peer], "bob", true);
  blocked.changed([peer], "carol", false);
  blocked.entered(peer, ["carol", "dave"]);
  assert.deepEqual([...blocked.of(peer)].toSorted(), ["bob", "dave"]);
  blocked.changed([peer], "dave", false);
  assert.deepEqual([...blocked.of(peer)], ["bob"]);
  blocked.gone(peer);
  assert.deepEqual([...blocked.of(peer)], []);
});
