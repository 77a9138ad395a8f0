// `kill -9` of the server under load, again and again: what anybody could have seen is there after the
// restart, once and in order, and everything that is there is delivered.

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { check } from "./harness/check.ts";
import type { LineClient } from "./harness/line-client.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

/** So often is each server killed; PARTYLINE_KILLS=100 for the long run. */
const KILLS = Number(process.env["PARTYLINE_KILLS"] ?? 6);

const PAIRS = 4;

/** Lines in one write, each with the next number; after them the sender asks what is in the log. */
const TOGETHER = 100;

/** Numbers on their way from one sender to the recipients, and who is known to have seen which. */
class Pair {
  readonly sender: string;
  readonly recipients: readonly string[];
  /** The last number that was sent, ever. */
  sent = 0;
  /** Numbers whose commit somebody saw: they were delivered, or were in the sender's history. */
  readonly seen = new Set<number>();
  /** For each recipient what came, in the order in which it came, over all connections. */
  readonly got = new Map<string, number[]>();

  constructor(index: number) {
    this.sender = `sender${index}`;
    this.recipients = index === 0 ? ["reader0", "reader0too"] : [`reader${index}`];
    for (const recipient of this.recipients) this.got.set(recipient, []);
  }

  get delivered(): number {
    return [...this.got.values()].reduce((sum, numbers) => sum + numbers.length, 0);
  }

  /** Logs everybody in; the sender goes on until its connection dies. */
  join(t: TestContext, server: TestServer): LineClient[] {
    const readers = this.recipients.map((recipient) => {
      const reader = server.connect(t).say(recipient);
      this.#read(reader, recipient);
      return reader;
    });
    const sender = server.connect(t).say(this.sender);
    const sendMore = (): void => {
      if (sender.closed) return;
      const lines = Array.from(
        { length: TOGETHER },
        () => `${this.recipients.join(", ")}: ${++this.sent}`,
      );
      sender.say(...lines, `/history ${this.recipients[0]} 1`);
    };
    sender.onLine = (line) => {
      const number = /^\* \S+ sender\d: (\d+)$/.exec(line)?.[1];
      assert.ok(number !== undefined, line);
      this.seen.add(Number(number));
      sendMore();
    };
    sendMore();
    return [sender, ...readers];
  }

  #read(client: LineClient, recipient: string): void {
    client.onLine = (line) => {
      const number = /^from sender\d: (\d+)$/.exec(line)?.[1];
      assert.ok(number !== undefined, line);
      this.seen.add(Number(number));
      this.got.get(recipient)?.push(Number(number));
    };
  }

  /** Takes what is left, with a connection that ends cleanly. */
  async takeAll(t: TestContext, server: TestServer): Promise<void> {
    for (const recipient of this.recipients) {
      const client = server.connect(t);
      this.#read(client, recipient);
      await client.say(recipient).finish().end();
    }
  }

  /** @param log what it has from the sender to each recipient, in the order of its seqs */
  verify(log: (recipient: string) => number[]): void {
    for (const recipient of this.recipients) {
      const kept = log(recipient);
      const inOrder = kept.toSorted((a, b) => a - b);
      assert.deepEqual(kept, inOrder, `${this.sender} to ${recipient}: the order of the log`);
      const got = this.got.get(recipient) ?? [];
      // What was not confirmed comes again, from where it was not, and then goes on in order.
      const places = new Map(kept.map((number, place) => [number, place]));
      assert.equal(places.size, kept.length, "nothing is there twice");
      assert.deepEqual(
        [...this.seen].filter((number) => !places.has(number)).slice(0, 5),
        [],
        "lost",
      );
      let reached = -1;
      for (const number of got) {
        const place = places.get(number);
        assert.ok(place !== undefined, `${number} was delivered and is not in the log`);
        assert.ok(place <= reached + 1, `${recipient} misses what is before ${number}`);
        reached = place > reached ? place : reached;
      }
      assert.equal(reached, kept.length - 1, `${recipient} got everything`);
    }
  }
}

function readLog(folder: string): (sender: string, recipient: string) => number[] {
  const database = new DatabaseSync(join(folder, "partyline.db"), { readOnly: true });
  const bySeq = database.prepare(
    'SELECT seq, body FROM messages WHERE "from" = ? AND "to" = ? ORDER BY seq',
  );
  return (sender, recipient) => {
    const rows = bySeq.all(sender, recipient);
    assert.equal(new Set(rows.map(({ seq }) => seq)).size, rows.length, "a seq is used once");
    return rows.map(({ body }) => Number(body));
  };
}

async function killedAgainAndAgain(
  t: TestContext,
  durability: string,
  moments: readonly number[],
): Promise<void> {
  const data = temporaryFolder(t);
  const args = ["--durability", durability];
  const pairs = Array.from({ length: PAIRS }, (_, index) => new Pair(index));
  const delivered = (): number => pairs.reduce((sum, pair) => sum + pair.delivered, 0);
  for (const moment of moments) {
    const server = await TestServer.start(t, { data, args });
    const observer = await server.login(t, "observer");
    const until = delivered() + moment;
    const clients = pairs.flatMap((pair) => pair.join(t, server));
    // Each answer is a turn of the server in which it did everything else, too.
    while (delivered() < until) await observer.barrier();
    assert.equal(await server.end("SIGKILL"), "SIGKILL");
    await Promise.all(clients.map((client) => client.end()));
  }
  const last = await TestServer.start(t, { data, args });
  for (const pair of pairs) await pair.takeAll(t, last);
  assert.equal(await last.end("SIGTERM"), 0);
  const log = readLog(data);
  for (const pair of pairs) pair.verify((recipient) => log(pair.sender, recipient));
  t.diagnostic(`${moments.length} kills, ${delivered()} deliveries`);
}

for (const durability of ["disk", "process"]) {
  test(`killed under load, with --durability ${durability}, nothing that was seen is lost`, async (t) => {
    const moments = fc.array(fc.nat(20_000), { minLength: KILLS, maxLength: KILLS });
    await check(
      t,
      fc.asyncProperty(moments, (all) => killedAgainAndAgain(t, durability, all)),
      { numRuns: 1, endOnFailure: true },
    );
  });
}
