import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { test } from "node:test";
import type { TcpRow, TcpTable } from "./tcp-table.ts";
import { TcpWatch, type Watched } from "./tcp-watch.ts";

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

test("looking rests as long as it took, however often it is asked for", async () => {
  const { watch, table, clock } = setUp();
  watch.watch(new Told("a", () => watch.lookSoon()));
  table.takes = 100;
  watch.lookSoon();
  await clock.pass(4900);
  assert.equal(table.reads, 25);
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
