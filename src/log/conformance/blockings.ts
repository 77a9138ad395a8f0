// What every log promises about names that others block.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseName } from "../../protocol/name.ts";
import type { Blocking } from "../batch.ts";
import { request } from "./room-model.ts";
import { ask } from "./rooms.ts";
import {
  AMPLE,
  type Appender,
  inPlace,
  login,
  type LogPlace,
  send,
  withLogAt,
} from "./appender.ts";

function blocking(name: string, other: string, on = true): Blocking {
  return { name: parseName(name), other: parseName(other), on, at: 1 };
}

export function blockingConformance(engine: string, place: () => LogPlace): void {
  const withLog = (test: (appender: Appender) => Promise<void>) => withLogAt(place, test);

  describe(`${engine}: blocked names`, () => {
    it("refuses direct messages, and tells whom a name blocks, also after a restart", () =>
      inPlace(place(), async (open) => {
        let appender = await open();
        await appender.append({ logins: login("Alice", "Bob", "carol") });
        await appender.append({
          blockings: [
            blocking("alice", "BOB"),
            blocking("alice", "carol"),
            blocking("alice", "carol", false),
          ],
        });
        appender = await open();
        const { log } = appender;
        assert.deepEqual(await log.blocked("alice"), ["Bob"]);
        assert.deepEqual((await log.name("alice", 0))?.blocked, ["bob"]);
        assert.deepEqual((await log.name("bob", 0))?.blocked, []);
        const { refused } = await appender.append({
          sends: [
            send("bob", ["alice"], "hi"),
            send("carol", ["alice"], "hi"),
            send("alice", ["bob"], "hi"),
          ],
        });
        assert.deepEqual(
          refused.map(({ send: index, code }) => [index, code]),
          [[0, "blocked"]],
        );
      }));

    // The invitation of somebody who was blocked was not told, and the room was in the list of rooms all the same:
    // so much could still be said by its name and its topic.
    it(
      "refuses invitations to rooms, and lists none",
      withLog(async (appender) => {
        await appender.append({ logins: login("alice", "bob", "mallory") });
        await appender.append({ blockings: [blocking("alice", "mallory")] });
        const asked = [
          request("mallory", "join"),
          request("bob", "join"),
          request("mallory", "private"),
          request("mallory", "moderator", { name: "bob" }),
        ];
        const rooms = async (): Promise<number> => (await appender.log.rooms("alice", 9)).length;
        await ask(appender, ...asked);
        assert.deepEqual(await ask(appender, request("mallory", "invite", { name: "alice" })), [
          "blocked",
        ]);
        assert.equal(await rooms(), 0);
        assert.deepEqual(await ask(appender, request("bob", "invite", { name: "alice" })), ["ok"]);
        assert.equal(await rooms(), 1);
      }),
    );

    it(
      "counts a name that was never seen, and refuses one when there are too many",
      withLog(async (appender) => {
        // Blocking took names without end, and nobody else could write to a new one then.
        await appender.append({ logins: login("mallory") });
        const { blockings } = await appender.append({
          blockings: ["a", "b", "c"].map((other) => blocking("mallory", other)),
          limits: { ...AMPLE, unseenNames: 2 },
        });
        assert.deepEqual(
          blockings.map((refusal) => refusal?.code),
          [undefined, undefined, "too-many-names"],
        );
        assert.equal((await appender.log.status()).unseenNames, 2);
      }),
    );

    it(
      "keeps nothing of a name that is not blocked",
      withLog(async (appender) => {
        await appender.append({ blockings: [blocking("mallory", "nobody", false)] });
        assert.equal((await appender.log.status()).unseenNames, 0);
      }),
    );
  });
}
