// Rooms: `#` and a name. They are compared as names are.

import { ChatError } from "./errors.ts";
import { type Name, parseName, quote } from "./name.ts";

/** What can be asked of a room. */
export type RoomAction =
  | "join"
  | "leave"
  | "topic"
  | "invite"
  | "kick"
  | "ban"
  | "unban"
  | "private"
  | "public"
  | "moderator"
  | "no-moderator";

/** What a name may do in a room beside what every member may, or that it may not join. One that left keeps it. */
export type Standing = "owner" | "moderator" | "invited" | "banned" | "none";

/**
 * Parses a room that has already been trimmed: `#ops`. Its key begins with `#`, which no name's does.
 * @throws ChatError `bad-room`
 */
export function parseRoom(text: string): Name {
  if (!text.startsWith("#")) {
    throw new ChatError("bad-room", `${quote(text)} is not a room: a room begins with "#"`);
  }
  try {
    const { shown, key } = parseName(text.slice(1));
    return { shown: `#${shown}`, key: `#${key}` };
  } catch {
    throw new ChatError("bad-room", `${quote(text)} is not a room: write "#" and a name`);
  }
}

/** Parses whom a message is for, already trimmed. @throws ChatError `bad-name`, `bad-room` */
export function parseRecipient(text: string): Name {
  return text.startsWith("#") ? parseRoom(text) : parseName(text);
}

/** Whether a recipient's key, or how it is shown, is a room's. */
export function isRoom(text: string): boolean {
  return text.startsWith("#");
}
