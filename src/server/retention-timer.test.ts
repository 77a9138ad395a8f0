import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../broker/clock.ts";
import type { Retention } from "../log/batch.ts";
import { type RetentionConfig, startRetention } from "./retention-timer.ts";

/** A clock that moves when it is told to, and what the broker was asked meanwhile. */
function start(config: Partial<RetentionConfig>) {
  const asked: Retention[] = [];
  let now = 1_000_000;
  let timer: { at: number; callback: () => void } | undefined;
  const clock: Clock = {
    now: () => now,
    after(ms, callback) {
      timer = { at: now + ms, callback };
      return { cancel: () => (timer = undefined) };
    },
    soon: (callback) => callback(),
  };
  const stop = startRetention(
    { retentionAge: 0, retentionSize: 0, retentionUnconfirmed: "keep", ...config },
    { retain: (retention) => void asked.push(retention) },
    clock,
  );
  const pass = (ms: number): void => {
    now += ms;
    if (timer !== undefined && timer.at <= now) timer.callback();
  };
  return { asked, pass, stop };
}

test("without an age or a size, nothing is ever removed", () => {
  const { asked, pass } = start({ retentionUnconfirmed: "remove" });
  pass(60_000);
  assert.deepEqual(asked, []);
});

test("an age is asked for at the start and each minute, from the time that it is", () => {
  const { asked, pass } = start({ retentionAge: 1000 });
  pass(60_000);
  assert.deepEqual(asked, [
    { before: 999_000, unconfirmed: false },
    { before: 1_059_000, unconfirmed: false },
  ]);
});

test("a size is asked for, and the unconfirmed when the operator says so", () => {
  const { asked } = start({ retentionSize: 4096, retentionUnconfirmed: "remove" });
  assert.deepEqual(asked, [{ maxBytes: 4096, unconfirmed: true }]);
});

test("nothing is asked once it is stopped", () => {
  const { asked, pass, stop } = start({ retentionAge: 1000 });
  stop();
  pass(60_000);
  assert.equal(asked.length, 1);
});
