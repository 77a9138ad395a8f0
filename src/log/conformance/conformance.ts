// What every log must do: the suite that each engine passes. `../sqlite/sqlite-log.test.ts` runs it.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { unpackBodies } from "../../protocol/bodies.ts";
import { type Name, parseName } from "../../protocol/name.ts";
import type { Commit } from "../commit.ts";
import type { Log } from "../log.ts";
import type { Page } from "../reading.ts";
import {
  AMPLE,
  type Appender,
  batch,
  inPlace,
  login,
  type LogPlace,
  type Message,
  messagesOf,
  type OpenLog,
  send,
  withLogAt,
} from "./appender.ts";
import { accountConformance } from "./accounts.ts";
import { blockingConformance } from "./blockings.ts";
import { roomLimitConformance } from "./room-limits.ts";
import { conversationConformance } from "./conversations.ts";
import { outboxConformance } from "./outboxes.ts";
import { historyConformance } from "./history.ts";
import { retentionConformance } from "./retention.ts";
import { roomConformance } from "./rooms.ts";
import { seqConformance } from "./seqs.ts";

export function logConformance(engine: string, place: () => LogPlace): void {
  const withLog = (test: (appender: Appender) => Promise<void>) => withLogAt(place, test);

  roomConformance(engine, place);
  roomLimitConformance(engine, place);
  accountConformance(engine, place);
  blockingConformance(engine, place);
  outboxConformance(engine, place);
  historyConformance(engine, place);
  conversationConformance(engine, place);
  retentionConformance(engine, place);
  seqConformance(engine, place);

  describe(`${engine}: appending`, () => {
    it(
      "gives each message to each recipient a seq of its own, in the order of the batch",
      withLog(async (appender) => {
        const { sends, head } = await appender.append({
          sends: [send("alice", ["bob", "carol"], "1", "2"), send("bob", ["alice"], "3")],
        });
        const first = sends[0]?.first ?? Number.NaN;
        assert.deepEqual(
          sends.map((sent) => sent.first),
          [first, first + 4],
        );
        assert.equal(head, first + 4);
        assert.deepEqual(
          (await appender.waiting("carol", 0, head)).map(({ seq, body }) => [seq, body]),
          [
            [first + 1, "1"],
            [first + 3, "2"],
          ],
        );
      }),
    );

    it(
      "tells the very batch that was appended",
      withLog(async (appender) => {
        const mine = batch({ sends: [send("alice", ["bob"], "hi")] });
        const commit = await new Promise<Commit>((resolve) => {
          appender.log.follow({ committed: resolve, unavailable() {}, available() {} });
          appender.log.append(mine);
        });
        assert.equal(commit.batch, mine);
      }),
    );

    it(
      "leaves the head where it is when there is no message",
      withLog(async (appender) => {
        const before = (await appender.append({ sends: [send("a", ["b"], "x")] })).head;
        const after = await appender.append({ logins: login("a") });
        assert.equal(after.head, before);
      }),
    );
  });

  describe(`${engine}: limits`, () => {
    it(
      "takes as many messages as the fullest recipient has room for, and refuses the rest whole",
      withLog(async (appender) => {
        const limits = { ...AMPLE, waitingMessages: 3 };
        await appender.append({ limits, sends: [send("x", ["bob"], "0")] });
        const { sends, refused, head } = await appender.append({
          limits,
          sends: [send("alice", ["carol", "bob"], "1", "2", "3"), send("x", ["carol"], "4")],
        });
        assert.deepEqual(
          refused.map(({ send, accepted, code }) => ({ send, accepted, code })),
          [{ send: 0, accepted: 2, code: "inbox-full" }],
        );
        assert.deepEqual(
          sends.map(({ bodies }) => unpackBodies(bodies)),
          [["1", "2"], ["4"]],
        );
        assert.deepEqual(
          (await appender.waiting("carol", 0, head)).map(({ body }) => body),
          ["1", "2", "4"],
        );
      }),
    );

    it(
      "counts bytes as UTF-8",
      withLog(async (appender) => {
        const limits = { ...AMPLE, waitingBytes: 6 };
        const { refused } = await appender.append({
          limits,
          sends: [send("alice", ["bob"], "語", "語", "語")],
        });
        assert.equal(refused[0]?.accepted, 2);
      }),
    );

    it("has room again when a cursor has passed what waited, also after it was opened anew", () =>
      inPlace(place(), async (open) => {
        const limits = { ...AMPLE, waitingMessages: 2 };
        let appender = await open();
        const { head } = await appender.append({ limits, sends: [send("a", ["bob"], "1", "2")] });
        const full = await appender.append({ limits, sends: [send("a", ["bob"], "3")] });
        assert.equal(full.refused[0]?.code, "inbox-full");
        appender = await open();
        const still = await appender.append({ limits, sends: [send("a", ["bob"], "3")] });
        assert.equal(still.refused[0]?.code, "inbox-full");
        const cursors = new Map([["bob", head]]);
        const room = await appender.append({ limits, cursors, sends: [send("a", ["bob"], "3")] });
        assert.deepEqual(room.refused, []);
      }));

    it(
      "bounds the names that never logged in, and knows those that did",
      withLog(async (appender) => {
        const limits = { ...AMPLE, unseenNames: 2 };
        const { refused } = await appender.append({
          limits,
          logins: login("alice", "erin"),
          sends: [
            send("alice", ["bob"], "1"),
            send("alice", ["erin"], "2"),
            send("alice", ["carol"], "3"),
            send("alice", ["dave"], "4"),
            send("alice", ["bob"], "5"),
          ],
        });
        assert.deepEqual(
          refused.map(({ send, code }) => [send, code]),
          [[3, "too-many-names"]],
        );
      }),
    );
  });

  describe(`${engine}: names`, () => {
    it(
      "shows a name as it first logged in, and compares it without regard to case",
      withLog(async (appender) => {
        await appender.append({ sends: [send("x", ["BOB"], "hi")] });
        assert.equal((await appender.log.name("bob", 0))?.seen, false);
        await appender.append({ logins: login("Bob") });
        await appender.append({ logins: login("bOB") });
        const record = await appender.log.name("bob", 0);
        assert.deepEqual(record, {
          shown: "Bob",
          seen: true,
          cursor: 0,
          removed: 0,
          blocked: [],
          rooms: [],
        });
        assert.equal(await appender.log.name("nobody", 0), undefined);
      }),
    );

    it(
      "never moves a cursor backwards",
      withLog(async (appender) => {
        const { head } = await appender.append({ sends: [send("a", ["b"], "1", "2")] });
        await appender.append({ cursors: new Map([["b", head]]) });
        await appender.append({ cursors: new Map([["b", head - 1]]) });
        assert.equal((await appender.log.name("b", 0))?.cursor, head);
      }),
    );
  });

  describe(`${engine}: reading`, () => {
    it(
      "shows nothing above the head that was announced",
      withLog(async (appender) => {
        const { head } = await appender.append({ sends: [send("a", ["b"], "1")] });
        await appender.append({ sends: [send("a", ["b"], "2")] });
        assert.equal((await appender.waiting("b", 0, head)).length, 1);
      }),
    );

    it(
      "gives the last messages between two names, both ways, in order",
      withLog(async (appender) => {
        await appender.append({ sends: [send("a", ["b"], "1", "2"), send("b", ["a"], "3")] });
        await appender.append({ sends: [send("a", ["c"], "no"), send("a", ["b"], "4", "5")] });
        const { head } = await appender.append({ sends: [send("b", ["a"], "6")] });
        const runs = await appender.history("a", "b", head, 4);
        assert.deepEqual(
          runs.map(({ from, to, body }) => `${from}${to}${body}`),
          ["ba3", "ab4", "ab5", "ba6"],
        );
        assert.deepEqual(await appender.history("a", "nobody", head, 4), []);
      }),
    );

    it(
      "gives no more of a history than was asked for in bytes, the newest, and at least one",
      withLog(async (appender) => {
        const long = "x".repeat(1000);
        let head = 0;
        for (const body of ["1", "2", "3", "4"]) {
          ({ head } = await appender.append({ sends: [send("a", ["b"], body + long)] }));
        }
        for (const [maxBytes, expected] of [
          [1, ["4"]],
          [1500, ["3", "4"]],
          [Infinity, ["1", "2", "3", "4"]],
        ] as const) {
          const runs = await appender.history("a", "b", head, 100, maxBytes);
          assert.deepEqual(
            runs.map(({ body }) => body[0]),
            expected,
          );
        }
      }),
    );
  });

  describe(`${engine}: against a model`, () => {
    it("delivers to every name what a list of messages says, in pages of any size, across restarts", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(batchOf, { minLength: 1, maxLength: 8 }), (batches) =>
          inPlace(place(), (open) => agreesWithModel(open, batches)),
        ),
        { numRuns: 12, verbose: 1 },
      );
    });
  });
}

const NAMES = ["alice", "Bob", "卡罗尔", "dave"] as const;
const anyName = fc.constantFrom(...NAMES);
const anyBody = fc.oneof(
  fc.constantFrom("", "a\nb", 'quote " and \\', "\t", "消息", "\u2028"),
  fc.string({ maxLength: 12 }).filter((body) => !/[\0-\x08\x0b-\x1f\x7f-\x9f]/.test(body)),
);
const sendOf = fc.record({
  from: anyName,
  to: fc.uniqueArray(anyName, { minLength: 1, maxLength: 4 }),
  bodies: fc.array(anyBody, { minLength: 1, maxLength: 5 }),
});
const batchOf = fc.record({
  sends: fc.array(sendOf, { maxLength: 5 }),
  restart: fc.boolean(),
  pageBytes: fc.integer({ min: 1, max: 400 }),
});

interface ModelBatch {
  sends: { from: string; to: string[]; bodies: string[] }[];
  restart: boolean;
  pageBytes: number;
}

async function agreesWithModel(open: OpenLog, batches: ModelBatch[]): Promise<void> {
  let appender = await open();
  const model: Message[] = [];
  let { head } = appender.log;
  await appender.append({ logins: login(...NAMES) });
  for (const { sends, restart, pageBytes } of batches) {
    if (sends.length > 0) {
      const commit = await appender.append({
        sends: sends.map(({ from, to, bodies }) => send(from, to, ...bodies)),
      });
      assert.ok(commit.head > head, "seqs rise");
      for (const sent of commit.sends) {
        unpackBodies(sent.bodies).forEach((body, i) =>
          sent.to.forEach((to: Name, j) =>
            model.push({
              seq: sent.first + i * sent.to.length + j,
              from: sent.from.shown,
              to: to.shown,
              body,
            }),
          ),
        );
      }
      head = commit.head;
    }
    if (restart) {
      appender = await open();
      assert.ok(appender.log.head >= head, "the head survives");
    }
    for (const name of NAMES) await readsAs(appender.log, name, head, pageBytes, model);
    await historyIs(appender.log, head, model);
  }
}

async function readsAs(
  log: Log,
  name: string,
  head: number,
  pageBytes: number,
  model: Message[],
): Promise<void> {
  const expected = model.filter((message) => message.to === name);
  for (const after of [0, expected[Math.floor(expected.length / 2)]?.seq ?? 0]) {
    const read: Message[] = [];
    for (let position = after; position < head;) {
      const page: Page = await log.waiting(parseName(name).key, position, head, pageBytes, false);
      assert.ok(page.position > position, "a page goes on");
      read.push(...messagesOf(page.deliveries));
      position = page.position;
    }
    assert.deepEqual(
      read,
      expected.filter(({ seq }) => seq > after),
    );
  }
}

async function historyIs(log: Log, head: number, model: Message[]): Promise<void> {
  const expected = model.filter(
    ({ from, to }) => (from === "alice" && to === "Bob") || (from === "Bob" && to === "alice"),
  );
  for (const count of [1, 3, 100]) {
    const { deliveries } = await log.history({
      key: "alice",
      other: "bob",
      upTo: head,
      count,
      maxBytes: Infinity,
      everything: false,
    });
    assert.deepEqual(messagesOf(deliveries), expected.slice(-count));
  }
}
