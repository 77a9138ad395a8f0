// For tests of the broker: the real log, connections in memory and a clock, in whatever order a
// schedule says.

import assert from "node:assert/strict";
import type * as fc from "fast-check";
import { unpackBodies } from "../protocol/bodies.ts";
import type { ChatError } from "../protocol/errors.ts";
import type { CommittedSend } from "../log/commit.ts";
import type { Follower, Log } from "../log/log.ts";
import type { Run } from "../log/run.ts";
import type { RoomEvent } from "../log/rooms.ts";
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import type { Notice } from "./notice.ts";
import { MAX_UNSENT, type Peer } from "./peer.ts";

/** Limits that no test of another thing reaches. */
export const AMPLE_LIMITS = {
  waitingMessages: 1e6,
  waitingBytes: 2 ** 32,
  unseenNames: 1e4,
  rooms: 1e4,
  joinedRooms: 1e3,
  roomMembers: 1e4,
  accountsOnly: false,
};

/** What a test schedules. */
export interface ScheduledWorld {
  readonly schedule: fc.Scheduler;
  readonly log: ScheduledLog;
}

/** A client in memory. It is gone once, in a turn of its own, as a socket is. */
export class MemoryConnection implements Connection {
  readonly wantsEverything: boolean = false;
  readonly seqs: number[] = [];
  readonly errors: string[] = [];
  readonly later: (step: () => void) => void;
  peer: Peer | undefined;
  isSlow = false;
  isHeld = false;
  readerEnded = false;
  isGone = false;
  #isEnding = false;

  constructor(later: (step: () => void) => void) {
    this.later = later;
  }

  get unsent(): number {
    return this.isSlow ? MAX_UNSENT + 1 : 0;
  }

  deliver(run: Run): void {
    assert.ok(!this.isGone, "a connection that is gone gets nothing");
    unpackBodies(run.bodies).forEach((_, i) => this.seqs.push(run.first + i * run.step));
  }

  announce({ seq }: RoomEvent): void {
    assert.ok(!this.isGone, "a connection that is gone gets nothing");
    this.seqs.push(seq);
  }

  notify(_notice: Notice): void {}

  accept(_send: CommittedSend): void {}

  refuse(error: ChatError, _times: number, _number?: number): void {
    this.errors.push(error.code);
  }

  hold(): void {
    this.isHeld = true;
  }

  release(): void {
    this.isHeld = false;
  }

  endReader(): void {
    this.readerEnded = true;
  }

  end(): void {
    this.#isEnding = true;
    if (!this.isSlow) this.cut();
  }

  cut(): void {
    this.later(() => this.#close());
  }

  probe(): void {}

  read(): void {
    this.isSlow = false;
    if (this.#isEnding) this.cut();
    else this.peer?.writable();
  }

  #close(): void {
    if (this.isGone) return;
    this.isGone = true;
    this.peer?.gone();
  }
}

export interface ScheduledLog extends Log {
  /** What it was asked and has not answered yet: its threads take the time they take. */
  readonly unanswered: number;
}

/** The real log, whose answers and commits come when the schedule says, commits in their order. */
export function scheduled(log: Log, schedule: fc.Scheduler): ScheduledLog {
  let unanswered = 0;
  const counted = async <T>(answer: Promise<T>): Promise<T> => {
    unanswered += 1;
    return answer.finally(() => (unanswered -= 1));
  };
  let commits = Promise.resolve();
  const inTurn = (step: () => void): void => {
    commits = commits.then(() => schedule.schedule(Promise.resolve(), "commit")).then(step);
  };
  return {
    get unanswered() {
      return unanswered;
    },
    id: log.id,
    head: log.head,
    neverGiven: (seq) => log.neverGiven(seq),
    follow: (follower: Follower) =>
      log.follow({
        committed: (commit) => {
          unanswered -= 1;
          inTurn(() => follower.committed(commit));
        },
        unavailable: (reason) => inTurn(() => follower.unavailable(reason)),
        available: () => inTurn(() => follower.available()),
      }),
    append: (batch) => {
      unanswered += 1;
      log.append(batch);
    },
    name: (...query) => schedule.schedule(counted(log.name(...query)), "name"),
    room: (...query) => schedule.schedule(counted(log.room(...query)), "room"),
    rooms: (...query) => schedule.schedule(counted(log.rooms(...query)), "rooms"),
    conversations: (...query) =>
      schedule.schedule(counted(log.conversations(...query)), "conversations"),
    blocked: (key) => schedule.schedule(counted(log.blocked(key)), "blocked"),
    search: (query) => log.search(query),
    accounts: () => log.accounts(),
    members: (key) => schedule.schedule(counted(log.members(key)), "members"),
    outbox: (...query) => schedule.schedule(counted(log.outbox(...query)), "outbox"),
    waiting: (...query) => schedule.schedule(counted(log.waiting(...query)), "page"),
    history: (...query) => schedule.schedule(counted(log.history(...query)), "history"),
    status: () => log.status(),
    backup: (file, progress) => log.backup(file, progress),
    close: () => log.close(),
  };
}

/** A clock whose timers fire when the schedule says, early or late; then that time has come. */
export function scheduledClock(schedule: fc.Scheduler): Clock {
  let now = 1_795_412_345_678;
  const later = (ms: number, label: string, callback: () => void): { cancel(): void } => {
    const at = now + ms;
    let isCancelled = false;
    const fire = (): void => {
      if (isCancelled) return;
      now = Math.max(now, at);
      callback();
    };
    void schedule.schedule(Promise.resolve(), label).then(fire);
    return { cancel: () => (isCancelled = true) };
  };
  return {
    now: () => now,
    after: (ms, callback) => later(ms, "timer", callback),
    soon: (callback) => void later(0, "soon", callback),
  };
}

/** Lets so many things happen that are under way. */
export async function happen(world: ScheduledWorld, turns: number): Promise<void> {
  await new Promise(setImmediate);
  for (let i = 0; i < turns && world.schedule.count() > 0; i++) {
    await world.schedule.waitOne();
    await new Promise(setImmediate);
  }
}

/** Turns of the event loop in which nothing may happen any more. */
const QUIET_TURNS = 3;

/** Lets everything happen that is under way, in the scheduled order. */
export async function drain(world: ScheduledWorld): Promise<void> {
  for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
    for (; world.schedule.count() > 0; quiet = 0) await world.schedule.waitOne();
    await new Promise(setImmediate);
    if (world.log.unanswered > 0) quiet = 0;
  }
}
