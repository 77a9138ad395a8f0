// Outboxes are forgotten at start and once a day, unless the operator keeps them for ever.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startOutboxExpiry } from "./outbox-expiry.ts";

const DAY = 86_400_000;

test("what was not used for so long is forgotten, at start and a day later", () => {
  let now = 400 * DAY;
  let tomorrow: (() => void) | undefined;
  let isCancelled = false;
  const clock = {
    now: () => now,
    soon: () => assert.fail(),
    after: (ms: number, callback: () => void) => {
      assert.equal(ms, DAY);
      tomorrow = callback;
      return { cancel: () => (isCancelled = true) };
    },
  };
  const before: number[] = [];
  const stop = startOutboxExpiry(365 * DAY, { expireOutboxes: (time) => before.push(time) }, clock);
  now += DAY;
  tomorrow?.();
  assert.deepEqual(before, [35 * DAY, 36 * DAY]);
  stop();
  assert.ok(isCancelled);
});
