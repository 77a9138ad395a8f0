// What every log must do with rooms: who may do what, and that a member gets what lies in his intervals,
// whenever he asks.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Send } from "../batch.ts";
import type { RoomRequest } from "../rooms.ts";
import { ALL, type Appender, login, type LogPlace, send, withLogAt } from "./appender.ts";
import { given, inShort, request, step, take, WHO } from "./room-model.ts";

/** What became of each request: a code, an event with its seq, or that it is so. */
export async function ask(appender: Appender, ...requests: RoomRequest[]): Promise<string[]> {
  const { rooms } = await appender.append({ requests });
  return rooms.map(({ refusal, event }) => refusal?.code ?? event?.kind ?? "ok");
}

export function roomConformance(engine: string, place: () => LogPlace): void {
  const withLog = (test: (appender: Appender) => Promise<void>) => withLogAt(place, test);

  describe(`${engine}: rooms`, () => {
    it(
      "gives a member what is said while he is in it, whenever he asks",
      withLog(async (appender) => {
        const { log } = appender;
        await appender.append({ logins: login("alice", "bob", "carol") });
        await appender.append({
          requests: [request("alice", "join")],
          sends: [send("alice", ["#ops"], "alone")],
        });
        await appender.append({
          requests: [request("bob", "join"), request("bob", "leave", { before: 2 })],
          sends: [send("alice", ["#ops"], "both", "again"), send("bob", ["#ops"], "bye")],
        });
        const { head } = await appender.append({
          sends: [send("alice", ["#ops"], "gone"), send("carol", ["alice"], "hi")],
        });
        const bobs = ["3 join bob", "4 alice>#ops both", "5 alice>#ops again", "6 bob>#ops bye"];
        assert.deepEqual(await given(log, "bob", 0, head, ALL), [...bobs, "7 leave bob"]);
        assert.deepEqual(await given(log, "bob", 4, head, ALL), [...bobs.slice(2), "7 leave bob"]);
        assert.deepEqual(await given(log, "carol", 0, head, ALL), ["9 carol>alice hi"]);
        const alices = ["1 join alice", "2 alice>#ops alone", ...bobs, "7 leave bob"];
        assert.deepEqual(await given(log, "alice", 0, head, ALL), [
          ...alices,
          "8 alice>#ops gone",
          "9 carol>alice hi",
        ]);
        const line = await log.waiting("alice", 0, head, ALL, false);
        assert.deepEqual(line.deliveries.flatMap(inShort), ["6 bob>#ops bye", "9 carol>alice hi"]);
      }),
    );

    it(
      "puts what interleaves in order, for somebody who gets it by several ways",
      withLog(async (appender) => {
        await appender.append({ logins: login("alice", "bob") });
        const { head } = await appender.append({
          requests: [request("alice", "join"), request("bob", "join")],
          sends: [send("alice", ["bob", "#ops"], "1", "2")],
        });
        assert.deepEqual(await given(appender.log, "bob", 2, head, ALL), [
          "3 alice>bob 1",
          "4 alice>#ops 1",
          "5 alice>bob 2",
          "6 alice>#ops 2",
        ]);
      }),
    );

    it(
      "takes only what members write, and none of it when one recipient is refused",
      withLog(async (appender) => {
        await appender.append({ logins: login("alice", "bob") });
        await ask(appender, request("alice", "join"));
        const { sends, refused } = await appender.append({
          sends: [
            send("bob", ["#ops"], "hi"),
            send("bob", ["alice", "#nowhere"], "hi"),
            send("alice", ["#ops"], "hi"),
          ],
        });
        assert.deepEqual(
          refused.map(({ code }) => code),
          ["not-a-member", "no-such-room"],
        );
        assert.deepEqual(
          sends.map(({ index }) => index),
          [2],
        );
      }),
    );

    it(
      "lists who is in a room, and which rooms somebody sees",
      withLog(async (appender) => {
        const { log } = appender;
        await appender.append({ logins: login("Alice", "bob", "carol") });
        await ask(
          appender,
          request("alice", "join", { room: "#Ops" }),
          request("bob", "join"),
          request("alice", "moderator", { name: "bob" }),
          request("alice", "join", { room: "#secret" }),
          request("alice", "private", { room: "#secret" }),
          request("alice", "topic", { text: "v: 2" }),
        );
        assert.deepEqual(await log.members("#ops"), [
          { name: "Alice", standing: "owner" },
          { name: "bob", standing: "moderator" },
        ]);
        const names = async (asker: string): Promise<string[]> =>
          (await log.rooms(asker, 100)).map(({ room }) => room);
        assert.deepEqual(await names("alice"), ["#Ops", "#secret"]);
        assert.deepEqual(await names("carol"), ["#Ops"]);
        await ask(appender, request("alice", "invite", { name: "carol", room: "#secret" }));
        assert.deepEqual(await names("carol"), ["#Ops", "#secret"]);
        const { topic, members, isMember } = (await log.room("#ops", "carol")) ?? assert.fail();
        assert.deepEqual(
          { topic, members, isMember },
          { topic: "v: 2", members: 2, isMember: false },
        );
      }),
    );

    it(
      "gives joins and empty messages in pages that end, as all others",
      withLog(async (appender) => {
        await appender.append({ requests: [request("alice", "join")] });
        for (let i = 0; i < 40; i++) {
          await appender.append({
            requests: [request("bob", i % 2 === 0 ? "join" : "leave")],
            sends: [send("alice", ["#ops"], ""), send("alice", ["alice"], "")],
          });
        }
        const { head } = appender.commits.at(-1) ?? assert.fail();
        const page = await appender.log.waiting("alice", 0, head, 2000, true);
        assert.ok(page.deliveries.length > 10 && page.deliveries.length < 60);
        const lines = await appender.log.waiting("alice", 0, head, 500, false);
        assert.ok(lines.deliveries.length > 10 && lines.deliveries.length < 30);
      }),
    );

    it(
      "tells a sender which of his messages are his own, and nobody else",
      withLog(async (appender) => {
        await appender.append({ logins: login("alice", "bob") });
        const outbox = { id: "one", number: 7 };
        const first = { ...send("alice", ["bob"], "0"), outbox: { id: "one", number: 1 } };
        const sends: Send[] = [first];
        for (let number = 2; number < 7; number++) {
          sends.push({ ...send("alice", ["bob"], "x"), outbox: { id: "one", number } });
        }
        const { head } = await appender.append({ sends });
        const last = await appender.append({
          sends: [{ ...send("alice", ["bob"], "1", "2"), outbox }],
        });
        const own = await appender.log.waiting("alice", head + 1, last.head, ALL, true);
        assert.deepEqual(
          own.deliveries.map((run) => "outbox" in run && run.outbox),
          [{ id: "one", number: 8 }],
        );
        const bobs = await appender.log.waiting("bob", 0, last.head, ALL, true);
        assert.ok(bobs.deliveries.every((run) => !("outbox" in run)));
      }),
    );
  });

  describe(`${engine}: rooms against a model`, () => {
    it("gives everybody what lies in his intervals, in pages of any size, across restarts", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 25 }),
          fc.nat(400),
          (steps, bytes) =>
            take(steps, place(), async ({ log }, model) => {
              for (const who of WHO) {
                const expected = model.due(who).map(({ short }) => short);
                assert.deepEqual(await given(log, who, 0, model.seq, bytes + 1), expected, who);
              }
            }),
        ),
        { numRuns: 60, verbose: 1 },
      );
    });
  });
}
