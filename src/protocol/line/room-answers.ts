// What the line protocol says of rooms, when it is asked.

import type { RoomAction, Standing } from "../room.ts";

/** A room as it is told. */
export interface ToldRoom {
  /** As shown. */
  readonly room: string;
  readonly topic: string;
  readonly isPrivate: boolean;
  readonly members: number;
  readonly isMember: boolean;
  readonly standing: Standing;
}

/** What was done, in words. `name` is whom it concerns. */
export function describeDone(action: RoomAction, room: string, name = "", text = ""): string {
  switch (action) {
    case "join":
      return `you are in ${room}`;
    case "leave":
      return `you have left ${room}`;
    case "topic":
      return describeTopic(room, text);
    case "invite":
      return `${name} may join ${room}`;
    case "kick":
      return `${name} is out of ${room}`;
    case "ban":
      return `${name} is banned from ${room}`;
    case "unban":
      return `${name} is not banned from ${room} any more`;
    case "private":
      return `${room} is private: only who is invited may join, and nobody else sees it`;
    case "public":
      return `${room} is public`;
    case "moderator":
      return `${name} is a moderator of ${room}`;
    case "no-moderator":
      return `${name} is no moderator of ${room}`;
  }
}

export function describeTopic(room: string, topic: string): string {
  return topic === "" ? `${room} has no topic` : `the topic of ${room}: ${topic}`;
}

/** `#ops, 3 members, private, you own it: deployments` */
export function describeRoom({
  room,
  topic,
  isPrivate,
  members,
  isMember,
  standing,
}: ToldRoom): string {
  const facts = [room, members === 1 ? "1 member" : `${members} members`];
  if (isPrivate) facts.push("private");
  if (standing === "owner") facts.push("you own it");
  else if (standing === "moderator") facts.push("you are a moderator");
  else if (standing === "invited") facts.push("you are invited");
  else if (standing === "banned") facts.push("you are banned");
  if (isMember) facts.push("you are in it");
  return topic === "" ? facts.join(", ") : `${facts.join(", ")}: ${topic}`;
}

/** `alice (owner)` */
export function describeMember(name: string, standing: Standing): string {
  return standing === "owner" || standing === "moderator" ? `${name} (${standing})` : name;
}
