// What every log must do with outboxes: take each number once, keep what was refused until it is known, and forget.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseName } from "../../protocol/name.ts";
import type { Send } from "../batch.ts";
import { MOST_OUTBOXES } from "../reading.ts";
import { AMPLE, type Appender, inPlace, type LogPlace, send, withLogAt } from "./appender.ts";

/** A send of alice's to bob with a place in her outbox "one". */
function numbered(number: number, ...bodies: string[]): Send {
  return { ...send("alice", ["bob"], ...bodies), outbox: { id: "one", number } };
}

export function outboxConformance(engine: string, place: () => LogPlace): void {
  const withLog = (test: (appender: Appender) => Promise<void>) => withLogAt(place, test);

  describe(`${engine}: outboxes`, () => {
    it(
      "takes the next number only, and once",
      withLog(async (appender) => {
        const { sends, refused } = await appender.append({
          sends: [numbered(1, "1", "2"), numbered(4, "4"), numbered(3, "3"), numbered(3, "3")],
        });
        assert.deepEqual(
          sends.map(({ index, outbox }) => [index, outbox?.number]),
          [
            [0, 1],
            [2, 3],
          ],
        );
        assert.deepEqual(
          refused.map((refusal) => [refusal.send, refusal.code]),
          [
            [1, "out-of-order"],
            [3, "out-of-order"],
          ],
        );
        assert.equal((await appender.log.outbox("alice", "one")).sent, 3);
        assert.equal((await appender.waiting("bob", 0, appender.log.head + 3)).length, 3);
      }),
    );

    it(
      "knows an outbox by the sender's name and its id",
      withLog(async (appender) => {
        await appender.append({ sends: [numbered(1, "1")] });
        assert.equal((await appender.log.outbox("alice", "two")).sent, 0);
        assert.equal((await appender.log.outbox("bob", "one")).sent, 0);
        const other: Send = { ...send("bob", ["alice"], "x"), outbox: { id: "one", number: 1 } };
        assert.deepEqual((await appender.append({ sends: [other] })).refused, []);
      }),
    );

    it(
      "keeps what was refused, with its number used up, until the client knows it",
      withLog(async (appender) => {
        const limits = { ...AMPLE, waitingMessages: 2 };
        const text = "no";
        await appender.append({
          sends: [
            numbered(1, "1", "2", "3", "4"),
            { ...numbered(5, "bad"), to: [], refusal: { code: "bad-body", text } },
          ],
          limits,
        });
        const { sent, refused } = await appender.log.outbox("alice", "one");
        assert.equal(sent, 5);
        assert.deepEqual(
          refused.map(({ first, last, code }) => [first, last, code]),
          [
            [3, 4, "inbox-full"],
            [5, 5, "bad-body"],
          ],
        );
        const name = parseName("alice");
        await appender.append({ outboxesDone: [{ name, id: "one", upTo: 3, at: 2 }] });
        assert.deepEqual(
          (await appender.log.outbox("alice", "one")).refused.map(({ first, last }) => [
            first,
            last,
          ]),
          [
            [4, 4],
            [5, 5],
          ],
        );
        await appender.append({ outboxesDone: [{ name, id: "one", upTo: 5, at: 2 }] });
        assert.deepEqual(await appender.log.outbox("alice", "one"), { sent: 5, refused: [] });
      }),
    );

    it(
      "takes nothing more when too many refusals are not known to the client",
      withLog(async (appender) => {
        const refusal = { code: "bad-body", text: "no" } as const;
        const all = Array.from({ length: 1001 }, (_, i) => ({ ...numbered(i + 1, "x"), refusal }));
        const { refused } = await appender.append({ sends: all });
        assert.equal(refused.at(-1)?.code, "too-many-refusals");
        assert.equal((await appender.log.outbox("alice", "one")).sent, 1000);
      }),
    );

    it(
      "forgets an outbox that was not used for long, and no other",
      withLog(async (appender) => {
        const at = 1_795_412_345_678;
        await appender.append({ sends: [numbered(1, "1")] });
        await appender.append({ expireOutboxes: at });
        assert.equal((await appender.log.outbox("alice", "one")).sent, 1);
        await appender.append({ expireOutboxes: at + 1 });
        assert.equal((await appender.log.outbox("alice", "one")).sent, 0);
      }),
    );

    it(
      "forgets the outbox that is unused the longest when there are too many, and begins it anew",
      withLog(async (appender) => {
        // What was read told nothing of it, and what was sent met a number that memory still held.
        const others = Array.from({ length: MOST_OUTBOXES }, (_, i): Send => ({
          ...send("alice", ["bob"], "x"),
          at: 1_795_412_345_679,
          outbox: { id: `other ${i}`, number: 1 },
        }));
        await appender.append({ sends: [numbered(1, "1", "2")] });
        await appender.append({ sends: others });
        assert.equal((await appender.log.outbox("alice", "one")).sent, 0);
        assert.deepEqual((await appender.append({ sends: [numbered(1, "1")] })).refused, []);
        assert.equal((await appender.log.outbox("alice", "one")).sent, 1);
      }),
    );

    it("remembers outboxes when it is opened again", () =>
      inPlace(place(), async (open) => {
        await (await open()).append({ sends: [numbered(1, "1")] });
        const again = await open();
        const { refused } = await again.append({ sends: [numbered(1, "1"), numbered(2, "2")] });
        assert.deepEqual(
          refused.map(({ code }) => code),
          ["out-of-order"],
        );
        assert.equal((await again.log.outbox("alice", "one")).sent, 2);
      }));
  });
}
