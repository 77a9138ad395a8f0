// What every log must do when it removes what is old: not what waits for a name unless it may, and nothing
// in silence.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Retention } from "../batch.ts";
import { ALL, type Appender, login, type LogPlace, send, withLogAt } from "./appender.ts";
import { given, request, stepsWithRetention, take, WHO } from "./room-model.ts";

const EVERYTHING: Retention = { maxBytes: 1, unconfirmed: false };

async function retain(appender: Appender, retention: Retention): Promise<void> {
  while ((await appender.append({ retention })).moreToRemove);
}

async function removed(appender: Appender, name: string): Promise<number> {
  return (await appender.log.name(name, 0))?.removed ?? 0;
}

export function retentionConformance(engine: string, place: () => LogPlace): void {
  const withLog = (test: (appender: Appender) => Promise<void>) => withLogAt(place, test);

  describe(`${engine}: retention`, () => {
    it(
      "keeps what was not confirmed, unless it may be removed",
      withLog(async (appender) => {
        const { head } = await appender.append({ sends: [send("alice", ["bob"], "1", "2")] });
        await retain(appender, EVERYTHING);
        assert.equal((await appender.waiting("bob", 0, head)).length, 2);
        assert.equal(await removed(appender, "bob"), 0);
        await retain(appender, { ...EVERYTHING, unconfirmed: true });
        assert.deepEqual(await appender.waiting("bob", 0, head), []);
        assert.equal(await removed(appender, "bob"), head);
      }),
    );

    // A phone had confirmed five messages, and they were removed a minute later. The laptop of the same name
    // had two of them, and went on above the fifth: the others never came, and nothing said so.
    it(
      "tells up to where it has removed what one device has confirmed and another may not have",
      withLog(async (appender) => {
        const { head } = await appender.append({ sends: [send("alice", ["bob"], "1", "2", "3")] });
        await appender.append({ cursors: new Map([["bob", head]]) });
        await retain(appender, EVERYTHING);
        assert.equal(await removed(appender, "bob"), head);
        assert.equal(await removed(appender, "alice"), head, "she may have sent it from another");
      }),
    );

    // Somebody set forty thousand topics in a room where nobody said a word. They were never removed, and
    // everybody's messages were in their place.
    it(
      "removes by size what is oldest, be it said or done in a room",
      withLog(async (appender) => {
        const { log } = appender;
        await appender.append({
          requests: [request("mallory", "join")],
          sends: [send("alice", ["bob"], "old")],
        });
        const text = "t".repeat(500);
        for (let batch = 0; batch < 8; batch++) {
          const topics = Array.from({ length: 500 }, () => request("mallory", "topic", { text }));
          await appender.append({ requests: topics });
        }
        const { head } = await appender.append({ sends: [send("alice", ["bob"], "new")] });
        await appender.append({ cursors: new Map([["bob", head]]) });
        await retain(appender, { maxBytes: 1024 * 1024, unconfirmed: false });
        const messages = await appender.history("bob", "alice", head, 9);
        assert.deepEqual(
          messages.map(({ body }) => body),
          ["new"],
        );
        const seqs = (await given(log, "mallory", 0, head, ALL)).map((one) => Number.parseInt(one));
        assert.ok(seqs.length > 0 && seqs.length < 4000, `${seqs.length} events are left`);
        assert.deepEqual(
          seqs,
          seqs.map((_, i) => head - seqs.length + i),
          "the newest ones",
        );
        assert.equal(await removed(appender, "mallory"), (seqs[0] ?? 0) - 1);
      }),
    );

    it(
      "removes by age what was done in a room, as what was said",
      withLog(async (appender) => {
        for (const at of [1, 2, 3]) {
          const requests = [request("alice", at === 1 ? "join" : "topic", { at, text: `${at}` })];
          await appender.append({
            requests,
            sends: [{ ...send("alice", ["alice"], `${at}`), at }],
          });
        }
        await appender.append({ cursors: new Map([["alice", 6]]) });
        await retain(appender, { before: 3, unconfirmed: false });
        assert.deepEqual(await given(appender.log, "alice", 0, 6, ALL), [
          "5 topic alice 3",
          "6 alice>alice 3",
        ]);
      }),
    );

    it(
      "tells the members of a room, and who was one at that time",
      withLog(async (appender) => {
        await appender.append({ logins: login("alice", "bob", "carol", "dave") });
        const { head } = await appender.append({
          requests: [
            request("alice", "join"),
            request("bob", "join"),
            request("bob", "leave", { before: 1 }),
            request("carol", "join", { before: 2 }),
          ],
          sends: [send("alice", ["#ops"], "1"), send("alice", ["#ops"], "2")],
        });
        await retain(appender, EVERYTHING);
        await appender.append({ requests: [request("dave", "join")] });
        assert.equal(await removed(appender, "bob"), 4);
        assert.equal(await removed(appender, "alice"), head);
        assert.equal(await removed(appender, "dave"), 0, "nothing of it was for him");
      }),
    );
  });

  describe(`${engine}: retention against a model`, () => {
    it("keeps what waits, and whatever else is missing lies up to where it says", async () => {
      await fc.assert(
        fc.asyncProperty(stepsWithRetention, (steps) =>
          take(steps, place(), async ({ log }, model, mayLose) => {
            for (const who of WHO) {
              const { removed, cursor } = (await log.name(who, 0)) ?? assert.fail();
              const due = model.due(who);
              const got = new Set(await given(log, who, 0, model.seq, ALL));
              const missing = due.filter(({ short }) => !got.delete(short));
              assert.deepEqual([...got], [], "nothing comes that is not due");
              assert.ok((missing.at(-1)?.seq ?? 0) <= removed, `${who} is told`);
              assert.ok(removed <= (due.at(-1)?.seq ?? 0), `${who} is told of his own alone`);
              const waited = missing.filter(({ isDirect, seq }) => isDirect && seq > cursor);
              if (!mayLose) assert.deepEqual(waited, []);
            }
          }),
        ),
        { numRuns: 25, verbose: 1 },
      );
    });
  });
}
