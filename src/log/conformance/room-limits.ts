// What every log must refuse of rooms whoever asks: too many of anything, and texts that are none.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseName } from "../../protocol/name.ts";
import { AMPLE, type Appender, login, type LogPlace, withLogAt } from "./appender.ts";
import { request } from "./room-model.ts";
import { ask } from "./rooms.ts";

export function roomLimitConformance(engine: string, place: () => LogPlace): void {
  const withLog = (test: (appender: Appender) => Promise<void>) => withLogAt(place, test);

  describe(`${engine}: limits of rooms`, () => {
    it(
      "has limits, each with its code",
      withLog(async (appender) => {
        const limits = { ...AMPLE, rooms: 4, joinedRooms: 1, roomMembers: 1 };
        const requests = [
          request("alice", "join"),
          request("alice", "join"),
          request("bob", "join"),
          request("alice", "join", { room: "#two" }),
          request("bob", "join", { room: "#two" }),
          request("carol", "join", { room: "#three" }),
          request("alice", "topic", { text: "x".repeat(513) }),
        ];
        const { rooms } = await appender.append({ limits, requests });
        assert.deepEqual(
          rooms.map(({ refusal, event }) => refusal?.code ?? event?.kind ?? "ok"),
          ["join", "ok", "room-full", "too-many-rooms", "join", "too-many-rooms", "text-too-long"],
        );
      }),
    );

    // Twenty open names, which cost nothing, owned all rooms there may be.
    it(
      "keeps half of all rooms for accounts",
      withLog(async (appender) => {
        const limits = { ...AMPLE, rooms: 3 };
        const name = parseName("Owner");
        const made = { kind: "make", name, password: "x", mayTakeOver: false, at: 1 } as const;
        await appender.append({ accounts: [made] });
        const rooms = ["#one", "#two", "#three", "#four", "#five"].map((room) => ({ room }));
        const [one, two, three, four, five] = rooms;
        const requests = [
          request("alice", "join", one),
          request("bob", "join", two),
          request("carol", "join", three),
          request("owner", "join", three),
          request("carol", "join", three),
          request("carol", "join", four),
          request("owner", "join", five),
        ];
        const { rooms: outcomes } = await appender.append({ limits, requests });
        assert.deepEqual(
          outcomes.map(({ refusal, event }) => refusal?.text ?? event?.kind),
          [
            "join",
            "join",
            "there are 2 rooms already: those that are left are for accounts",
            "join",
            "join",
            "there are 3 rooms already: those that are left are for accounts",
            'there are 3 rooms already, and "#five" would be another',
          ],
        );
      }),
    );

    // One client took all rooms there may be, in seconds and for good: it joined each and left it again.
    it(
      "lets nobody own more rooms than he may be in, also when he has left them",
      withLog(async (appender) => {
        const limits = { ...AMPLE, joinedRooms: 2 };
        const [one, two, three] = ["#one", "#two", "#three"].map((room) => ({ room }));
        const requests = [
          request("alice", "join", one),
          request("alice", "leave", one),
          request("alice", "join", two),
          request("alice", "leave", two),
          request("alice", "join", three),
          request("bob", "join", three),
          request("alice", "join", three),
          request("alice", "join", one),
        ];
        const { rooms } = await appender.append({ limits, requests });
        const [refusal, ...others] = rooms
          .slice(4)
          .map(({ refusal: why, event }) => why ?? event?.kind);
        assert.deepEqual(refusal, {
          code: "too-many-rooms",
          text: "you own 2 rooms already, also those that you have left",
        });
        assert.deepEqual(others, ["join", "join", "join"]);
        const listed = await appender.log.rooms("carol", 100);
        assert.deepEqual(
          listed.map(({ room, members }) => [room, members]),
          [
            ["#one", 1],
            ["#three", 2],
            ["#two", 0],
          ],
        );
      }),
    );

    it(
      "takes topics, and why somebody is kicked, of one line without control characters",
      withLog(async (appender) => {
        await appender.append({ logins: login("alice", "bob") });
        await ask(appender, request("alice", "join"), request("bob", "join"));
        for (const text of ["a\nfrom boss: b", "a\rb", "\u0007", "\u0085", "\u001e", "\ud800"]) {
          assert.deepEqual(
            await ask(
              appender,
              request("alice", "topic", { text }),
              request("alice", "kick", { name: "bob", text }),
            ),
            ["bad-body", "bad-body"],
          );
        }
        const said = await ask(appender, request("alice", "topic", { text: "a\tb 语" }));
        assert.deepEqual(said, ["topic"]);
      }),
    );
  });
}
