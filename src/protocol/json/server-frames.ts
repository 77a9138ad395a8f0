// What the server says in the JSON protocol, as those see it who read it: see `format.ts`, which writes
// it, and docs/protocol.md. Each frame is an object with one of these fields.

import type { ErrorCode } from "../errors.ts";
import type { Standing } from "../room.ts";
import type { RefusedSends, ToldEvent, Welcome } from "./format.ts";

/** A message, as it is delivered and as history and search give it. */
export interface MessageFrame {
  /** Its place in the log. */
  readonly seq: number;
  /** A name. */
  readonly from: string;
  /** A name or a room. */
  readonly to: string;
  /** What was said, perhaps in several lines. */
  readonly body: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of one's own messages: in which outbox it is. */
  readonly outbox?: string;
  /** And its number there. */
  readonly send?: number;
}

export type EventFrame = ToldEvent;
export type WelcomeFrame = Welcome;
export type { RefusedSends };

/** Why something did not happen: a stable code, and a text for people. */
export interface ToldError {
  readonly code: ErrorCode;
  readonly text: string;
}

/** A room, as somebody who may see it does. */
export interface RoomFrame {
  /** As it is shown. */
  readonly room: string;
  /** Empty when it has none. */
  readonly topic: string;
  /** Whether only who is invited sees it. */
  readonly isPrivate: boolean;
  /** How many. */
  readonly members: number;
  /** Whether who asks is one of them. */
  readonly isMember: boolean;
  /** Of who asks. */
  readonly standing: Standing;
}

/** A conversation of one's own, and how much of it is new. */
export interface ConversationFrame {
  /** The other name, or the room. */
  readonly with: string;
  /** The newest message; of a long body the first 256 characters. */
  readonly last?: MessageFrame;
  /** Up to where it is read; 0 for not at all. */
  readonly read: number;
  /** Messages of others above that, counted up to 100. */
  readonly unread: number;
}

/** Whether somebody is connected, and since when that is so. */
export interface PresentName {
  /** As it is shown. */
  readonly name: string;
  /** Whether it has a connection. */
  readonly online: boolean;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** A part of a conversation. */
export interface HistoryFrame {
  readonly with: string;
  readonly messages: readonly MessageFrame[];
  readonly events: readonly EventFrame[];
  /** Whether the conversation goes on in the direction that was asked for. */
  readonly more: boolean;
}

/** What was found, the newest first. */
export interface SearchFrame {
  /** Those that hold all the words. */
  readonly messages: readonly MessageFrame[];
  /** Up to which seq everything is searched. */
  readonly complete: number;
  /** To go on with `below`; undefined when there is nothing more. */
  readonly next?: number;
}

/** Answers to requests, by the name of their frame. */
export interface Answers {
  /** A part of a conversation. */
  readonly history: HistoryFrame;
  /** What was found. */
  readonly search: SearchFrame;
  /** Everybody who is connected, or who is in a room. */
  readonly who: {
    readonly names?: readonly string[];
    readonly room?: string;
    readonly members?: readonly { readonly name: string; readonly standing: Standing }[];
  };
  /** The room that one is in now. */
  readonly joined: RoomFrame & { readonly seq?: number };
  /** Those that one is in, and may join. */
  readonly rooms: { readonly rooms: readonly RoomFrame[] };
  /** One's own, the newest first. */
  readonly conversations: { readonly conversations: readonly ConversationFrame[] };
  /** Whom one blocks. */
  readonly blocked: { readonly names: readonly string[] };
  /** A new one; it is told this once. */
  readonly token: { readonly label: string; readonly token: string };
  /** One's own, without their secrets; times in ms since 1970. */
  readonly tokens: {
    readonly tokens: readonly {
      readonly label: string;
      readonly made: number;
      readonly used: number;
    }[];
  };
  /** It is done; with a session's token where there is a new one. */
  readonly ok: { readonly token?: string };
}

/** What has no seq and is kept nowhere. */
export interface Notices {
  /** Another device of one's own has read a conversation up to there. */
  readonly read: { readonly with: string; readonly seq: number };
  /** Who came and who went. */
  readonly presence: { readonly names: readonly PresentName[] };
  /** Somebody is writing, to one's name or in a room. */
  readonly typing: { readonly from: string; readonly to: string };
  /** One may join a room, says who. */
  readonly invited: { readonly room: string; readonly by: string };
}

type Labelled<T> = { readonly [K in keyof T]?: T[K] & { readonly id?: string | number } };

/** Whatever the server says: one of these fields says what it is. */
export type ServerFrame = Labelled<Answers> &
  Partial<Notices> & {
    readonly welcome?: WelcomeFrame;
    readonly accepted?: { readonly send: number; readonly seqs: Readonly<Record<string, number>> };
    readonly refused?: ToldError & { readonly send: number };
    readonly message?: MessageFrame;
    readonly event?: EventFrame;
    readonly error?: ToldError & { readonly id?: string | number };
    /** Seqs that will not be delivered: retention was quicker than we were. */
    readonly lost?: { readonly from: number; readonly to: number };
    readonly ping?: string | number;
    readonly pong?: string | number;
    /** The last one: all that was asked before our `bye` is done, and what waited is delivered. */
    readonly bye?: true;
  };

export const ANSWERS: readonly (keyof Answers)[] = [
  "history",
  "search",
  "who",
  "joined",
  "rooms",
  "conversations",
  "blocked",
  "token",
  "tokens",
  "ok",
];

export const NOTICES: readonly (keyof Notices)[] = ["read", "presence", "typing", "invited"];
