import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import type { TcpRow, TcpTable } from "./tcp-table.ts";
import { Liveness, TcpWatch, type Watched } from "./tcp-watch.ts";

const ROW: TcpRow = { unacked: 0, state: 1, retransmits: 0, probing: false, probes: 0 };

test("a look tells each connection its own row, and none where there is none", async () => {
  const { watch, table } = setUp();
  const [a, b] = [new Told("a"), new Told("b")];
  watch.watch(a);
  watch.watch(b);
  table.rows.set("a", { ...ROW, unacked: 7 });
  await watch.look();
  assert.deepEqual([a.rows, b.rows], [[{ ...ROW, unacked: 7 }], [undefined]]);
});

test("a connection remembers what was written before the table is read", async () => {
  const { watch, table } = setUp();
  const connection = new Told("a");
  watch.watch(connection);
  table.onRead = () => assert.equal(connection.looks, 1);
  await watch.look();
  assert.equal(connection.rows.length, 1);
});

test("who is watched while a look is under way is told by the next", async () => {
  const { watch, table } = setUp();
  const late = new Told("late");
  watch.watch(new Told("a"));
  table.onRead = () => watch.watch(late);
  await watch.look();
  assert.equal(late.rows.length, 0);
  await watch.look();
  assert.equal(late.rows.length, 1);
});

test("who is not watched any more is not told", async () => {
  const { watch, table } = setUp();
  const connection = new Told("a");
  watch.watch(connection);
  table.onRead = () => watch.unwatch(connection);
  await watch.look();
  assert.equal(connection.rows.length, 0);
});

test("an older connection with the same addresses is not told the newer one's row", async () => {
  const { watch } = setUp();
  const [old, young] = [new Told("a"), new Told("a")];
  watch.watch(old);
  watch.watch(young);
  watch.unwatch(old);
  await watch.look();
  assert.deepEqual([old.rows.length, young.rows.length], [0, 1]);
});

test("it looks once a second, and only while something is watched", async () => {
  const { watch, table, clock } = setUp();
  const connection = new Told("a");
  await clock.pass(5000);
  assert.equal(table.reads, 0);
  watch.watch(connection);
  await clock.pass(3500);
  assert.equal(table.reads, 3);
  watch.unwatch(connection);
  assert.equal(clock.timers, 0);
  await clock.pass(5000);
  assert.equal(table.reads, 3);
});

test("a look that is asked for comes at once, and the next one 20 ms later at the earliest", async () => {
  const { watch, table, clock } = setUp();
  const connection = new Told("a", () => watch.lookSoon());
  watch.watch(connection);
  watch.lookSoon();
  await clock.pass(0);
  assert.equal(table.reads, 1);
  await clock.pass(19);
  assert.equal(table.reads, 1);
  await clock.pass(981);
  assert.equal(table.reads, 51);
});

test("looking rests four times as long as it took, however often it is asked for", async () => {
  const { watch, table, clock } = setUp();
  watch.watch(new Told("a", () => watch.lookSoon()));
  table.takes = 100;
  watch.lookSoon();
  await clock.pass(4900);
  assert.equal(table.reads, 10);
});

test("two reads are never under way, and who asks during one hears of a later one", async () => {
  const { watch, table } = setUp();
  const connection = new Told("a");
  watch.watch(connection);
  await Promise.all([watch.look(), watch.look(), watch.look()]);
  assert.deepEqual([table.reads, table.mostAtOnce, connection.rows.length], [2, 1, 2]);
});

test("where the system does not tell, looks go on and say so", async () => {
  const { watch, clock } = setUp({ table: undefined });
  const connection = new Told("a");
  watch.watch(connection);
  await clock.pass(2000);
  assert.equal(watch.supported, false);
  assert.deepEqual(connection.rows, [undefined, undefined]);
});

test("a system whose table is made up counts as one that does not tell", async () => {
  const { watch, table } = setUp();
  const connection = new Told("a");
  watch.watch(connection);
  table.isMadeUp = true;
  assert.equal(watch.supported, true);
  await watch.look();
  assert.deepEqual([watch.supported, table.isOpen, connection.rows], [false, false, [undefined]]);
});

test("a read that fails is reported, and the system is not asked again", async () => {
  const { watch, table, errors } = setUp();
  const connection = new Told("a");
  watch.watch(connection);
  table.onRead = () => assert.fail("EIO");
  await watch.look();
  await watch.look();
  assert.deepEqual([errors, table.reads, watch.supported], [["EIO"], 1, false]);
  assert.deepEqual(connection.rows, [undefined, undefined]);
});

test("one connection's mistake does not keep the others from hearing", async () => {
  const { watch, errors } = setUp();
  const others = [new Told("a"), new Told("c")];
  const wrong = new Told("b", () => assert.fail("mistake"));
  for (const connection of [others[0]!, wrong, others[1]!]) watch.watch(connection);
  await watch.look();
  assert.deepEqual(
    others.map(({ rows }) => rows.length),
    [1, 1],
  );
  assert.deepEqual(errors, ["mistake"]);
});

test("a closed watch gives the table back after the read that is under way", async () => {
  const { watch, table } = setUp();
  const connection = new Told("a");
  watch.watch(connection);
  const look = watch.look();
  const closed = watch.close();
  assert.equal(table.isOpen, true);
  await Promise.all([look, closed]);
  assert.deepEqual([table.isOpen, connection.rows.length], [false, 0]);
});

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

/** A connection that writes down what it is told. */
class Told implements Watched {
  readonly tcpKey: string;
  readonly rows: (TcpRow | undefined)[] = [];
  looks = 0;
  readonly #then: () => void;

  constructor(tcpKey: string, then: () => void = () => {}) {
    this.tcpKey = tcpKey;
    this.#then = then;
  }

  beforeLook(): void {
    this.looks++;
  }

  looked(row: TcpRow | undefined): void {
    this.rows.push(row);
    this.#then();
  }
}

class FakeTable implements TcpTable {
  readonly rows = new Map<string, TcpRow>();
  readonly #clock: FakeClock;
  /** How long a read takes, in ms. */
  takes = 0;
  reads = 0;
  mostAtOnce = 0;
  isOpen = true;
  isMadeUp = false;
  onRead = (): void => {};
  #atOnce = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  async read(): Promise<Map<string, TcpRow> | undefined> {
    assert.ok(this.isOpen);
    this.reads++;
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce);
    if (this.takes === 0) await turn();
    else await new Promise<void>((resolve) => this.#clock.after(this.takes, resolve));
    this.#atOnce--;
    this.onRead();
    return this.isMadeUp ? undefined : this.rows;
  }

  close(): void {
    assert.equal(this.#atOnce, 0);
    this.isOpen = false;
  }
}

class FakeClock {
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  #now = 0;

  get timers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): { cancel(): void } {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /** Lets the time pass, and all that happens in it happen. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].toSorted((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#timers.delete(next);
      this.#now = next.at;
      next.callback();
      for (let turns = 0; turns < 3; turns++) await turn();
    }
    this.#now = end;
  }
}

function setUp(options: { table?: undefined } = {}) {
  const clock = new FakeClock();
  const table = new FakeTable(clock);
  const errors: string[] = [];
  const report = (error: Error): void => void errors.push(error.message);
  return { clock, table, errors, watch: new TcpWatch({ table, clock, report, ...options }) };
}
