// Clients that keep an outbox and a cursor, with their connections cut and the server killed at random:
// every send that was accepted arrives once, in order, at everybody; every refused one never.

import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import * as fc from "fast-check";
import { check } from "./harness/check.ts";
import { JsonClient } from "./harness/json-client.ts";
import { temporaryFolder, TestServer } from "./harness/server.ts";

/** So often is the server killed; PARTYLINE_KILLS=100 for the long run. */
const KILLS = Number(process.env["PARTYLINE_KILLS"] ?? 5);

const CLIENTS = ["alice", "bob", "carol", "dave"];

/** What happens between two kills: one client after another sends something, or is cut. */
interface Step {
  readonly client: number;
  readonly cut: boolean;
  readonly to: readonly number[];
  readonly count: number;
  readonly isBad: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  client: fc.nat(CLIENTS.length - 1),
  cut: fc.integer({ min: 0, max: 5 }).map((chance) => chance === 0),
  to: fc.uniqueArray(fc.nat(CLIENTS.length - 1), { minLength: 1 }),
  count: fc.integer({ min: 1, max: 40 }),
  isBad: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
});

function isDecided({ outbox }: JsonClient): boolean {
  return outbox.every(({ outcome }) => outcome !== undefined);
}

async function survive(t: TestContext, rounds: readonly (readonly Step[])[]): Promise<void> {
  const data = temporaryFolder(t);
  const clients = CLIENTS.map((name) => new JsonClient(name));
  const clientOf = (index: number): JsonClient => clients[index] ?? assert.fail();
  for (const client of clients) client.acks = 0.3;
  let server = await TestServer.start(t, { data });
  for (const steps of rounds) {
    for (const client of clients) client.connect(t, server.port);
    for (const { client: index, cut, to, count, isBad } of steps) {
      const client = clientOf(index);
      await client.until(() => client.isWelcome, "welcome");
      const names = to.map((other) => CLIENTS[other] ?? "");
      for (let i = 0; i < count; i++) {
        client.send(names, isBad ? "\u0000" : String(client.outbox.length + 1));
      }
      if (cut) client.connect(t, server.port);
    }
    assert.equal(await server.end("SIGKILL"), "SIGKILL");
    server = await TestServer.start(t, { data });
  }
  for (const client of clients) client.connect(t, server.port);
  for (const client of clients) {
    await client.until(() => isDecided(client), `the outcomes of ${client.name}`);
  }
  for (const client of clients) {
    const due = clients.flatMap(({ outbox }) =>
      outbox.filter(({ to, outcome }) => outcome === "accepted" && to.includes(client.name)),
    ).length;
    // What is missing shows below.
    await client.until(() => client.got.length >= due, "everything").catch(() => undefined);
  }
  for (const client of clients) {
    assert.deepEqual(client.failures, [], client.name);
    for (const sender of clients) {
      const sent = sender.outbox.filter(({ to }) => to.includes(client.name));
      assert.deepEqual(
        client.got.filter(({ from }) => from === sender.name).map(({ body }) => body),
        sent.filter(({ body }) => body !== "\u0000").map(({ body }) => body),
        `${sender.name} to ${client.name}`,
      );
    }
  }
  const messages = clients.reduce((sum, client) => sum + client.got.length, 0);
  t.diagnostic(`${rounds.length} kills, ${messages} messages`);
  assert.equal(await server.end("SIGTERM"), 0);
}

test("exactly once, whatever is cut, and however often the server is killed", async (t) => {
  const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 20 }), {
    minLength: KILLS,
    maxLength: KILLS,
  });
  await check(
    t,
    fc.asyncProperty(rounds, (all) => survive(t, all)),
    { numRuns: 1, endOnFailure: true },
  );
});
