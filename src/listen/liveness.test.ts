// Dead and slow connections, by rows as the system shows them; `docs/tcp.md` has the times.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Liveness } from "./liveness.ts";
import type { TcpRow } from "./tcp-table.ts";

const ROW: TcpRow = { unacked: 0, state: 1, retransmits: 0, probing: false, probes: 0 };

/** Seconds after a write at which a Linux system sent it again to a host that was gone. */
const SENT_AGAIN = [0.4, 0.8, 1.7, 3.4, 6.7, 13.3, 26.6, 54.6, 107.9];

/** The same, for a host that had been 0.1 s away. */
const SENT_AGAIN_FAR = [0.6, 1.2, 2.6, 5.2, 10.3, 20.4, 41.3, 82.2];

/** Seconds after a host was gone at which it was asked whether its reader had left room again. */
const ASKED_FOR_ROOM = [2.2, 9, 22.7, 51.1, 106.3];

/** The same, when it had left none for a long time. */
const SELDOM_ASKED_FOR_ROOM = [10.7, 117.2, 239.2, 361.2];

const HOURS = 3 * 3600;

test("a system that answers nothing although bytes are sent again is gone within a minute", () => {
  const near = secondsUntilDead((second) => ({ retransmits: timesUntil(second, SENT_AGAIN) }));
  const far = secondsUntilDead((second) => ({ retransmits: timesUntil(second, SENT_AGAIN_FAR) }));
  assert.deepEqual([near, far], [58, 46]);
});

test("one that answers nothing while more is written is gone as well", () => {
  const seconds = secondsUntilDead((second) => ({
    retransmits: timesUntil(second, SENT_AGAIN),
    unacked: 50 + second * 100,
  }));
  assert.equal(seconds, 58);
});

// With the cable out at our own end, the system asks again every two or three seconds. While a login
// for the name made us look fifty times a second, the last question was always too young to count.
test("one that is asked all the time, and watched closely, is gone within a minute", () => {
  const looks = secondsUntilDead(
    (look) => ({ retransmits: Math.floor(look / 125) }),
    (look) => look / 50,
  );
  assert.equal(Math.round((looks ?? Infinity) / 50), 47);
});

test("one that was cut off for half a minute is not gone when it is asked the next time", () => {
  const seconds = secondsUntilDead((second) =>
    second < 54.6 ? { retransmits: timesUntil(second, SENT_AGAIN) } : { unacked: 0 },
  );
  assert.equal(seconds, undefined);
});

test("one that answers now and then is given the whole time again", () => {
  const seconds = secondsUntilDead((second) => ({
    retransmits: timesUntil(second % 50, SENT_AGAIN),
  }));
  assert.equal(seconds, undefined);
});

test("one that acknowledges a little now and then is not gone, however often it is asked", () => {
  const seconds = secondsUntilDead((second) => ({
    retransmits: second,
    unacked: 1e9 - Math.floor(second / 40),
  }));
  assert.equal(seconds, undefined);
});

test("one whose reader leaves it no room for hours is not gone while it answers", () => {
  const seconds = secondsUntilDead((second) => ({
    probing: true,
    probes: second % 120 === 0 ? 1 : 0,
  }));
  assert.equal(seconds, undefined);
});

test("two lost questions are nobody's death, even if the next comes two minutes later", () => {
  const seconds = secondsUntilDead((second) => ({
    probing: true,
    probes: timesUntil(second, [3600, 3720]) * (second < 3840 ? 1 : 0),
  }));
  assert.equal(seconds, undefined);
});

test("one that does not answer questions about room is gone within a minute", () => {
  const seconds = secondsUntilDead((second) => ({
    probing: true,
    probes: timesUntil(second, ASKED_FOR_ROOM),
  }));
  assert.equal(seconds, 55);
});

test("one that is seldom asked about room is gone after three questions", () => {
  const seconds = secondsUntilDead((second) => ({
    probing: true,
    probes: timesUntil(second, SELDOM_ASKED_FOR_ROOM),
  }));
  assert.equal(seconds, 243);
});

test("a connection that waits for nothing is not gone", () => {
  assert.equal(
    secondsUntilDead(() => ({ unacked: 0 })),
    undefined,
  );
});

// After a FIN, Node does not notice the reset that answers its write, and would wait for ever.
test("a connection that three looks in a row do not show is gone", () => {
  const liveness = new Liveness();
  const looks = [undefined, undefined, ROW, undefined, undefined, undefined];
  const dead = looks.map((row, look) => liveness.isDead(row, look * 20));
  assert.deepEqual(dead, [false, false, false, false, false, true]);
});

test("a machine that slept does not count the time it slept", () => {
  const liveness = new Liveness();
  const dead = [1, 2, 3600, 7200, 7201].map((second, retransmits) =>
    liveness.isDead({ ...ROW, unacked: 50, retransmits: retransmits + 1 }, second * 1000),
  );
  assert.deepEqual(dead, [false, false, false, false, false]);
});

test("a clock that is set back kills nobody and saves nobody", () => {
  const seconds = secondsUntilDead(
    (second) => ({ retransmits: timesUntil(second, SENT_AGAIN_FAR) }),
    (second) => (second < 20 ? second : second - 10_000),
  );
  assert.equal(seconds, 47);
});

/** Looks once a second; when the connection is dead by its rows, if it ever is. */
function secondsUntilDead(
  rowAt: (second: number) => Partial<TcpRow>,
  clock: (second: number) => number = (second) => second,
): number | undefined {
  const liveness = new Liveness();
  for (let second = 1; second <= HOURS; second++) {
    const row = { ...ROW, unacked: 50, ...rowAt(second) };
    if (liveness.isDead(row, clock(second) * 1000)) return second;
  }
  return undefined;
}

function timesUntil(second: number, times: readonly number[]): number {
  return times.filter((time) => time <= second).length;
}
