// What every log promises about names that others block.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseName } from "../../protocol/name.ts";
import type { Blocking } from "../batch.ts";
import { AMPLE, type Appender, login, type LogPlace, send, withLogAt } from "./appender.ts";

function blocking(name: string, other: string, on = true): Blocking {
  return { name: parseName(name), other: parseName(other), on, at: 1 };
}

export function blockingConformance(engine: string, place: () => LogPlace): void {
  const withLog = (test: (appender: Appender) => Promise<void>) => withLogAt(place, test);

  describe(`${engine}: blocked names`, () => {
    it(
      "refuses the direct messages of a blocked name until it is let in again",
      withLog(async (appender) => {
        await appender.append({ logins: login("alice", "mallory") });
        await appender.append({ blockings: [blocking("alice", "mallory")] });
        const sends = [send("mallory", ["alice"], "buy"), send("alice", ["mallory"], "no")];
        const { refused } = await appender.append({ sends });
        assert.deepEqual(
          refused.map(({ send: index, code }) => [index, code]),
          [[0, "blocked"]],
        );
        assert.deepEqual(await appender.log.blocked("alice"), ["mallory"]);
        await appender.append({ blockings: [blocking("alice", "mallory", false)] });
        assert.deepEqual((await appender.append({ sends })).refused, []);
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
