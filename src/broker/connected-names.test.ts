// Who gets a name that is held, with a clock that goes on when the test says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseName } from "../protocol/name.ts";
import { ConnectedNames } from "./connected-names.ts";
import { HandClock, settle } from "./hand-clock.ts";
import { type ClientState, Peer, type PeerBroker } from "./peer.ts";
import { MemoryConnection } from "./schedules.ts";

function world() {
  const clock = new HandClock();
  const names = new ConnectedNames(clock);
  const taken: string[] = [];
  const broker = {
    head: () => 0,
    gone: (peer: Peer) => names.remove(peer),
  } as Partial<PeerBroker> as PeerBroker;
  /** A login of `alice`; `taken` says who had the name, one after the other. */
  const login = async (who: string, client: ClientState = {}): Promise<Peer> => {
    const connection = new MemoryConnection((step) => setImmediate(step));
    const peer = new Peer(broker, parseName("alice"), connection, client);
    connection.peer = peer;
    names.take(peer).then(
      () => taken.push(who),
      () => taken.push(`${who} was refused`),
    );
    await settle();
    return peer;
  };
  return { clock, names, taken, login };
}

test("who has waited longest gets the name, also when he had to cut who held it", async () => {
  // One client had finished and read nothing, a second one logged in and sent, and a third one after
  // that. The second waited its time, cut the first, and queued again: behind the third, which took
  // the name. What the second had sent came after what the third sent; or the third stayed, and
  // the second was refused.
  const { clock, taken, login } = world();
  const holder = await login("holder");
  holder.finish();
  await login("second");
  await clock.goOn(500);
  await login("third");
  await clock.goOn(500);
  assert.deepEqual(taken, ["holder", "second"]);
});

test("of two that had to wait too long the first comes first", async () => {
  const { clock, taken, login } = world();
  const holder = await login("holder");
  holder.finish();
  const second = await login("second");
  await login("third");
  await clock.goOn(1000);
  second.gone();
  await settle();
  assert.deepEqual(taken, ["holder", "second", "third"]);
});

test("a login waits its second for each who has the name, not for all of them together", async () => {
  // A client reset its connection and came back several times at once. The connections in line before
  // the last one were dead; one of them got the name when the last one had waited nearly its second,
  // was not gone yet when it was over, and the last one was refused: by a holder it had never asked.
  const { clock, taken, login } = world();
  const holder = await login("holder");
  const second = await login("second");
  await clock.goOn(500);
  await login("third");
  await clock.goOn(400);
  holder.gone();
  await settle();
  await clock.goOn(700);
  second.gone();
  await settle();
  assert.deepEqual(taken, ["holder", "second", "third"]);
});

test("whoever reconnected stays when his former connection is removed at last", async () => {
  const { names, taken, login } = world();
  const former = await login("former");
  names.remove(former);
  const now = await login("now");
  names.remove(former);
  assert.deepEqual(taken, ["former", "now"]);
  assert.deepEqual(names.get("alice"), [now]);
});

test("a holder that has not finished keeps the name, and who wanted it is told within a second", async () => {
  const { clock, names, taken, login } = world();
  const holder = await login("holder");
  await login("other");
  await clock.goOn(1000);
  assert.deepEqual(taken, ["holder", "other was refused"]);
  assert.deepEqual(names.get("alice"), [holder]);
});

test("an account has any number of peers, and each leaves alone", async () => {
  const { names, taken, login } = world();
  const phone = await login("phone", { isShared: true });
  const laptop = await login("laptop", { isShared: true });
  assert.deepEqual(taken, ["phone", "laptop"]);
  assert.deepEqual(names.get("alice"), [phone, laptop]);
  assert.deepEqual(names.shown(), ["alice"]);
  names.remove(phone);
  assert.deepEqual(names.get("alice"), [laptop]);
});

test("of an account's peers one alone sends with an outbox: an older one is cut at once", async () => {
  const { names, taken, login } = world();
  const other = await login("other", { isShared: true, outbox: "two" });
  await login("older", { isShared: true, outbox: "one" });
  const newer = await login("newer", { isShared: true, outbox: "one" });
  assert.deepEqual(taken, ["other", "older", "newer"]);
  assert.deepEqual(names.get("alice"), [other, newer]);
});

test("whoever has a name that was open when it became an account must leave first", async () => {
  const { clock, names, taken, login } = world();
  const holder = await login("holder");
  await login("account", { isShared: true });
  await clock.goOn(1000);
  assert.deepEqual(taken, ["holder", "account was refused"]);
  assert.deepEqual(names.get("alice"), [holder]);
});
