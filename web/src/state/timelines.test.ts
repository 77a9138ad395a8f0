// Timelines while a backlog comes, answers are late, and the person goes up, down and elsewhere: what is
// shown is always a stretch of the conversation without gaps.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Delivery, HistoryPage, HistoryPart } from "../../../src/client/index.ts";
import { check } from "../../../test/harness/check.ts";
import { createConversation } from "../model/conversations.ts";
import { MOST_ITEMS } from "../model/timeline.ts";
import { Timelines } from "./timelines.ts";

const ROOM = "#ops";
/** Messages that one person finds waiting, and that come meanwhile: more than are shown at once. */
const MOST_WAITING = 900;

function messageOf(seq: number): Delivery {
  const common = { seq, from: "bob", to: ROOM, body: String(seq), at: seq };
  return { kind: "message", ...common, isOwn: false, isReplayed: false };
}

/** The log up to its head, of which a part was delivered so far; answers wait until they are let go. */
class World {
  readonly timelines: Timelines;
  head: number;
  delivered = 0;
  #answers: (() => void)[] = [];

  constructor(head: number) {
    this.head = head;
    this.timelines = new Timelines(
      (_, part = {}) => this.#history(part),
      () => this.delivered,
    );
  }

  get items(): readonly number[] {
    return this.timelines
      .at(ROOM)
      .peek()
      .timeline.items.map(({ seq }) => seq);
  }

  deliver(count: number): void {
    const from = this.delivered + 1;
    this.delivered = Math.min(this.head, this.delivered + count);
    const all = Array.from({ length: this.delivered - from + 1 }, (_, i) => messageOf(from + i));
    this.timelines.deliver(ROOM, all);
  }

  async answer(): Promise<void> {
    this.#answers.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }

  async settle(): Promise<void> {
    while (this.#answers.length > 0) await this.answer();
  }

  /** Looked up when it is asked for, as the server does, and told later. */
  #history({ before, after, limit = 50 }: HistoryPart): Promise<HistoryPage> {
    const last =
      after === undefined
        ? Math.min(this.head, (before ?? Infinity) - 1)
        : Math.min(this.head, after + limit);
    const first = after === undefined ? Math.max(1, last - limit + 1) : after + 1;
    const more = after === undefined ? first > 1 : last < this.head;
    const deliveries = Array.from({ length: Math.max(0, last - first + 1) }, (_, i) =>
      messageOf(first + i),
    );
    const { promise, resolve } = Promise.withResolvers<HistoryPage>();
    this.#answers.push(() => resolve({ deliveries, more }));
    return promise;
  }
}

const amount = fc.integer({ min: 1, max: 200 });
const step = fc.oneof(
  { arbitrary: fc.record({ kind: fc.constant("deliver"), n: amount }), weight: 5 },
  { arbitrary: fc.record({ kind: fc.constant("say"), n: amount }), weight: 2 },
  { arbitrary: fc.record({ kind: fc.constant("answer"), n: fc.constant(1) }), weight: 5 },
  fc.record({
    kind: fc.constantFrom("visit", "older", "newer", "newest", "follow", "leave"),
    n: fc.constant(1),
  }),
  fc.record({ kind: fc.constant("jump"), n: fc.integer({ min: 1, max: MOST_WAITING }) }),
);

function take(world: World, { kind, n }: { kind: string; n: number }): void {
  const { timelines } = world;
  switch (kind) {
    case "deliver":
      return world.deliver(n);
    case "say":
      world.head += n;
      return;
    case "visit":
      return timelines.visit(
        { ...createConversation(ROOM), unread: 1, read: world.delivered },
        true,
      );
    case "older":
      return void timelines.loadOlder(ROOM, ROOM);
    case "newer":
      return void timelines.loadNewer(ROOM, ROOM);
    case "newest":
      return void timelines.loadNewest(ROOM, ROOM);
    case "jump":
      return void timelines.jumpTo(ROOM, ROOM, Math.min(n, world.head));
    default:
      return timelines.follow(ROOM, kind === "follow");
  }
}

function assertStretch(items: readonly number[]): void {
  const [first = 0] = items;
  assert.deepEqual(
    items,
    items.map((_, index) => first + index),
  );
  assert.ok(items.length <= MOST_ITEMS, `${items.length} items`);
}

test("a timeline has no gaps, whatever comes in whatever order", async (t) => {
  await check(
    t,
    fc.asyncProperty(
      fc.oneof(fc.constant(0), fc.nat(100), fc.nat(MOST_WAITING)),
      fc.array(step, { maxLength: 40 }),
      async (head, steps) => {
        const world = new World(head);
        for (const one of steps) {
          if (one.kind === "answer") await world.answer();
          else take(world, one);
          assertStretch(world.items);
        }
        await world.settle();
        assertStretch(world.items);
        // Whoever goes to its end sees the newest there is, and what comes then.
        world.deliver(Infinity);
        void world.timelines.loadNewest(ROOM, ROOM);
        await world.settle();
        world.timelines.follow(ROOM, true);
        world.head += 1;
        world.deliver(1);
        assertStretch(world.items);
        assert.equal(world.items.at(-1), world.head);
      },
    ),
    { numRuns: 5000 },
  );
});

// Each marker that was read on another device made a timeline here, and so pushed out the one that a tab
// showed: it went blank, and whatever came was not shown any more.
test("the timeline that is shown stays, whatever is heard of others", async () => {
  const world = new World(1);
  world.deliver(1);
  world.timelines.visit(createConversation(ROOM), true);
  await world.settle();
  const shown = world.timelines.at(ROOM);
  for (let i = 0; i < 100; i++) {
    void world.timelines.at(`#other${i}`).value;
    void world.timelines.jumpTo(`#another${i}`, `#another${i}`, 1);
  }
  await world.settle();
  world.head += 1;
  world.deliver(1);
  assert.equal(world.timelines.at(ROOM), shown);
  assert.deepEqual(world.items, [1, 2]);
});
