// The rate of one peer: a second's worth at once, then as it fills.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Rate } from "./rate.ts";

test("a second's worth may come at once, and no more", () => {
  const rate = new Rate(10, 0);
  assert.equal(rate.allowance(0), 10);
  rate.spend(10);
  assert.equal(rate.allowance(0), 0);
});

test("it fills with time, and waits no longer than for one message", () => {
  const rate = new Rate(10, 0);
  rate.spend(10);
  assert.equal(rate.wait, 100);
  assert.equal(rate.allowance(99), 0);
  assert.ok(rate.wait <= 2, String(rate.wait));
  assert.equal(rate.allowance(100), 1);
});

test("an hour of silence saves up no more than a second's worth", () => {
  assert.equal(new Rate(10, 0).allowance(3_600_000), 10);
});

test("a clock that is set back takes nothing away", () => {
  const rate = new Rate(10, 5000);
  assert.equal(rate.allowance(0), 10);
  rate.spend(10);
  assert.equal(rate.allowance(1000), 10);
});

test("whoever waits as he is told sends at the rate, and no faster", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.integer({ min: 1, max: 300 }),
      (perSecond, most) => {
        const rate = new Rate(perSecond, 0);
        let now = 0;
        let sent = 0;
        while (now < 10_000) {
          const allowance = rate.allowance(now);
          if (allowance < 1) {
            now += rate.wait;
            continue;
          }
          const count = Math.min(allowance, most);
          rate.spend(count);
          sent += count;
          assert.ok(sent <= perSecond * (1 + now / 1000) + 1e-6, `${sent} in ${now} ms`);
        }
        assert.ok(sent >= perSecond * 9, `${sent} of ${perSecond} a second`);
      },
    ),
    { numRuns: 100, verbose: 1 },
  );
});
