// In which order passwords are hashed, and how much of the time, with a clock that goes on when the test says.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { Clock } from "../broker/clock.ts";
import { HandClock, settle } from "../broker/hand-clock.ts";
import { ChatError } from "../protocol/errors.ts";
import { type EndTurn, Turns } from "./turns.ts";

/** What a hash takes, in ms. */
const HASH = 50;

/** A clock by which nothing takes any time. */
const TIMELESS: Pick<Clock, "now" | "after"> = {
  now: () => 0,
  after(_, callback) {
    callback();
    return { cancel: () => {} };
  },
};

let clock = new HandClock();
let turns = new Turns(clock);
/** Whose turns began, in order, and how they end; `busy` for whom there were too many. */
let begun: string[] = [];
let end: EndTurn = () => {};

beforeEach(() => {
  clock = new HandClock();
  turns = new Turns(clock);
  begun = [];
});

async function tries(...addresses: readonly (string | undefined)[]): Promise<void> {
  for (const address of addresses) {
    turns.next(address).then(
      (endTurn) => {
        end = endTurn;
        begun.push(address ?? "operator");
      },
      (error: unknown) => {
        assert.ok(error instanceof ChatError && error.code === "busy");
        begun.push(`${address} busy`);
      },
    );
  }
  await settle();
}

/** Ends the turn that has begun, and goes on until the next one may begin. */
async function over(wasRight: boolean): Promise<void> {
  await clock.goOn(HASH);
  end(wasRight);
  await settle();
  if (!wasRight) await clock.goOn(4 * HASH);
}

// Whoever tried wrong passwords from many addresses had one core of two for himself.
test("after a wrong password nothing is hashed for four times as long as it took, after a right one it is", async () => {
  await tries("a", "b", "c");
  await clock.goOn(HASH);
  end(false);
  await clock.goOn(4 * HASH - 1);
  assert.deepEqual(begun, ["a"]);
  await clock.goOn(1);
  assert.deepEqual(begun, ["a", "b"]);
  end(true);
  await settle();
  assert.deepEqual(begun, ["a", "b", "c"]);
});

test("a clock that is set keeps nobody waiting for longer than two seconds", async () => {
  await tries("a", "b");
  await clock.goOn(3_600_000);
  end(false);
  await clock.goOn(2000);
  assert.deepEqual(begun, ["a", "b"]);
});

test("a second try of an address waits until others have had their first", async () => {
  await tries("a", "a", "a", "b", "b", "c");
  for (let i = 0; i < 5; i++) await over(false);
  assert.deepEqual(begun, ["a", "b", "c", "a", "b", "a"]);
  await tries("a", "new");
  await over(false);
  assert.equal(begun.at(-1), "new");
});

test("an address that was right comes before those that were not, until it has tried as often", async () => {
  await tries("known");
  await over(true);
  await tries("a", "b", "known", "known");
  begun = ["a"];
  for (let i = 0; i < 3; i++) await over(false);
  assert.deepEqual(begun, ["a", "known", "b", "known"]);
});

test("who has shown already that he may is next, and nobody waits for him", async () => {
  await tries("a", "b", undefined);
  await over(false);
  assert.deepEqual(begun, ["a", "operator"]);
  end(true);
  await settle();
  assert.deepEqual(begun, ["a", "operator", "b"]);
});

// Wrong passwords from two hundred addresses took every place, and nine of ten right ones were told "busy".
test("of more than fifty who wait the last in line is refused, whoever came last", async () => {
  await tries("known");
  await over(true);
  await tries("a", ...Array.from({ length: 50 }, (_, i) => `a${i}`));
  assert.deepEqual(begun, ["known", "a"]);
  await tries("late");
  assert.equal(begun.at(-1), "late busy");
  await tries("known");
  assert.equal(begun.at(-1), "a49 busy");
  await over(false);
  assert.equal(begun.at(-1), "known");
  await tries("a0");
  assert.equal(begun.at(-1), "known", "there is a place again");
  await tries("late");
  assert.equal(begun.at(-1), "a0 busy", "a second try gives way to a first one");
});

test("what nobody has looked at does not count as a try", async () => {
  await tries(...Array.from({ length: 51 }, (_, i) => `a${i}`));
  for (let i = 0; i < 10; i++) await tries("late");
  for (let i = 0; i < 51; i++) await over(false);
  await tries("a0");
  await tries("a1", "late");
  await over(false);
  assert.equal(begun.at(-1), "late");
});

/** Whether an address that waits behind another one is before it. */
async function isKnown(address: string): Promise<boolean> {
  begun = [];
  await tries("first", "other", address);
  for (let i = 0; i < 3; i++) {
    end(true);
    await settle();
  }
  return begun[1] === address;
}

test("what is remembered of addresses is bounded, and who was right is not forgotten for who was not", async () => {
  turns = new Turns(TIMELESS);
  const one = async (address: string, wasRight: boolean): Promise<void> =>
    (await turns.next(address))(wasRight);
  await one("known", true);
  for (let i = 0; i < 20_000; i++) await one(`wrong ${i}`, false);
  assert.ok(await isKnown("known"));
  for (let i = 0; i < 20_000; i++) await one(`right ${i}`, true);
  assert.ok(!(await isKnown("known")));
});
