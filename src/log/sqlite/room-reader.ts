// What is asked of rooms: who is in them, what they are called, and where somebody may read.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Standing } from "../../protocol/room.ts";
import type { Interval, Membership, RoomMember, RoomView } from "../rooms.ts";
import type { HistoryPlace } from "./history.ts";

interface IntervalRow {
  readonly id: number;
  readonly key: string;
  readonly shown: string;
  readonly conversation: number;
  readonly joined: number;
  readonly left: number | null;
}

interface ViewRow {
  readonly shown: string;
  readonly topic: string;
  readonly private: number;
  readonly members: number;
  readonly isMember: number;
  readonly wasMember: number;
  readonly standing: Standing | null;
}

/** An interval of somebody in a room, and where its messages are. */
export interface RoomInterval extends Interval {
  readonly room: { readonly id: number; readonly shown: string };
  readonly key: string;
  readonly conversation: number;
}

const INTERVALS = `SELECT rooms.id, key, shown, conversations.id AS conversation, joined, "left"
  FROM members JOIN rooms ON rooms.id = members.room JOIN conversations ON conversations.room = rooms.id`;

/** What `asker`, an id, sees of a room. */
const VIEW = `SELECT shown, topic, private,
    (SELECT count(*) FROM members INDEXED BY members_now WHERE room = rooms.id AND "left" IS NULL) AS members,
    EXISTS (SELECT 1 FROM members WHERE name = $asker AND room = rooms.id AND "left" IS NULL) AS isMember,
    EXISTS (SELECT 1 FROM members WHERE name = $asker AND room = rooms.id) AS wasMember,
    (SELECT standing FROM standings WHERE name = $asker AND room = rooms.id) AS standing
  FROM rooms`;

export class RoomReader {
  readonly #name: StatementSync;
  readonly #intervals: StatementSync;
  readonly #intervalsIn: StatementSync;
  readonly #removed: StatementSync;
  readonly #view: StatementSync;
  readonly #views: StatementSync;
  readonly #members: StatementSync;

  constructor(database: DatabaseSync) {
    this.#name = database.prepare("SELECT id FROM names WHERE key = ?");
    this.#intervals = database.prepare(
      `${INTERVALS} WHERE name = ? AND ("left" IS NULL OR "left" > ?) ORDER BY members.room, joined`,
    );
    this.#intervalsIn = database.prepare(`${INTERVALS} WHERE name = ? AND key = ? ORDER BY joined`);
    this.#removed = database.prepare(
      `SELECT coalesce(max(min(removed, coalesce("left", removed))), 0) AS removed
       FROM members JOIN rooms ON rooms.id = room WHERE name = ? AND joined <= removed`,
    );
    this.#view = database.prepare(`${VIEW} WHERE key = $key`);
    this.#views = database.prepare(
      `SELECT * FROM (${VIEW}) WHERE isMember OR NOT private OR standing = 'invited'
       ORDER BY isMember DESC, members = 0, shown LIMIT $count`,
    );
    this.#members = database.prepare(
      `SELECT names.shown AS name, coalesce(standing, 'none') AS standing
       FROM rooms JOIN members ON members.room = rooms.id AND "left" IS NULL
       JOIN names ON names.id = members.name
       LEFT JOIN standings ON standings.name = names.id AND standings.room = rooms.id
       WHERE rooms.key = ? ORDER BY names.key`,
    );
  }

  /** Where a name is, or was until after a seq. */
  intervals(name: number, after: number): RoomInterval[] {
    return (this.#intervals.all(name, after) as unknown as IntervalRow[]).map(intervalOf);
  }

  /** See `NameRecord.rooms`. */
  memberships(name: number, after: number): Membership[] {
    return this.intervals(name, after).map(({ key, room, joined, left }) => ({
      room: key,
      shown: room.shown,
      joined,
      ...(left === undefined ? {} : { left }),
    }));
  }

  /** What somebody may read of a room; undefined when he never was in it. */
  place(name: number, key: string): HistoryPlace | undefined {
    const intervals = (this.#intervalsIn.all(name, key) as unknown as IntervalRow[]).map(
      intervalOf,
    );
    const [one] = intervals;
    return one && { conversation: one.conversation, room: one.room, intervals };
  }

  /** Up to where retention has removed something that was for a name, as a member. */
  removed(name: number): number {
    return (this.#removed.get(name) as { removed: number }).removed;
  }

  view(key: string, asker: string): RoomView | undefined {
    const row = this.#view.get({ key, asker: this.#idOf(asker) ?? -1 }) as ViewRow | undefined;
    return row && viewOf(row);
  }

  views(asker: string, count: number): RoomView[] {
    const rows = this.#views.all({ asker: this.#idOf(asker) ?? -1, count });
    return (rows as unknown as ViewRow[]).map(viewOf);
  }

  members(key: string): RoomMember[] {
    return (this.#members.all(key) as unknown as RoomMember[]).map((row) => ({ ...row }));
  }

  #idOf(key: string): number | undefined {
    return (this.#name.get(key) as { id: number } | undefined)?.id;
  }
}

function intervalOf({ id, key, shown, conversation, joined, left }: IntervalRow): RoomInterval {
  const interval = { room: { id, shown }, key, conversation, joined };
  return left === null ? interval : { ...interval, left };
}

function viewOf({ shown, topic, members, standing, ...row }: ViewRow): RoomView {
  return {
    room: shown,
    topic,
    isPrivate: row.private === 1,
    members,
    isMember: row.isMember === 1,
    wasMember: row.wasMember === 1,
    standing: standing ?? "none",
  };
}
