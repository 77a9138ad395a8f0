// In which order passwords are hashed, and how much of the time, with a clock that goes on when the test says.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { Clock } from "../broker/clock.ts";
import { HandClock, settle } from "../broker/hand-clock.ts";
import { ChatError } from "../protocol/errors.ts";
import { type Asker, type EndTurn, Turns } from "./turns.ts";

/** What a hash takes of a core, in ms. */
const HASH = 50;

/** A clock by which nothing takes any time. */
const TIMELESS: Pick<Clock, "after"> = {
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
/** The addresses that have hung up. */
let gone = new Set<string>();

beforeEach(() => {
  clock = new HandClock();
  turns = new Turns(clock);
  begun = [];
  gone = new Set();
});

function asker(address: string): Asker {
  return { address, isGone: () => gone.has(address) };
}

async function tries(...addresses: readonly (string | undefined)[]): Promise<void> {
  for (const address of addresses) {
    turns.next(address === undefined ? undefined : asker(address)).then(
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
  end(wasRight, HASH);
  await settle();
  if (!wasRight) await clock.goOn(4 * HASH);
}

// Whoever tried wrong passwords from many addresses had one core of two for himself.
test("after a wrong password nothing is hashed for four times as long as it took, after a right one it is", async () => {
  await tries("a", "b", "c");
  await clock.goOn(HASH);
  end(false, HASH);
  await clock.goOn(4 * HASH - 1);
  assert.deepEqual(begun, ["a"]);
  await clock.goOn(1);
  assert.deepEqual(begun, ["a", "b"]);
  end(true, HASH);
  await settle();
  assert.deepEqual(begun, ["a", "b", "c"]);
});

// On a machine that was busy a hash took a second, and nothing was hashed for two more: a right password waited for
// what had cost next to nothing.
test("what counts is the time of a core that a hash took, and not how long it waited for one", async () => {
  await tries("a", "b");
  await clock.goOn(3_600_000);
  end(false, HASH);
  await clock.goOn(4 * HASH);
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
  end(true, HASH);
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

// From ever new addresses came so many that a right password from an address that was new as well found a place in
// one of thirty tries, however often it came again.
test("who was told that too many wait comes before all who come after that, when he comes again", async () => {
  await tries(...Array.from({ length: 51 }, (_, i) => `a${i}`));
  await tries("honest");
  assert.equal(begun.at(-1), "honest busy");
  for (let i = 0; i < 30; i++) {
    await over(false);
    await tries(`b${i}`, `c${i}`, `d${i}`);
  }
  begun = [];
  await tries("honest");
  assert.deepEqual(begun, ["b29 busy"], "of fifty the last gives way to him");
  await over(false);
  for (let i = 31; i < 51; i++) await over(false);
  assert.equal(begun.at(-1), "honest");
  assert.ok(!begun.includes("b0"));
  await tries("honest", "new");
  await over(false);
  assert.notEqual(begun.at(-1), "honest", "it was his turn, and the next one is in its own place");
});

// Who had hung up long ago was hashed all the same, and so were fifty of them while others were told "busy".
test("who has hung up takes neither a turn nor a place, and it does not count as a try", async () => {
  await tries("a", "b", "c", ...Array.from({ length: 48 }, (_, i) => `a${i}`));
  gone = new Set(["b", "a7"]);
  await tries("late", "later");
  assert.deepEqual(begun, ["a", "b busy", "a7 busy"]);
  gone = new Set(["c"]);
  await over(false);
  assert.deepEqual(begun.slice(3), ["c busy", "a0"]);
  gone = new Set();
  await tries("c");
  await over(false);
  assert.equal(begun.at(-1), "c");
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
    end(true, HASH);
    await settle();
  }
  return begun[1] === address;
}

test("what is remembered of addresses is bounded, and who was right is not forgotten for who was not", async () => {
  turns = new Turns(TIMELESS);
  const one = async (address: string, wasRight: boolean): Promise<void> =>
    (await turns.next(asker(address)))(wasRight, HASH);
  await one("known", true);
  for (let i = 0; i < 20_000; i++) await one(`wrong ${i}`, false);
  assert.ok(await isKnown("known"));
  for (let i = 0; i < 20_000; i++) await one(`right ${i}`, true);
  assert.ok(!(await isKnown("known")));
});
