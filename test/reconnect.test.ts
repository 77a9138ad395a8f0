// Connections that end in every way and come back in every order, tried at random: the reader's end
// and the writer's, a new login before or after either, messages on their way in both directions.

import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test, type TestContext } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import * as fc from "fast-check";
import { check } from "./harness/check.ts";
import type { LineClient } from "./harness/line-client.ts";
import { TestServer } from "./harness/server.ts";

/** Runs of the property; PARTYLINE_RUNS=1000 for the long run. */
const RUNS = Number(process.env["PARTYLINE_RUNS"] ?? 60);

const PEOPLE = 3;

const server = await TestServer.start({ after }, { args: ["--durability", "process"] });

/** What a person does next. What makes no sense at that moment is not done. */
type Action =
  | { readonly kind: "log in" | "pause" | "resume" | "finish" | "close" | "reset" | "hear oneself" }
  | { readonly kind: "send"; readonly to: readonly number[]; readonly count: number }
  /** The new login sets out before the old connection ends. */
  | { readonly kind: "replace"; readonly by: "close" | "reset"; readonly connected: boolean };

interface Step {
  readonly who: number;
  readonly action: Action;
  /** Turns of our event loop until the next step. */
  readonly turns: number;
}

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: "log in" as const }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("send" as const),
      to: fc.uniqueArray(fc.nat(PEOPLE - 1), { minLength: 1, maxLength: PEOPLE }),
      count: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 100, max: 2000 })),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("replace" as const),
      by: fc.constantFrom("close" as const, "reset" as const),
      connected: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom("pause", "resume", "finish", "close", "reset", "hear oneself"),
    }),
  },
);

const steps = fc.array(
  fc.record({
    who: fc.nat(PEOPLE - 1),
    action,
    turns: fc.constantFrom(0, 0, 1, 3, 20),
  }),
  { minLength: 5, maxLength: 40, size: "max" },
);

/** One connection of a person, from its login to its end. */
class Visit {
  readonly client: LineClient;
  /** Numbers in the order in which they came, and those that were sent to each name. */
  readonly got: number[] = [];
  readonly sent = new Map<string, number[]>();
  /** The last number of which it is known, by what came back, that all up to it are committed. */
  committed = 0;
  /** We have sent our FIN; and the server its own, before the name's next login set out. */
  finished = false;
  endedClean = false;
  isOver = false;
  /** The name's next login has set out: the server may cut this visit, whatever it looks like to us. */
  isOvertaken = false;
  /** When it did not end clean: the last number that its own system may have taken and dropped. */
  maybeTaken = 0;
  readonly problems: string[] = [];

  constructor(t: TestContext, name: string, lastNumber: () => number) {
    this.client = server.connect(t).say(name);
    this.client.onLine = (line) => {
      const number = /^from \S+: (\d+)$/.exec(line)?.[1];
      if (number === undefined) this.problems.push(line);
      else this.got.push(Number(number));
    };
    this.client.socket.on("end", () => {
      if (this.isOver) return;
      if (this.finished) this.endedClean = !this.isOvertaken;
      else if (!this.isOvertaken) this.problems.push("the server ended it unasked");
      // What its system took came before the FIN, and all of it was read.
      this.over(0);
    });
    this.client.socket.on("close", () => this.over(lastNumber()));
  }

  get isOpen(): boolean {
    return !this.isOver && !this.finished;
  }

  over(maybeTaken: number): void {
    if (this.isOver) return;
    this.isOver = true;
    this.maybeTaken = maybeTaken;
  }
}

class Person {
  readonly name: string;
  readonly visits: Visit[] = [];

  constructor(name: string) {
    this.name = name;
  }

  get visit(): Visit | undefined {
    return this.visits.at(-1);
  }
}

class Run {
  readonly #t: TestContext;
  readonly people: readonly Person[];
  #last = 0;

  constructor(t: TestContext, id: string) {
    this.#t = t;
    this.people = Array.from({ length: PEOPLE }, (_, i) => new Person(`${"abc"[i]}${id}`));
  }

  async do({ who, action: what, turns }: Step): Promise<void> {
    const person = this.people[who] as Person;
    const { visit } = person;
    if (what.kind === "log in") {
      if (visit === undefined || !visit.isOpen) this.logIn(person);
    } else if (visit !== undefined && !visit.isOver) await this.#goOn(person, visit, what);
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
  }

  async #goOn(
    person: Person,
    visit: Visit,
    what: Exclude<Action, { kind: "log in" }>,
  ): Promise<void> {
    const { socket } = visit.client;
    switch (what.kind) {
      case "send":
        if (visit.isOpen) this.#send(visit, what.to, what.count);
        return;
      case "hear oneself":
        if (visit.isOpen && !socket.isPaused()) await this.hearOneself(person, visit);
        return;
      case "pause":
        socket.pause();
        return;
      case "resume":
        socket.resume();
        return;
      case "finish":
        visit.finished = true;
        visit.client.finish();
        return;
      case "close":
      case "reset":
        return this.#end(visit, what.kind);
      case "replace": {
        const next = this.logIn(person);
        if (what.connected) await once(next.client.socket, "connect");
        this.#end(visit, what.by);
      }
    }
  }

  logIn(person: Person): Visit {
    if (person.visit !== undefined) person.visit.isOvertaken = true;
    const visit = new Visit(this.#t, person.name, () => this.#last);
    person.visits.push(visit);
    return visit;
  }

  #end(visit: Visit, how: "close" | "reset"): void {
    visit.over(this.#last);
    visit.client.onLine = () => {};
    if (how === "reset") visit.client.reset();
    else visit.client.socket.destroy();
  }

  #send(visit: Visit, to: readonly number[], count: number): void {
    const names = to.map((index) => (this.people[index] as Person).name);
    const numbers = Array.from({ length: count }, () => ++this.#last);
    for (const name of names) {
      const before = visit.sent.get(name) ?? [];
      visit.sent.set(name, [...before, ...numbers]);
    }
    visit.client.say(...numbers.map((number) => `${names.join(", ")}: ${number}`));
  }

  /** What one says to oneself comes back after all that one said before is committed. */
  async hearOneself(person: Person, visit: Visit): Promise<void> {
    this.#send(visit, [this.people.indexOf(person)], 1);
    const number = this.#last;
    const heard = (): boolean => visit.problems.length > 0 || visit.got.at(-1) === number;
    await visit.client.until(() => heard() || visit.got.includes(number), `${number}`);
    visit.committed = number;
  }

  /** Everybody comes back, and takes what is left in visits that end cleanly. */
  async takeAll(): Promise<void> {
    const last = this.people.map((person) => {
      const { visit } = person;
      visit?.client.socket.resume();
      if (visit?.isOpen === true) return visit;
      return this.logIn(person);
    });
    // Whoever hears himself has his name: whatever had it before sends nothing any more.
    for (const [index, visit] of last.entries()) {
      await this.hearOneself(this.people[index] as Person, visit);
    }
    // By now all of it is committed, and a visit that ends gets all that is committed.
    const auditor = await server.login(this.#t, `auditor${this.people[0]?.name}`);
    auditor.say(`auditor${this.people[0]?.name}: all`);
    await auditor.take(1);
    await auditor.finish().end();
    for (const visit of last) {
      visit.finished = true;
      await visit.client.finish().end();
    }
    await this.#readOvertaken();
  }

  /**
   * A visit that was paused after its FIN goes on until the server ends it, also when the next login has
   * set out: its system takes and acknowledges what comes meanwhile. It lies there, and is read now.
   */
  async #readOvertaken(): Promise<void> {
    const overtaken = this.people.flatMap(({ visits }) => visits.filter(({ isOver }) => !isOver));
    for (const visit of overtaken) {
      visit.client.socket.resume();
      await visit.client.until(() => visit.isOver, "the end of an overtaken visit");
    }
  }

  verify(): void {
    for (const person of this.people) {
      const problems = person.visits.flatMap((visit) => visit.problems);
      assert.deepEqual(problems, [], `${person.name}: refused, garbled or thrown out`);
    }
    for (const person of this.people) {
      const inbox = readInbox(person.name);
      this.#verifySends(person.name, inbox);
      verifyVisits(person, inbox);
    }
  }

  /** Of each visit the log has what it sent, from the first on, in order, all of it after a clean end. */
  #verifySends(to: string, inbox: readonly number[]): void {
    const places = new Map(inbox.map((number, place) => [number, place]));
    assert.equal(places.size, inbox.length, `to ${to}: nothing is there twice`);
    let all = 0;
    for (const from of this.people) {
      let before = -1;
      for (const visit of from.visits) {
        const sent = visit.sent.get(to) ?? [];
        const kept = sent.filter((number) => places.has(number));
        const what = `from ${from.name} to ${to}`;
        assert.deepEqual(kept, sent.slice(0, kept.length), `${what}: no gap in what one sent`);
        const due = visit.endedClean ? Infinity : visit.committed;
        const dueCount = sent.filter((number) => number <= due).length;
        assert.ok(kept.length >= dueCount, `${what}: ${kept.length} of ${dueCount} are kept`);
        for (const number of kept) {
          const place = places.get(number) as number;
          assert.ok(place > before, `${what}: ${number} is out of order`);
          before = place;
        }
        all += kept.length;
      }
    }
    assert.equal(all, inbox.length, `to ${to}: nothing is there that nobody sent`);
  }
}

/**
 * Each visit got a piece of what the log has, without a gap. The next one goes on where it ended when
 * it ended cleanly, and otherwise there or before: only its own system may have taken more than it saw.
 */
function verifyVisits({ name, visits }: Person, inbox: readonly number[]): void {
  const places = new Map(inbox.map((number, place) => [number, place]));
  let reached = -1;
  let confirmed = -1;
  let maybeTaken = 0;
  for (const [index, visit] of visits.entries()) {
    const first = places.get(visit.got[0] ?? -1);
    if (visit.got.length > 0) {
      assert.ok(first !== undefined, `${name}, visit ${index}: ${visit.got[0]} is not in the log`);
      const piece = inbox.slice(first, first + visit.got.length);
      assert.deepEqual(visit.got, piece, `${name}, visit ${index}: a piece of the log`);
      assert.ok(
        first > confirmed,
        `${name}, visit ${index}: got ${visit.got[0]} after a clean end`,
      );
      const missed = inbox.slice(reached + 1, first).filter((number) => number > maybeTaken);
      assert.deepEqual(missed, [], `${name}, visit ${index}: missed`);
      reached = Math.max(reached, first + visit.got.length - 1);
    }
    if (visit.endedClean) confirmed = reached;
    else maybeTaken = Math.max(maybeTaken, visit.maybeTaken);
  }
  assert.equal(reached, inbox.length - 1, `${name} got everything`);
}

function readInbox(name: string): number[] {
  const database = new DatabaseSync(join(server.data, "partyline.db"), { readOnly: true });
  try {
    const rows = database.prepare('SELECT seq, body FROM messages WHERE "to" = ? ORDER BY seq');
    const inbox = rows.all(name);
    assert.equal(new Set(inbox.map(({ seq }) => seq)).size, inbox.length, "a seq is used once");
    return inbox.map(({ body }) => Number(body));
  } finally {
    database.close();
  }
}

test("whatever ends and comes back in whatever order, nothing is lost and nothing out of order", async (t) => {
  let runs = 0;
  let visits = 0;
  let messages = 0;
  await check(
    t,
    fc.asyncProperty(steps, async (all) => {
      const run = new Run(t, `${(runs += 1)}`);
      for (const step of all) await run.do(step);
      await run.takeAll();
      run.verify();
      visits += run.people.reduce((sum, person) => sum + person.visits.length, 0);
      messages += run.people.reduce((sum, { name }) => sum + readInbox(name).length, 0);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  t.diagnostic(`${runs} runs, ${visits} visits, ${messages} messages`);
});
