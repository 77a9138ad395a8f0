// Which conversations there are, and what of each is new. Pure: from what was and what happened to what is.

import type { ConversationFrame, Delivery, Message, RoomFrame } from "../../../src/client/index.ts";
import { mentions, nameKey } from "../../../src/protocol/name-keys.ts";

export interface Conversation {
  /** As names and rooms are compared. */
  readonly key: string;
  readonly shown: string;
  readonly isRoom: boolean;
  /** Of a room: whether one is in it. Of another one what was said while one was may be looked at. */
  readonly isMember: boolean;
  readonly topic: string;
  readonly isPrivate: boolean;
  /** How many. */
  readonly members: number;
  /** The newest message, whoever wrote it. */
  readonly last: { readonly seq: number; readonly from: string; readonly body: string } | undefined;
  /** Up to this seq it was read, on whatever device. */
  readonly read: number;
  /** Messages of others above it. */
  readonly unread: number;
  /** Whether one of them is for its reader: it names him, or is for him alone. */
  readonly isUrgent: boolean;
}

export type Conversations = ReadonlyMap<string, Conversation>;

export function createConversation(shown: string): Conversation {
  const key = nameKey(shown);
  return {
    key,
    shown,
    isRoom: key.startsWith("#"),
    isMember: false,
    topic: "",
    isPrivate: false,
    members: 0,
    last: undefined,
    read: 0,
    unread: 0,
    isUrgent: false,
  };
}

/** Where a message belongs, as its reader sees it. */
export function placeOf({ from, to, isOwn }: Pick<Message, "from" | "to" | "isOwn">): string {
  return to.startsWith("#") || isOwn ? to : from;
}

/** Has it in any case. */
export function opened(conversations: Conversations, shown: string): Conversations {
  if (conversations.has(nameKey(shown))) return conversations;
  return put(conversations, createConversation(shown));
}

/** What the server counted up to its newest message, and what came since. Rooms that one is not in any more go. */
export function learned(
  conversations: Conversations,
  known: readonly ConversationFrame[],
  rooms: readonly RoomFrame[],
): Conversations {
  const all = new Map(conversations);
  const mine = new Map(
    rooms.filter(({ isMember }) => isMember).map((room) => [nameKey(room.room), room]),
  );
  for (const key of conversations.keys())
    if (key.startsWith("#") && !mine.has(key)) all.delete(key);
  for (const frame of known) {
    const before = all.get(nameKey(frame.with)) ?? createConversation(frame.with);
    if (before.isRoom && !mine.has(before.key)) continue;
    all.set(before.key, withCount(before, frame));
  }
  for (const [key, { room, topic, isPrivate, members }] of mine) {
    const before = all.get(key) ?? createConversation(room);
    all.set(key, { ...before, isMember: true, topic, isPrivate, members });
  }
  return all;
}

function withCount(before: Conversation, { last, read, unread }: ConversationFrame): Conversation {
  // What came since the server counted is counted here already, and is the newest.
  if (before.last !== undefined && (last === undefined || before.last.seq > last.seq))
    return before;
  const isRead = read < before.read;
  const count = isRead && before.last?.seq === last?.seq ? before.unread : unread;
  return {
    ...before,
    last: last ?? before.last,
    read: Math.max(read, before.read),
    unread: count,
    isUrgent: count > 0 && (before.isUrgent || !before.isRoom),
  };
}

/** @param me as the server shows it */
export function delivered(
  conversations: Conversations,
  delivery: Delivery,
  me: string,
): Conversations {
  if (delivery.kind === "message") return withMessage(conversations, delivery, me);
  const { kind, room, name, text } = delivery;
  const isMine = nameKey(name) === nameKey(me);
  if (isMine && (kind === "leave" || kind === "kick")) return without(conversations, room);
  const before = conversations.get(nameKey(room));
  if (isMine && kind === "join") {
    return put(conversations, { ...(before ?? createConversation(room)), isMember: true });
  }
  if (before === undefined) return conversations;
  if (kind === "topic") return put(conversations, { ...before, topic: text ?? "" });
  const members = before.members + (kind === "join" ? 1 : -1);
  return put(conversations, { ...before, members });
}

function withMessage(conversations: Conversations, message: Message, me: string): Conversations {
  const { seq, from, body, isOwn } = message;
  const place = placeOf(message);
  const before = conversations.get(nameKey(place)) ?? createConversation(place);
  const isNew = !isOwn && seq > before.read;
  if (seq <= (before.last?.seq ?? 0)) {
    // The server has counted it, without looking into it.
    const isFound = isNew && before.unread > 0 && !before.isUrgent && isFor(message, me);
    return isFound ? put(conversations, { ...before, isUrgent: true }) : conversations;
  }
  return put(conversations, {
    ...before,
    isMember: before.isRoom,
    last: { seq, from, body },
    unread: before.unread + (isNew ? 1 : 0),
    isUrgent: before.isUrgent || (isNew && isFor(message, me)),
  });
}

/** Whether a message is for this reader more than for others. */
export function isFor({ to, body, isOwn }: Message, me: string): boolean {
  return !isOwn && (!to.startsWith("#") || mentions(body, nameKey(me)));
}

/**
 * It was read up to a seq.
 * @param left how many of others are known to lie above it, if that is known
 */
export function readUpTo(
  conversations: Conversations,
  shown: string,
  seq: number,
  left?: number,
): Conversations {
  const before = conversations.get(nameKey(shown));
  if (before === undefined || seq <= before.read) return conversations;
  const unread = seq >= (before.last?.seq ?? 0) ? 0 : (left ?? before.unread);
  const isUrgent = before.isUrgent && unread > 0;
  return put(conversations, { ...before, read: seq, unread, isUrgent });
}

export function without(conversations: Conversations, shown: string): Conversations {
  const all = new Map(conversations);
  all.delete(nameKey(shown));
  return all;
}

/** As people sort: `room-2` before `room-10`. */
const byName = new Intl.Collator(undefined, { numeric: true });

/** As they are listed: rooms by name, people with the newest first. */
export function listed(conversations: Conversations): {
  readonly rooms: readonly Conversation[];
  readonly people: readonly Conversation[];
} {
  const all = [...conversations.values()];
  const rooms = all.filter(({ isMember }) => isMember);
  const people = all.filter(({ isRoom }) => !isRoom);
  return {
    rooms: rooms.toSorted((one, other) => byName.compare(one.key, other.key)),
    people: people.toSorted((one, other) => (other.last?.seq ?? 0) - (one.last?.seq ?? 0)),
  };
}

function put(conversations: Conversations, changed: Conversation): Conversations {
  return new Map(conversations).set(changed.key, changed);
}
