// What the log knows of rooms: who asks what of one, what becomes of it, and what is seen of it.

import type { ErrorCode } from "../protocol/errors.ts";
import type { Name } from "../protocol/name.ts";
import type { RoomAction, Standing } from "../protocol/room.ts";

/** What somebody asks of a room. It is applied before `batch.sends[before]`. */
export interface RoomRequest {
  readonly action: RoomAction;
  readonly room: Name;
  readonly by: Name;
  /** Whom it concerns: of invite, kick, ban, unban, moderator and no-moderator. */
  readonly name?: Name;
  /** The topic, or why somebody is kicked. */
  readonly text?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly before: number;
}

/** A record of a room that is not a message. Members are given it in its place among these. */
export interface RoomEvent {
  readonly kind: "join" | "leave" | "kick" | "topic";
  readonly seq: number;
  /** As shown; so are the names. */
  readonly room: string;
  /** Who joined, left, was kicked, or set the topic. */
  readonly name: string;
  /** Who kicked. */
  readonly by?: string;
  /** The topic, or why somebody was kicked; "" for nothing. */
  readonly text: string;
  readonly at: number;
}

/** What became of a request. With neither an event nor a refusal it was so already, or takes no seq. */
export interface RoomOutcome {
  readonly refusal?: { readonly code: ErrorCode; readonly text: string };
  readonly event?: RoomEvent;
  /** The room as it is shown. */
  readonly room: string;
  /** Whose membership begins or ends with the event: the key. */
  readonly member?: string;
  /** Who may join from now on: the key. */
  readonly invited?: string;
}

/** When somebody was in a room: seqs from his join to his leave, both included. */
export interface Interval {
  readonly joined: number;
  /** Undefined while he is in it. */
  readonly left?: number;
}

/** Where a name is a member, or was until after some seq. */
export interface Membership extends Interval {
  /** The room's key. */
  readonly room: string;
  readonly shown: string;
}

/** A room as somebody sees it. */
export interface RoomView {
  readonly room: string;
  readonly topic: string;
  readonly isPrivate: boolean;
  readonly members: number;
  readonly isMember: boolean;
  /** Whether he is or ever was a member. */
  readonly wasMember: boolean;
  readonly standing: Standing;
}

export interface RoomMember {
  /** As shown. */
  readonly name: string;
  readonly standing: Standing;
}
