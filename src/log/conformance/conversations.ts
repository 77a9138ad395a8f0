// What every log must tell of somebody's conversations: the newest message of each, or its beginning, and how many of
// others are unread.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parseName } from "../../protocol/name.ts";
import { parseRecipient } from "../../protocol/room.ts";
import { LONGEST_LAST } from "../reading.ts";
import { type Appender, login, type LogPlace, send, withLogAt } from "./appender.ts";
import { type Due, inShort, type Model, ROOMS, step, take, WHO } from "./room-model.ts";

/** See `Conversation.unread`. */
const MOST_UNREAD = 100;

export function conversationConformance(engine: string, place: () => LogPlace): void {
  const withLog = (test: (appender: Appender) => Promise<void>) => withLogAt(place, test);

  describe(`${engine}: conversations`, () => {
    // Whoever was sent 60 KB each by five hundred people got 30 MB when he asked for his conversations, and
    // half a dozen who asked and did not read kept ten times as much in memory.
    it(
      "have of a long message its beginning, and of a pair of surrogates both or none",
      withLog(async (appender) => {
        await appender.append({ logins: login("bob") });
        const fits = "x".repeat(LONGEST_LAST);
        const pair = `${"x".repeat(LONGEST_LAST - 1)}😀`;
        const { head } = await appender.append({
          sends: [
            send("alice", ["bob"], "x".repeat(60_000)),
            send("carol", ["bob"], "first", fits),
            send("dave", ["bob"], pair),
          ],
        });
        const told = await appender.log.conversations("bob", head, 9);
        assert.deepEqual(
          told.map(({ with: other, last }) => [other, last?.bodies]),
          [
            ["dave", "x".repeat(LONGEST_LAST - 1)],
            ["carol", fits],
            ["alice", "x".repeat(LONGEST_LAST)],
          ],
        );
      }),
    );

    it(
      "count what is unread up to a hundred",
      withLog(async (appender) => {
        const bodies = Array.from({ length: 99 }, (_, i) => `${i}`);
        const unread = async (...more: string[]): Promise<number | undefined> => {
          const { head } = await appender.append({ sends: [send("alice", ["bob"], ...more)] });
          return (await appender.log.conversations("bob", head, 9))[0]?.unread;
        };
        assert.equal(await unread(...bodies), 99);
        assert.equal(await unread("a", "b", "c"), MOST_UNREAD);
      }),
    );

    // Whoever had written a hundred messages from a device that marks nothing as read was told of none of the
    // answers, since his own were counted among the hundred.
    it(
      "count no message of one's own, however many there are",
      withLog(async (appender) => {
        const own = Array.from({ length: 150 }, (_, i) => `${i}`);
        await appender.append({ sends: [send("bob", ["alice"], ...own)] });
        const { head } = await appender.append({ sends: [send("alice", ["bob"], "a", "b")] });
        assert.equal((await appender.log.conversations("bob", head, 9))[0]?.unread, 2);
      }),
    );
  });

  describe(`${engine}: conversations against a model`, () => {
    it("have the newest message, and as many unread as lie above the marker", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 30 }),
          fc.constantFrom(0, 0.3, 0.6, 1),
          (steps, part) =>
            take(steps, place(), async (appender, model) => {
              const read = Math.floor(model.seq * part);
              for (const who of WHO) {
                const name = parseName(who);
                const others = [...WHO, ...ROOMS].map(parseRecipient);
                await appender.append({
                  markers: others.map((other) => ({ name, with: other, seq: read })),
                });
                const told = await appender.log.conversations(who, model.seq, 100);
                const seqs = told.map(({ last }) => last?.first ?? 0);
                assert.deepEqual(
                  seqs,
                  seqs.toSorted((one, other) => other - one),
                );
                assert.deepEqual(
                  new Map(
                    told.map(({ with: other, last, unread }) => [
                      other,
                      { last: last === undefined ? undefined : inShort(last)[0], unread },
                    ]),
                  ),
                  expected(model, who, read),
                );
              }
            }),
        ),
        { numRuns: 25, verbose: 1 },
      );
    });
  });
}

/** Of rooms what was said since he joined for the last time, if he is in them. */
function expected(model: Model, who: string, read: number) {
  const all = [...ROOMS, ...WHO].flatMap((other) => {
    const isRoom = model.in.has(other);
    if (isRoom && model.in.get(other)?.has(who) !== true) return [];
    const due = model.due(who).filter((one) => one.with === other);
    const joined = due.findLastIndex(({ short }) => short.endsWith(`join ${who}`));
    const messages = due.slice(joined + 1).filter(({ isEvent }) => !isEvent);
    const last = messages.at(-1)?.short;
    if (!isRoom && last === undefined) return [];
    const isOthers = ({ short }: Due): boolean => !short.includes(` ${who}>`);
    const unread = messages.filter((one) => one.seq > read && isOthers(one)).length;
    return [[other, { last, unread }] as const];
  });
  return new Map(all);
}
