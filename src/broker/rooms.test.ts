// Rooms, names with several peers and clients that want everything, with the real log and in all the
// orders that fast-check finds: everybody gets exactly what lies in his intervals above his cursor.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import * as fc from "fast-check";
import { check } from "../../test/harness/check.ts";
import { packBodies } from "../protocol/bodies.ts";
import { ChatError } from "../protocol/errors.ts";
import { type Name, parseName } from "../protocol/name.ts";
import { parseRoom } from "../protocol/room.ts";
import type { Follower, Log } from "../log/log.ts";
import type { Run } from "../log/run.ts";
import { openSqliteLog } from "../log/sqlite/sqlite-log.ts";
import { Broker, type Login } from "./broker.ts";
import type { Notice } from "./notice.ts";
import type { ClientState, Peer, PeerRequest } from "./peer.ts";
import { Rooms } from "./rooms.ts";
import { RoomsModel } from "./rooms-model.ts";
import {
  AMPLE_LIMITS,
  drain,
  happen,
  MemoryConnection,
  scheduled,
  scheduledClock,
  type ScheduledLog,
} from "./schedules.ts";

/** The first two are accounts, with several peers each; the third is open. */
const NAMES = ["alice", "bob", "carol"] as const;
const ROOMS = ["#ops", "#dev"] as const;
type Who = (typeof NAMES)[number];
type Where = (typeof ROOMS)[number];

/** So long that each takes a page of the log, and four are more than is kept while one is read. */
const PADDING = "x".repeat(300_000);

class Client extends MemoryConnection {
  override readonly wantsEverything: boolean;
  readonly id: string;
  readonly who: Who;
  /** Where its delivery began; undefined until it is logged in. */
  position: number | undefined;
  hasFinished = false;
  sent = 0;
  readonly notices: Notice[] = [];
  /** Seqs that came as they happened, and not from the log. */
  readonly live = new Set<number>();
  readonly #world: World;

  constructor(world: World, id: string, who: Who, everything: boolean) {
    super((step) => void world.schedule.schedule(Promise.resolve(), "close").then(step));
    this.#world = world;
    this.id = id;
    this.who = who;
    this.wantsEverything = everything;
  }

  get mayAsk(): boolean {
    return !this.isGone && !this.isHeld && !this.readerEnded && !this.hasFinished;
  }

  override deliver(run: Run): void {
    const before = this.seqs.length;
    super.deliver(run);
    if (!this.#world.isAnnouncing) return;
    for (const seq of this.seqs.slice(before)) this.live.add(seq);
  }

  override notify(notice: Notice): void {
    this.notices.push(notice);
  }

  bodies(count: number, isLong: boolean): string {
    const one = (): string => `${this.id} ${(this.sent += 1)} ${isLong ? PADDING : ""}`;
    return packBodies(Array.from({ length: count }, one));
  }
}

class World {
  static #worlds = 0;
  readonly model: RoomsModel = new RoomsModel();
  readonly clients: Client[] = [];
  readonly failures: unknown[] = [];
  /** The feed tells the broker of a commit. */
  isAnnouncing = false;
  readonly schedule: fc.Scheduler;
  readonly log: ScheduledLog;
  readonly broker: Broker;
  readonly #world: number;
  readonly #firstHead: number;
  readonly #confirmed = new Map<Who, number>();

  constructor(log: Log, schedule: fc.Scheduler, head: number) {
    this.#world = ++World.#worlds;
    this.#firstHead = head;
    this.schedule = schedule;
    this.log = scheduled(log, schedule);
    const { log: slow } = this;
    const follow = (follower: Follower): void =>
      slow.follow({
        ...follower,
        committed: (commit) => {
          this.model.committed(commit, (body) => body.slice(0, body.indexOf(" ")));
          this.isAnnouncing = true;
          follower.committed(commit);
          this.isAnnouncing = false;
        },
      });
    this.broker = new Broker({ ...slow, head, follow }, scheduledClock(schedule), {
      limits: AMPLE_LIMITS,
      report: (_, error) => this.failures.push(error),
    });
  }

  name(who: Who): Name {
    return parseName(`${who}${this.#world}`);
  }

  room(where: Where): Name {
    return parseRoom(`${where}${this.#world}`);
  }

  /** One of those of a name that are logged in and not gone. */
  client(who: Who, index: number): Client | undefined {
    const here = this.clients.filter(
      (client) => client.who === who && client.position !== undefined && !client.isGone,
    );
    return here[index % here.length];
  }

  /** @param share of all that happened: a client's own cursor; undefined when it keeps none */
  async logIn(who: Who, everything: boolean, share?: number): Promise<void> {
    const id = `${who}-${this.clients.length}`;
    const client = new Client(this, id, who, everything);
    this.clients.push(client);
    const { head } = this.broker;
    const seq = this.#firstHead + Math.floor((head - this.#firstHead) * (share ?? 0));
    const state: ClientState = {
      isShared: who !== "carol",
      ...(share === undefined ? {} : { received: { log: this.log.id, seq } }),
    };
    const confirmed = this.#confirmed.get(who) ?? 0;
    try {
      const login = await this.broker.login(this.name(who), client, state);
      this.#loggedIn(client, login, share === undefined ? confirmed : seq);
    } catch (error) {
      if (!(error instanceof ChatError)) this.failures.push(error);
    }
  }

  #loggedIn(client: Client, { peer, position }: Login, atLeast: number): void {
    if (client.isGone) return peer.gone();
    client.peer = peer;
    client.position = position;
    const confirmed = this.#confirmed.get(client.who) ?? 0;
    const atMost = Math.max(atLeast, confirmed);
    if (position < atLeast || position > atMost) {
      this.failures.push(`${client.id} began at ${position}, not at ${atLeast} to ${atMost}`);
    }
    this.#confirmed.set(client.who, Math.max(confirmed, position));
  }

  confirm(client: Client, share: number): void {
    const seq = client.seqs[Math.floor(client.seqs.length * share)];
    if (seq === undefined) return;
    this.#confirmed.set(client.who, Math.max(seq, this.#confirmed.get(client.who) ?? 0));
    client.peer?.confirm(seq);
  }

  ask(client: Client, request: PeerRequest): void {
    client.peer?.ask(request).catch((error: unknown) => {
      if (!(error instanceof ChatError)) this.failures.push(error);
    });
  }

  /** Everybody has the beginning of what is due; whoever must have all of it has all. */
  check(mustHaveAll: (client: Client) => boolean = () => false): void {
    assert.deepEqual(this.failures, []);
    for (const client of this.clients) {
      if (client.position === undefined) continue;
      const { key } = this.name(client.who);
      const due = this.model.due(key, client.position, client.wantsEverything);
      const rest = due.values();
      for (const seq of client.seqs) {
        let next = rest.next().value;
        // What it has sent itself it does not get live, but may get from the log.
        while (next !== undefined && next.seq < seq && next.sentBy === client.id) {
          next = rest.next().value;
        }
        const isOwn = next?.sentBy === client.id;
        assert.ok(!isOwn || !client.live.has(seq), `${client.id} is told ${seq}, its own`);
        if (next?.seq === seq) continue;
        const got = `${client.seqs.join(" ")}, due ${due.map((one) => one.seq).join(" ")}`;
        assert.fail(`${client.id} got ${seq}, not ${next?.seq}: ${got}`);
      }
      if (!mustHaveAll(client)) continue;
      const missing = [...rest].filter(({ sentBy }) => sentBy !== client.id);
      assert.deepEqual(missing, [], `${client.id} gets all`);
    }
  }

  /** What is kept nowhere goes from members to members too, also when they left while others logged in. */
  #checkTyping(client: Client, where: Where): void {
    const room = this.room(where);
    const isMember = (who: Who): boolean => this.model.isMember(this.name(who).key, room.key);
    client.peer?.typing(room);
    for (const other of this.clients) {
      const heard = other.notices.splice(0).some(({ kind }) => kind === "typing");
      const may = isMember(client.who) && isMember(other.who) && client.who !== other.who;
      assert.ok(may || !heard, `${other.id} hears ${client.id} type in ${room.shown}`);
    }
  }

  /** At the end everybody who is connected has all, and so has whoever logs in then. */
  async end(): Promise<void> {
    for (const client of this.clients) if (!client.isGone) client.read();
    await drain(this);
    this.check((client) => !client.isGone && !client.hasFinished);
    this.clients.forEach((client, i) => this.#checkTyping(client, ROOMS[i % 2] as Where));
    for (const client of this.clients) client.cut();
    await drain(this);
    for (const who of NAMES) {
      for (const everything of [false, true]) {
        await Promise.all([this.logIn(who, everything), drain(this)]);
        await drain(this);
        const last = this.clients.at(-1);
        assert.ok(last?.position !== undefined, `${who} is logged in`);
        this.check((client) => client === last);
        last.cut();
        await drain(this);
      }
    }
    assert.deepEqual(this.broker.who(), [], "nobody stays as a ghost");
    this.broker.stop();
    await this.broker.settled();
  }
}

// Alice was in a room when another peer of hers logged in, and left it before the log had answered that
// login. The new peer stayed in the room's list for as long as it was connected: it was told who was
// typing there and who came online, and could let the members know that it was typing itself.
it("who leaves a room while another peer of his logs in is out of it with both", () => {
  const rooms = new Rooms();
  const peer = {} as Peer;
  rooms.entering(peer);
  rooms.left(peer, "#ops", "#ops", 20);
  rooms.entered(peer, [{ room: "#ops", shown: "#ops", joined: 5 }], 20);
  assert.equal(rooms.has(peer, "#ops"), false);
  assert.deepEqual([...rooms.members("#ops")], []);
});

it("who leaves a room by a commit that is not announced yet is in it until it is", () => {
  const rooms = new Rooms();
  const peer = {} as Peer;
  rooms.entering(peer);
  const intervals = [
    { room: "#ops", shown: "#ops", joined: 5, left: 20 },
    { room: "#ops", shown: "#ops", joined: 25 },
  ];
  rooms.entered(peer, intervals, 10);
  assert.deepEqual([...rooms.at("#ops", 20)], [peer]);
  assert.deepEqual([...rooms.at("#ops", 21)], []);
});

it("who joins a room by a commit that is not announced yet gets nothing from before", () => {
  const rooms = new Rooms();
  const peer = {} as Peer;
  rooms.entering(peer);
  rooms.entered(peer, [{ room: "#ops", shown: "#ops", joined: 25 }], 20);
  assert.deepEqual([...rooms.at("#ops", 24)], []);
  assert.deepEqual([...rooms.at("#ops", 25)], [peer]);
});

type Action = (world: World) => unknown;

const who = fc.constantFrom(...NAMES);
const where = fc.constantFrom(...ROOMS);
const share = fc.double({ min: 0, max: 0.99, noNaN: true });

/** What one of those who are connected does, if anybody is. */
function doing(what: fc.Arbitrary<(client: Client, world: World) => void>): fc.Arbitrary<Action> {
  return fc.tuple(who, fc.nat(5), what).map(([name, index, act]): Action => (world) => {
    const client = world.client(name, index);
    if (client !== undefined) act(client, world);
  });
}

/** The same for those who may still send and ask. */
function asking(what: fc.Arbitrary<(client: Client, world: World) => void>): fc.Arbitrary<Action> {
  return doing(
    what.map((act) => (client, world) => {
      if (client.mayAsk) act(client, world);
    }),
  );
}

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(who, fc.boolean(), fc.option(share, { freq: 2, nil: undefined }))
      .map(([name, everything, own]): Action => (world) => {
        void world.logIn(name, everything, everything ? own : undefined);
      }),
  },
  {
    weight: 8,
    arbitrary: asking(
      fc
        .tuple(
          fc.uniqueArray(fc.oneof(who, where), { minLength: 1 }),
          fc.integer({ min: 1, max: 4 }),
          fc.nat(19),
        )
        .map(([to, count, chance]) => (client, world) => {
          const names = to.map((one) =>
            one === "#ops" || one === "#dev" ? world.room(one) : world.name(one),
          );
          client.peer?.send(names, client.bodies(count, chance === 0), count);
        }),
    ),
  },
  {
    weight: 10,
    arbitrary: asking(
      fc.tuple(where, fc.nat(5)).map(([room, chance]) => (client, world) => {
        world.ask(client, { action: chance === 0 ? "leave" : "join", room: world.room(room) });
      }),
    ),
  },
  {
    // What the log answers the login is older than the end of the membership, or newer.
    weight: 3,
    arbitrary: asking(
      fc.tuple(where, fc.boolean()).map(([room, everything]) => (client, world) => {
        world.ask(client, { action: "leave", room: world.room(room) });
        void world.logIn(client.who, everything);
      }),
    ),
  },
  {
    weight: 6,
    arbitrary: asking(
      fc.tuple(where, who).map(([room, name]) => (client, world) => {
        world.ask(client, { action: "kick", room: world.room(room), name: world.name(name) });
      }),
    ),
  },
  asking(
    where.map((room) => (client, world) => {
      world.ask(client, { action: "topic", room: world.room(room), text: client.id });
    }),
  ),
  { weight: 2, arbitrary: doing(share.map((at) => (client, world) => world.confirm(client, at))) },
  doing(fc.constant((client) => client.cut())),
  doing(
    fc.constant((client) => {
      client.hasFinished = true;
      client.peer?.finish();
    }),
  ),
  { weight: 2, arbitrary: doing(fc.constant((client) => (client.isSlow = true))) },
  { weight: 2, arbitrary: doing(fc.constant((client) => client.read())) },
);

/** What somebody does, and how much of what is under way happens before the next does something. */
const step = fc.tuple(action, fc.integer({ min: 0, max: 4 }));

it("everybody gets what lies in his intervals above his cursor, once and in order", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "partyline-broker-"));
  const log = openSqliteLog({ folder, durability: "process", report: assert.fail });
  const counts = { message: 0, join: 0, leave: 0, kick: 0, topic: 0 };
  try {
    await check(
      t,
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(step, { minLength: 5, maxLength: 80, size: "max" }),
        async (schedule, steps) => {
          const world = new World(log, schedule, (await log.status()).head);
          for (const [act, turns] of steps) {
            await act(world);
            await happen(world, turns);
            world.check();
          }
          await drain(world);
          await world.end();
          for (const kind of Object.keys(counts) as (keyof typeof counts)[]) {
            counts[kind] += world.model.counts[kind];
          }
        },
      ),
      { numRuns: Number(process.env["PARTYLINE_RUNS"] ?? 300), endOnFailure: true },
    );
  } finally {
    await log.close();
    rmSync(folder, { recursive: true });
  }
  t.diagnostic(JSON.stringify(counts));
});
