// The JSON protocol, from events to text: a frame a line.

import { unpackBodies } from "../bodies.ts";
import type { ErrorCode } from "../errors.ts";
import type { Standing } from "../room.ts";
import { splitSeq } from "./split-seq.ts";

/** Sends that were refused, with numbers from `first` to `last`. */
export interface RefusedSends {
  readonly first: number;
  readonly last: number;
  readonly code: ErrorCode;
  readonly text: string;
}

/** What a login is answered with. */
export interface Welcome {
  readonly name: string;
  readonly log: string;
  readonly head: number;
  /** Delivery begins above this seq. */
  readonly position: number;
  /** The number that the outbox has reached; 0 for a new one, or without one. */
  readonly sent: number;
  /** What of it was refused and is not known to be known: see `done`. */
  readonly refused: readonly RefusedSends[];
  /** A login that brings it replaces this connection at once. */
  readonly resume: string;
  /** The server's clock, in ms since 1970: messages bear its times. */
  readonly now: number;
  readonly version: number;
  /** A session's, for an account that logged in with its password. */
  readonly token?: string;
  /** Seqs that the client asked for and that are not delivered: they may be read as history. */
  readonly lost?: { readonly from: number; readonly to: number };
}

/** Messages that lie together: message `i` has the seq `first + i * step`. */
export interface Messages {
  readonly first: number;
  readonly step: number;
  readonly from: string;
  readonly to: string;
  readonly at: number;
  /** Packed. */
  readonly bodies: string;
  /** Of one's own messages: the outbox that they came with, and the first one's number in it. */
  readonly outbox?: { readonly id: string; readonly number: number };
}

/** What happened in a room, in its place among the messages. */
export interface ToldEvent {
  readonly kind: "join" | "leave" | "kick" | "topic";
  readonly seq: number;
  readonly room: string;
  readonly name: string;
  readonly by?: string;
  readonly text: string;
  readonly at: number;
}

/** A room as somebody sees it. */
export interface ToldRoom {
  readonly room: string;
  readonly topic: string;
  readonly isPrivate: boolean;
  readonly members: number;
  readonly isMember: boolean;
  readonly standing: Standing;
}

type Label = string | number | undefined;

export function formatWelcome(welcome: Welcome): string {
  return line({ welcome });
}

/** What JSON escapes in a string, among packed bodies. */
const ESCAPED = /["\\\0-\x1d\x1f\ud800-\udfff]/;

/** A frame a message. */
export function formatMessages(messages: Messages): string {
  if (messages.outbox !== undefined) return formatOwnMessages(messages);
  const { first, step, from, to, at, bodies } = messages;
  const middle = `,"from":${JSON.stringify(from)},"to":${JSON.stringify(to)},"body":`;
  const end = `,"at":${at}}}\n`;
  const quote = ESCAPED.test(bodies) ? JSON.stringify : quotePlain;
  const unpacked = unpackBodies(bodies);
  const [beginning, rest] = splitSeq(first, first + (unpacked.length - 1) * step);
  const head = `{"message":{"seq":${beginning}`;
  let frames = "";
  let seq = rest;
  for (const body of unpacked) {
    frames += `${head}${seq}${middle}${quote(body)}${end}`;
    seq += step;
  }
  return frames;
}

function quotePlain(body: string): string {
  return `"${body}"`;
}

/** One's own messages, sent from elsewhere or replayed: each says where it is in which outbox. */
function formatOwnMessages(messages: Messages): string {
  return messagesOf(messages)
    .map((message) => line({ message }))
    .join("");
}

export function formatEvent(event: ToldEvent): string {
  return line({ event });
}

/**
 * A frame a send: sends `number` and the following `count - 1` are durable.
 * @param first the seq of the first body to the first recipient; body `i` to recipient `j` has
 *   the seq `first + i * to.length + j`
 */
export function formatAccepted(
  number: number,
  count: number,
  first: number,
  to: readonly string[],
): string {
  const [beginning, rest] = splitSeq(first, first + count * to.length - 1);
  const keys = to.map((name, j) => `${j === 0 ? "" : ","}${JSON.stringify(name)}:${beginning}`);
  let frames = "";
  let seq = rest;
  for (let i = 0; i < count; i++) {
    frames += `{"accepted":{"send":${number + i},"seqs":{`;
    for (const key of keys) {
      frames += `${key}${seq}`;
      seq += 1;
    }
    frames += "}}}\n";
  }
  return frames;
}

export function formatRefused(number: number, code: ErrorCode, text: string): string {
  return line({ refused: { send: number, code, text } });
}

export function formatError(code: ErrorCode, text: string, id?: Label): string {
  return line({ error: { code, text, id } });
}

/** `events`: of a room, those among the messages. `more`: whether the conversation goes on. */
export function formatHistory(
  other: string,
  messages: readonly Messages[],
  events: readonly ToldEvent[],
  more: boolean,
  id?: Label,
): string {
  return line({
    history: { with: other, messages: messages.flatMap(messagesOf), events, more, id },
  });
}

/** `next`: to go on with `below`; undefined when there is nothing more. */
export function formatSearch(
  messages: readonly Messages[],
  complete: number,
  next: number | undefined,
  id?: Label,
): string {
  return line({ search: { messages: messages.flatMap(messagesOf), complete, next, id } });
}

export function formatWho(names: readonly string[], id?: Label): string {
  return line({ who: { names, id } });
}

export function formatMembers(
  room: string,
  members: readonly { readonly name: string; readonly standing: Standing }[],
  id?: Label,
): string {
  return line({ who: { room, members, id } });
}

export function formatJoined(room: ToldRoom, seq: number | undefined, id?: Label): string {
  return line({ joined: { ...toldRoom(room), seq, id } });
}

export function formatRooms(rooms: readonly ToldRoom[], id?: Label): string {
  return line({ rooms: { rooms: rooms.map(toldRoom), id } });
}

/** What is documented of a room, whatever else is known of it. */
function toldRoom({ room, topic, isPrivate, members, isMember, standing }: ToldRoom): ToldRoom {
  return { room, topic, isPrivate, members, isMember, standing };
}

/** A conversation as a client lists it. */
export interface ToldConversation {
  readonly with: string;
  /** Its newest message, alone. */
  readonly last: Messages | undefined;
  readonly read: number;
  readonly unread: number;
}

export function formatConversations(
  conversations: readonly ToldConversation[],
  id?: Label,
): string {
  const told = conversations.map(({ last, ...rest }) => ({
    ...rest,
    last: last && messagesOf(last)[0],
  }));
  return line({ conversations: { conversations: told, id } });
}

export function formatBlocked(names: readonly string[], id?: Label): string {
  return line({ blocked: { names, id } });
}

/** What has no seq: the frame is called as its kind is. */
export function formatNotice({ kind, ...notice }: { readonly kind: string }): string {
  return line({ [kind]: notice });
}

/** `token`: a session's, when another one has ended. */
export function formatOk(id?: Label, token?: string): string {
  return line({ ok: { id, token } });
}

/** A token that was made; it is told this once. */
export function formatToken(label: string, token: string, id?: Label): string {
  return line({ token: { label, token, id } });
}

export function formatTokens(
  tokens: readonly { readonly label: string; readonly made: number; readonly used: number }[],
  id?: Label,
): string {
  return line({ tokens: { tokens, id } });
}

export function formatPing(ping: string | number): string {
  return line({ ping });
}

export function formatPong(pong: string | number): string {
  return line({ pong });
}

/** The last frame, to who said `bye`. */
export function formatBye(): string {
  return line({ bye: true });
}

function messagesOf({ first, step, from, to, at, bodies, outbox }: Messages) {
  return unpackBodies(bodies).map((body, i) => ({
    seq: first + i * step,
    from,
    to,
    body,
    at,
    ...(outbox === undefined ? {} : { outbox: outbox.id, send: outbox.number + i }),
  }));
}

function line(frame: unknown): string {
  return `${JSON.stringify(frame)}\n`;
}
