// What every log must do when a conversation is read page by page: every message and event in its place,
// none of them twice, and never more at once than was asked for.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { nameKey } from "../../protocol/name-keys.ts";
import { sizeOf } from "../deliveries.ts";
import type { Log } from "../log.ts";
import type { HistoryQuery } from "../reading.ts";
import { ALL, type Appender, login, type LogPlace, send, withLogAt } from "./appender.ts";
import { inShort, request, ROOMS, step, take, WHO } from "./room-model.ts";

export function historyConformance(engine: string, place: () => LogPlace): void {
  const withLog = (test: (appender: Appender) => Promise<void>) => withLogAt(place, test);

  describe(`${engine}: history`, () => {
    it(
      "gives a room in pages, both ways, with its events",
      withLog(async (appender) => {
        const { log } = appender;
        await appender.append({ logins: login("alice", "bob") });
        await appender.append({
          requests: [request("alice", "join")],
          sends: [send("alice", ["#ops"], "a", "b", "c")],
        });
        const { head } = await appender.append({
          requests: [request("alice", "topic", { text: "t" })],
          sends: [send("alice", ["#ops"], "d", "e")],
        });
        const page = async (part: { after?: number; upTo?: number; count: number }) => {
          const asked = { key: "alice", other: "#ops", upTo: head, maxBytes: ALL, ...part };
          const { deliveries, more } = await log.history({ ...asked, everything: true });
          const short = deliveries.flatMap(inShort).map((text) => text.split(" ").at(-1));
          return `${short.join("")}${more ? "+" : ""}`;
        };
        assert.equal(await page({ count: 100 }), "aliceabctde");
        assert.equal(await page({ count: 2 }), "de+");
        assert.equal(await page({ count: 3 }), "tde+");
        assert.equal(await page({ count: 4 }), "ctde+");
        assert.equal(await page({ count: 2, upTo: 4 }), "bc+");
        assert.equal(await page({ count: 4, upTo: 4 }), "aliceabc");
        assert.equal(await page({ count: 2, after: 0 }), "alicea+");
        assert.equal(await page({ count: 2, after: 3 }), "ct+");
        assert.equal(await page({ count: 9, after: 6 }), "e");
        const other = { key: "bob", other: "#ops", upTo: head, count: 9, maxBytes: ALL };
        const nothing = await log.history({ ...other, everything: true });
        assert.deepEqual(nothing, { deliveries: [], more: false });
      }),
    );

    // Thirty thousand topics of a room were one answer of 17 MB to whoever asked for its last message.
    it(
      "counts events, too, in number and in bytes",
      withLog(async (appender) => {
        const text = "t".repeat(500);
        const topics = Array.from({ length: 300 }, () => request("alice", "topic", { text }));
        const { head } = await appender.append({ requests: [request("alice", "join"), ...topics] });
        const asked = { key: "alice", other: "#ops", upTo: head, everything: true };
        for (const after of [undefined, 0]) {
          const direction = after === undefined ? {} : { after };
          const one = await appender.log.history({
            ...asked,
            ...direction,
            count: 1,
            maxBytes: ALL,
          });
          assert.deepEqual([one.deliveries.length, one.more], [1, true]);
          const some = await appender.log.history({
            ...asked,
            ...direction,
            count: ALL,
            maxBytes: 5000,
          });
          assert.ok(some.deliveries.length > 1 && some.deliveries.length <= 10 && some.more);
        }
      }),
    );
  });

  describe(`${engine}: history against a model`, () => {
    it("is the same in pages of any size, forwards and backwards", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 30 }),
          fc.integer({ min: 1, max: 6 }),
          fc.integer({ min: 1, max: 600 }),
          (steps, count, maxBytes) =>
            take(steps, place(), async ({ log }, model) => {
              for (const who of WHO) {
                for (const other of [...WHO, ...ROOMS]) {
                  for (const everything of [true, false]) {
                    const expected = model
                      .due(who)
                      .filter((one) => one.with === other && (everything || !one.isEvent))
                      .map(({ short }) => short);
                    const key = nameKey(who);
                    const part = { key, other, upTo: model.seq, count, maxBytes, everything };
                    assert.deepEqual(await forwards(log, part), expected);
                    assert.deepEqual(await backwards(log, part), expected);
                  }
                }
              }
            }),
        ),
        { numRuns: 30, verbose: 1 },
      );
    });
  });
}

async function forwards(log: Log, query: HistoryQuery): Promise<string[]> {
  const all: string[] = [];
  for (let after = 0, more = true; more;) {
    const page = await onePage(log, { ...query, after });
    all.push(...page.short);
    ({ more, last: after } = page);
  }
  return all;
}

async function backwards(log: Log, query: HistoryQuery): Promise<string[]> {
  const all: string[] = [];
  for (let { upTo } = query, more = true; more;) {
    const page = await onePage(log, { ...query, upTo });
    all.unshift(...page.short);
    more = page.more;
    upTo = page.first - 1;
  }
  return all;
}

/** What a page is and where it begins and ends: one that says that there is more is never empty. */
async function onePage(log: Log, query: HistoryQuery) {
  const { deliveries, more } = await log.history(query);
  const short = deliveries.flatMap(inShort);
  const seqs = short.map((one) => Number.parseInt(one));
  const before = query.after === undefined ? deliveries.slice(1) : deliveries.slice(0, -1);
  const bytes = before.reduce((sum, one) => sum + sizeOf(one), 0);
  assert.ok(short.length <= query.count, "no more than was asked for");
  assert.ok(bytes < query.maxBytes, "in bytes, too, before the last that was read");
  assert.ok(!more || short.length > 0, "a page goes on");
  return { short, more, first: seqs[0] ?? 0, last: seqs.at(-1) ?? 0 };
}
