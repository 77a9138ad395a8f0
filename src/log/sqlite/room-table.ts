// The rooms that the store works with: who is in them and how names stand to them. It decides what
// becomes of each request, in the caller's transaction, the same way on every server.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { ChatError } from "../../protocol/errors.ts";
import type { Name } from "../../protocol/name.ts";
import type { Standing } from "../../protocol/room.ts";
import type { Limits } from "../batch.ts";
import {
  checkJoin,
  checkMember,
  checkRequest,
  checkText,
  type Stance,
  standingAfter,
} from "../room-rules.ts";
import type { RoomEvent, RoomOutcome, RoomRequest } from "../rooms.ts";
import type { AccountTable } from "./account-table.ts";
import type { BlockedTable } from "./blocked-table.ts";
import { type NameTable, tooManyNames } from "./name-table.ts";

/** Intervals that are kept of one name in one room; the oldest gives way to a new one. */
const MOST_INTERVALS = 100;

/** Open names cost nothing, so that one client could own all rooms by them: the rest is for accounts. */
const OPEN_SHARE = 0.5;

/** Members of rooms that are kept in memory, at about 50 bytes each. */
const REMEMBERED = 1_000_000;

interface Room {
  readonly id: number;
  readonly conversation: number;
  readonly room: string;
  isPrivate: boolean;
  /** Ids of the names that are in it. */
  readonly members: Set<number>;
}

/** Who asks, or whom it concerns. */
interface Party extends Stance {
  readonly id: number;
  readonly shown: string;
}

export class RoomTable {
  readonly #names: NameTable;
  readonly #accounts: Pick<AccountTable, "status">;
  readonly #blocked: Pick<BlockedTable, "blocks">;
  readonly #rooms = new Map<string, Room>();
  #remembered = 0;
  readonly #find: StatementSync;
  readonly #members: StatementSync;
  readonly #add: StatementSync;
  readonly #addConversation: StatementSync;
  readonly #count: StatementSync;
  readonly #countJoined: StatementSync;
  readonly #countOwned: StatementSync;
  readonly #join: StatementSync;
  readonly #leave: StatementSync;
  readonly #forgetOldest: StatementSync;
  readonly #event: StatementSync;
  readonly #standing: StatementSync;
  readonly #setStanding: StatementSync;
  readonly #noStanding: StatementSync;
  readonly #setTopic: StatementSync;
  readonly #setPrivate: StatementSync;

  constructor(
    database: DatabaseSync,
    names: NameTable,
    accounts: Pick<AccountTable, "status">,
    blocked: Pick<BlockedTable, "blocks">,
  ) {
    this.#names = names;
    this.#accounts = accounts;
    this.#blocked = blocked;
    this.#find = database.prepare(
      `SELECT rooms.id, conversations.id AS conversation, shown, private FROM rooms
       JOIN conversations ON room = rooms.id WHERE key = ?`,
    );
    this.#members = database.prepare(
      'SELECT name FROM members INDEXED BY members_now WHERE room = ? AND "left" IS NULL',
    );
    this.#add = database.prepare("INSERT INTO rooms (key, shown) VALUES (?, ?)");
    this.#addConversation = database.prepare("INSERT INTO conversations (room) VALUES (?)");
    this.#count = database.prepare("SELECT count(*) AS n FROM rooms");
    this.#countJoined = database.prepare(
      'SELECT count(*) AS n FROM members WHERE name = ? AND "left" IS NULL',
    );
    this.#countOwned = database.prepare(
      "SELECT count(*) AS n FROM standings WHERE name = ? AND standing = 'owner'",
    );
    this.#join = database.prepare("INSERT INTO members (name, room, joined) VALUES (?, ?, ?)");
    this.#leave = database.prepare(
      'UPDATE members SET "left" = ? WHERE name = ? AND room = ? AND "left" IS NULL',
    );
    this.#forgetOldest = database.prepare(
      `DELETE FROM members WHERE name = ?1 AND room = ?2 AND joined IN
         (SELECT joined FROM members WHERE name = ?1 AND room = ?2
          ORDER BY joined DESC LIMIT -1 OFFSET ${MOST_INTERVALS})`,
    );
    this.#event = database.prepare(
      "INSERT INTO room_events (room, seq, kind, name, by, text, at) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#standing = database.prepare("SELECT standing FROM standings WHERE name = ? AND room = ?");
    this.#setStanding = database.prepare(
      "INSERT OR REPLACE INTO standings (name, room, standing) VALUES (?, ?, ?)",
    );
    this.#noStanding = database.prepare("DELETE FROM standings WHERE name = ? AND room = ?");
    this.#setTopic = database.prepare("UPDATE rooms SET topic = ? WHERE id = ?");
    this.#setPrivate = database.prepare("UPDATE rooms SET private = ? WHERE id = ?");
  }

  /**
   * The conversation of a room that somebody may write to.
   * @param from the id of a name
   * @throws ChatError `no-such-room`, `not-a-member`, `banned`
   */
  writable(room: Name, from: number): number {
    const found = this.#room(room.key);
    if (found?.members.has(from) === true) return found.conversation;
    const standing = found === undefined ? "none" : this.#standingOf(from, found.id);
    checkMember(room.shown, found, { isMember: false, standing });
    throw new Error("who is no member may not write");
  }

  /** Of a room that there is. */
  conversation(room: string): number | undefined {
    return this.#room(room)?.conversation;
  }

  /** Decides about a request, and does it. `seq` is the one that its event takes if it has one. */
  apply(request: RoomRequest, seq: number, limits: Limits): RoomOutcome {
    try {
      return request.action === "join"
        ? this.#joins(request, seq, limits)
        : this.#asks(request, seq, limits);
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      const { code, message: text } = error;
      return { refusal: { code, text }, room: request.room.shown };
    }
  }

  /** Keeps memory bounded. Called between batches. */
  trim(): void {
    if (this.#remembered <= REMEMBERED) return;
    this.#rooms.clear();
    this.#remembered = 0;
  }

  #joins({ room: name, by, at }: RoomRequest, seq: number, limits: Limits): RoomOutcome {
    const party = this.#party(by, undefined);
    const found = this.#room(name.key);
    const asker = found === undefined ? party : this.#party(by, found);
    if (found !== undefined && asker.isMember) return { room: found.room };
    if (found !== undefined) checkJoin(found, asker);
    if (numberOf(this.#countJoined.get(asker.id)) >= limits.joinedRooms) {
      const text = `you are in ${limits.joinedRooms} rooms already: leave one first`;
      throw new ChatError("too-many-rooms", text);
    }
    if (found !== undefined && found.members.size >= limits.roomMembers) {
      throw new ChatError("room-full", `${found.room} has ${limits.roomMembers} members already`);
    }
    const room = found ?? this.#create(name, asker.id, limits);
    this.#join.run(asker.id, room.id, seq);
    this.#forgetOldest.run(asker.id, room.id);
    room.members.add(asker.id);
    this.#remembered += 1;
    if (found !== undefined) this.#stand(asker, room, standingAfter("join", asker.standing));
    return this.#happened(room, { kind: "join", seq, name: asker, text: "", at }, by.key);
  }

  /** A room is never removed, since what happened in it may still be due to somebody; so who owns rooms has a bound. */
  #create(name: Name, owner: number, limits: Limits): Room {
    if (numberOf(this.#countOwned.get(owner)) >= limits.joinedRooms) {
      const text = `you own ${limits.joinedRooms} rooms already, also those that you have left`;
      throw new ChatError("too-many-rooms", text);
    }
    const rooms = numberOf(this.#count.get());
    if (rooms >= OPEN_SHARE * limits.rooms && this.#accounts.status(owner) !== "active") {
      const text = `there are ${rooms} rooms already: those that are left are for accounts`;
      throw new ChatError("too-many-rooms", text);
    }
    if (rooms >= limits.rooms) {
      const text = `there are ${limits.rooms} rooms already, and "${name.shown}" would be another`;
      throw new ChatError("too-many-rooms", text);
    }
    const id = Number(this.#add.run(name.key, name.shown).lastInsertRowid);
    const conversation = Number(this.#addConversation.run(id).lastInsertRowid);
    const room = {
      id,
      conversation,
      room: name.shown,
      isPrivate: false,
      members: new Set<number>(),
    };
    this.#rooms.set(name.key, room);
    this.#setStanding.run(owner, id, "owner");
    return room;
  }

  #asks(request: RoomRequest, seq: number, limits: Limits): RoomOutcome {
    const { action, by, at, text = "" } = request;
    const found = this.#room(request.room.key);
    const asker = this.#party(by, found);
    checkMember(request.room.shown, found, asker);
    const room = found as Room;
    const other = request.name && this.#other(request.name, room, limits);
    checkText(text);
    checkRequest(action, room, asker, other);
    if (action === "invite" && other !== undefined && this.#blocked.blocks(other.id, asker.id)) {
      throw new ChatError("blocked", `"${other.shown}" takes no invitations of yours`);
    }
    if (other !== undefined) this.#stand(other, room, standingAfter(action, other.standing));
    switch (action) {
      case "leave":
        return this.#ends(room, { kind: "leave", seq, name: asker, text: "", at }, by.key);
      case "topic":
        this.#setTopic.run(text, room.id);
        return this.#happened(room, { kind: "topic", seq, name: asker, text, at });
      case "kick":
      case "ban":
        if (other?.isMember !== true) break;
        return this.#ends(
          room,
          { kind: "kick", seq, name: other, by: asker, text, at },
          request.name?.key,
        );
      case "private":
      case "public":
        room.isPrivate = action === "private";
        this.#setPrivate.run(room.isPrivate ? 1 : 0, room.id);
        break;
      case "invite":
        if (request.name === undefined || other?.isMember === true) break;
        return { room: room.room, invited: request.name.key };
      default:
    }
    return { room: room.room };
  }

  #ends(room: Room, happened: Happened, member: string | undefined): RoomOutcome {
    const { id } = happened.name;
    this.#leave.run(happened.seq, id, room.id);
    room.members.delete(id);
    this.#remembered -= 1;
    return this.#happened(room, happened, member);
  }

  #happened(room: Room, happened: Happened, member?: string): RoomOutcome {
    const { kind, seq, name, by, text, at } = happened;
    this.#event.run(room.id, seq, kind, name.id, by?.id ?? null, text, at);
    const event: RoomEvent = {
      kind,
      seq,
      room: room.room,
      name: name.shown,
      ...(by === undefined ? {} : { by: by.shown }),
      text,
      at,
    };
    return { event, room: room.room, ...(member === undefined ? {} : { member }) };
  }

  /** Whom a request concerns; somebody who was never seen counts as one who was written to. */
  #other(name: Name, room: Room, limits: Limits): Party {
    if (this.#names.find(name.key) === undefined && this.#names.unseen >= limits.unseenNames) {
      throw tooManyNames(name, limits);
    }
    return this.#party(name, room);
  }

  #party(name: Name, room: Room | undefined): Party {
    const { id } = this.#names.find(name.key) ?? this.#names.add(name);
    const shown = this.#names.shown(id);
    if (room === undefined) return { id, shown, isMember: false, standing: "none" };
    const standing = this.#standingOf(id, room.id);
    return { id, shown, isMember: room.members.has(id), standing };
  }

  #stand({ id, standing: before }: Party, room: Room, standing: Standing): void {
    if (standing === before) return;
    if (standing === "none") this.#noStanding.run(id, room.id);
    else this.#setStanding.run(id, room.id, standing);
  }

  #standingOf(name: number, room: number): Standing {
    const row = this.#standing.get(name, room) as { standing: Standing } | undefined;
    return row?.standing ?? "none";
  }

  #room(key: string): Room | undefined {
    const known = this.#rooms.get(key);
    if (known !== undefined) return known;
    const row = this.#find.get(key) as
      | { id: number; conversation: number; shown: string; private: number }
      | undefined;
    if (row === undefined) return undefined;
    const members = this.#members.all(row.id) as unknown as { name: number }[];
    const room: Room = {
      id: row.id,
      conversation: row.conversation,
      room: row.shown,
      isPrivate: row.private === 1,
      members: new Set(members.map(({ name }) => name)),
    };
    this.#rooms.set(key, room);
    this.#remembered += room.members.size;
    return room;
  }
}

interface Happened {
  readonly kind: RoomEvent["kind"];
  readonly seq: number;
  readonly name: Party;
  readonly by?: Party;
  readonly text: string;
  readonly at: number;
}

function numberOf(row: unknown): number {
  return (row as { n: number }).n;
}
