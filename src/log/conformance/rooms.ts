// What every log must do with rooms: who may do what, and that a member gets what lies in his intervals,
// whenever he asks.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { parseName } from "../../protocol/name.ts";
import { parseRoom, type RoomAction } from "../../protocol/room.ts";
import type { Batch, Send } from "../batch.ts";
import type { Log } from "../log.ts";
import type { Delivery } from "../run.ts";
import type { RoomRequest } from "../rooms.ts";
import { ALL, Appender, login, type LogPlace, send, withLogAt } from "./appender.ts";

const AT = 1_795_412_345_678;

export function request(
  by: string,
  action: RoomAction,
  more: { name?: string; text?: string; before?: number; room?: string } = {},
): RoomRequest {
  const { name, text, before = 0, room = "#ops" } = more;
  return {
    action,
    by: parseName(by),
    room: parseRoom(room),
    at: AT,
    before,
    ...(name === undefined ? {} : { name: parseName(name) }),
    ...(text === undefined ? {} : { text }),
  };
}

/** What became of each request: a code, an event with its seq, or that it is so. */
export async function ask(appender: Appender, ...requests: RoomRequest[]): Promise<string[]> {
  const { rooms } = await appender.append({ requests });
  return rooms.map(({ refusal, event }) => refusal?.code ?? event?.kind ?? "ok");
}

/** Everything that a name is given, in short: `2 join alice`, `3 alice>#ops hi`. */
async function given(log: Log, name: string, upTo: number, after = 0): Promise<string[]> {
  const page = await log.waiting(name, after, upTo, ALL, true);
  assert.equal(page.position, upTo);
  return page.deliveries.flatMap(inShort);
}

function inShort(delivery: Delivery): string[] {
  if ("kind" in delivery) {
    const { seq, kind, name, text } = delivery;
    return [[seq, kind, name, text].join(" ").trim()];
  }
  const { first, step, from, to, bodies } = delivery;
  return bodies.split("\u001e").map((body, i) => `${first + i * step} ${from}>${to} ${body}`);
}

export function roomConformance(engine: string, place: () => LogPlace): void {
  const withLog = (test: (appender: Appender) => Promise<void>) => withLogAt(place, test);

  describe(`${engine}: rooms`, () => {
    it(
      "gives a member what is said while he is in it, whenever he asks",
      withLog(async (appender) => {
        const { log } = appender;
        await appender.append({ logins: login("alice", "bob", "carol") });
        await appender.append({
          requests: [request("alice", "join")],
          sends: [send("alice", ["#ops"], "alone")],
        });
        await appender.append({
          requests: [request("bob", "join"), request("bob", "leave", { before: 2 })],
          sends: [send("alice", ["#ops"], "both", "again"), send("bob", ["#ops"], "bye")],
        });
        const { head } = await appender.append({
          sends: [send("alice", ["#ops"], "gone"), send("carol", ["alice"], "hi")],
        });
        const bobs = ["3 join bob", "4 alice>#ops both", "5 alice>#ops again", "6 bob>#ops bye"];
        assert.deepEqual(await given(log, "bob", head), [...bobs, "7 leave bob"]);
        assert.deepEqual(await given(log, "bob", head, 4), [...bobs.slice(2), "7 leave bob"]);
        assert.deepEqual(await given(log, "carol", head), ["9 carol>alice hi"]);
        const alices = ["1 join alice", "2 alice>#ops alone", ...bobs, "7 leave bob"];
        assert.deepEqual(await given(log, "alice", head), [
          ...alices,
          "8 alice>#ops gone",
          "9 carol>alice hi",
        ]);
        const line = await log.waiting("alice", 0, head, ALL, false);
        assert.deepEqual(line.deliveries.flatMap(inShort), ["6 bob>#ops bye", "9 carol>alice hi"]);
      }),
    );

    it(
      "puts what interleaves in order, for somebody who gets it by several ways",
      withLog(async (appender) => {
        await appender.append({ logins: login("alice", "bob") });
        const { head } = await appender.append({
          requests: [request("alice", "join"), request("bob", "join")],
          sends: [send("alice", ["bob", "#ops"], "1", "2")],
        });
        assert.deepEqual(await given(appender.log, "bob", head, 2), [
          "3 alice>bob 1",
          "4 alice>#ops 1",
          "5 alice>bob 2",
          "6 alice>#ops 2",
        ]);
      }),
    );

    it(
      "takes only what members write, and none of it when one recipient is refused",
      withLog(async (appender) => {
        await appender.append({ logins: login("alice", "bob") });
        await ask(appender, request("alice", "join"));
        const { sends, refused } = await appender.append({
          sends: [
            send("bob", ["#ops"], "hi"),
            send("bob", ["alice", "#nowhere"], "hi"),
            send("alice", ["#ops"], "hi"),
          ],
        });
        assert.deepEqual(
          refused.map(({ code }) => code),
          ["not-a-member", "no-such-room"],
        );
        assert.deepEqual(
          sends.map(({ index }) => index),
          [2],
        );
      }),
    );

    it(
      "lists who is in a room, and which rooms somebody sees",
      withLog(async (appender) => {
        const { log } = appender;
        await appender.append({ logins: login("Alice", "bob", "carol") });
        await ask(
          appender,
          request("alice", "join", { room: "#Ops" }),
          request("bob", "join"),
          request("alice", "moderator", { name: "bob" }),
          request("alice", "join", { room: "#secret" }),
          request("alice", "private", { room: "#secret" }),
          request("alice", "topic", { text: "v: 2" }),
        );
        assert.deepEqual(await log.members("#ops"), [
          { name: "Alice", standing: "owner" },
          { name: "bob", standing: "moderator" },
        ]);
        const names = async (asker: string): Promise<string[]> =>
          (await log.rooms(asker, 100)).map(({ room }) => room);
        assert.deepEqual(await names("alice"), ["#Ops", "#secret"]);
        assert.deepEqual(await names("carol"), ["#Ops"]);
        await ask(appender, request("alice", "invite", { name: "carol", room: "#secret" }));
        assert.deepEqual(await names("carol"), ["#Ops", "#secret"]);
        const { topic, members, isMember } = (await log.room("#ops", "carol")) ?? assert.fail();
        assert.deepEqual(
          { topic, members, isMember },
          { topic: "v: 2", members: 2, isMember: false },
        );
      }),
    );

    it(
      "gives the history of a room in pages, both ways, with its events",
      withLog(async (appender) => {
        const { log } = appender;
        await appender.append({ logins: login("alice", "bob") });
        await appender.append({
          requests: [request("alice", "join")],
          sends: [send("alice", ["#ops"], "a", "b", "c")],
        });
        const { head } = await appender.append({
          requests: [request("alice", "topic", { text: "t" })],
          sends: [send("alice", ["#ops"], "d", "e")],
        });
        const page = async (part: { after?: number; upTo?: number; count: number }) => {
          const asked = { key: "alice", other: "#ops", upTo: head, maxBytes: ALL, ...part };
          const { deliveries, more } = await log.history({ ...asked, everything: true });
          const short = deliveries.flatMap(inShort).map((text) => text.split(" ").at(-1));
          return `${short.join("")}${more ? "+" : ""}`;
        };
        assert.equal(await page({ count: 100 }), "aliceabctde");
        assert.equal(await page({ count: 2 }), "de+");
        assert.equal(await page({ count: 3 }), "ctde+");
        assert.equal(await page({ count: 2, upTo: 4 }), "bc+");
        assert.equal(await page({ count: 3, upTo: 4 }), "aliceabc");
        assert.equal(await page({ count: 2, after: 0 }), "aliceab+");
        assert.equal(await page({ count: 2, after: 3 }), "ctd+");
        assert.equal(await page({ count: 9, after: 6 }), "e");
        const other = { key: "bob", other: "#ops", upTo: head, count: 9, maxBytes: ALL };
        const nothing = await log.history({ ...other, everything: true });
        assert.deepEqual(nothing, { deliveries: [], more: false });
      }),
    );

    it(
      "tells a sender which of his messages are his own, and nobody else",
      withLog(async (appender) => {
        await appender.append({ logins: login("alice", "bob") });
        const outbox = { id: "one", number: 7 };
        const first = { ...send("alice", ["bob"], "0"), outbox: { id: "one", number: 1 } };
        const sends: Send[] = [first];
        for (let number = 2; number < 7; number++) {
          sends.push({ ...send("alice", ["bob"], "x"), outbox: { id: "one", number } });
        }
        const { head } = await appender.append({ sends });
        const last = await appender.append({
          sends: [{ ...send("alice", ["bob"], "1", "2"), outbox }],
        });
        const own = await appender.log.waiting("alice", head + 1, last.head, ALL, true);
        assert.deepEqual(
          own.deliveries.map((run) => "outbox" in run && run.outbox),
          [{ id: "one", number: 8 }],
        );
        const bobs = await appender.log.waiting("bob", 0, last.head, ALL, true);
        assert.ok(bobs.deliveries.every((run) => !("outbox" in run)));
      }),
    );
  });

  describe(`${engine}: rooms against a model`, () => {
    it("gives everybody what lies in his intervals, in pages of any size, across restarts", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 25 }),
          fc.nat(40),
          (steps, bytes) => runModel(place(), steps, bytes + 1),
        ),
        { numRuns: 60, verbose: 1 },
      );
    });
  });
}

const WHO = ["alice", "bob", "carol"] as const;
const ROOMS = ["#ops", "#dev"] as const;

type Step =
  | { readonly do: "send"; readonly from: string; readonly to: string[]; readonly count: number }
  | { readonly do: "join" | "leave"; readonly by: string; readonly room: string }
  | { readonly do: "commit" }
  | { readonly do: "reopen" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("send" as const),
      from: fc.constantFrom(...WHO),
      to: fc.uniqueArray(fc.constantFrom(...WHO, ...ROOMS, ...ROOMS), {
        minLength: 1,
        maxLength: 4,
      }),
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("join" as const, "leave" as const),
      by: fc.constantFrom(...WHO),
      room: fc.constantFrom(...ROOMS),
    }),
  },
  { weight: 2, arbitrary: fc.constant<Step>({ do: "commit" }) },
  fc.constant<Step>({ do: "reopen" }),
);

/** Who is in which room, and what everybody must be given, as plain lists. */
class Model {
  seq = 0;
  readonly in = new Map<string, Set<string>>(ROOMS.map((room) => [room, new Set()]));
  readonly given = new Map<string, string[]>(WHO.map((who) => [who, []]));

  apply(step: Step): void {
    if (step.do === "send") this.#send(step.from, step.to, step.count);
    if (step.do === "join" || step.do === "leave") this.#change(step.do, step.by, step.room);
  }

  #send(from: string, to: string[], count: number): void {
    if (to.some((name) => this.in.get(name)?.has(from) === false)) return;
    for (let i = 0; i < count; i++) {
      for (const name of to) {
        this.seq += 1;
        const text = `${this.seq} ${from}>${name} ${i}`;
        for (const who of WHO) {
          const isFor = who === from || who === name || this.in.get(name)?.has(who) === true;
          if (isFor) this.given.get(who)?.push(text);
        }
      }
    }
  }

  #change(kind: "join" | "leave", by: string, room: string): void {
    const members = this.in.get(room) as Set<string>;
    if ((kind === "join") === members.has(by)) return;
    this.seq += 1;
    members.add(by);
    for (const who of members) this.given.get(who)?.push(`${this.seq} ${kind} ${by}`);
    if (kind === "leave") members.delete(by);
  }
}

async function runModel(where: LogPlace, steps: Step[], pageBytes: number): Promise<void> {
  const model = new Model();
  let appender = new Appender(await where.open());
  let sends: Send[] = [];
  let requests: RoomRequest[] = [];
  // Seqs go on above what was reserved after a restart.
  const commit = async (): Promise<void> => {
    const parts: Partial<Batch> = { sends, requests, logins: login(...WHO) };
    await appender.append(parts);
    [sends, requests] = [[], []];
  };
  try {
    for (const one of steps) {
      model.apply(one);
      if (one.do === "send") {
        const bodies = Array.from({ length: one.count }, (_, i) => String(i));
        sends.push(send(one.from, one.to, ...bodies));
      }
      if (one.do === "join" || one.do === "leave") {
        requests.push(request(one.by, one.do, { room: one.room, before: sends.length }));
      }
      if (one.do === "commit") await commit();
      if (one.do === "reopen") {
        await commit();
        await appender.log.close();
        appender = new Appender(await where.open());
      }
    }
    await commit();
    const { log } = appender;
    for (const who of WHO)
      assert.deepEqual(await inPages(log, who, model.seq, pageBytes), model.given.get(who), who);
  } finally {
    await appender.log.close();
    where.remove();
  }
}

async function inPages(log: Log, who: string, head: number, bytes: number): Promise<string[]> {
  const all: string[] = [];
  for (let position = 0; position < head;) {
    const page = await log.waiting(who, position, head, bytes, true);
    assert.ok(page.position > position, "a page goes on");
    all.push(...page.deliveries.flatMap(inShort));
    position = page.position;
  }
  return all;
}
