// What the JSON protocol answers to requests: looked up or decided, and made a frame.

import type { Accounts } from "../accounts/accounts.ts";
import type { Origin } from "../accounts/admission.ts";
import type { Broker } from "../broker/broker.ts";
import type { Peer, PeerRequest } from "../broker/peer.ts";
import type { Delivery, Run } from "../log/run.ts";
import type { RoomEvent } from "../log/rooms.ts";
import { ChatError } from "../protocol/errors.ts";
import {
  formatBlocked,
  formatConversations,
  formatHistory,
  formatJoined,
  formatMembers,
  formatOk,
  formatToken,
  formatTokens,
  formatRooms,
  formatSearch,
  formatWho,
} from "../protocol/json/format.ts";
import type { ClientFrame } from "../protocol/json/frames.ts";
import { type Name, parseName } from "../protocol/name.ts";
import { parseRecipient, parseRoom } from "../protocol/room.ts";

/** Messages that `history` gives when no number is asked for. */
const HISTORY_DEFAULT = 50;

/** Messages that `search` gives when no number is asked for, and at most. */
const SEARCH_DEFAULT = 20;
const SEARCH_MOST = 100;

/** Conversations that are listed when no number is asked for. */
const CONVERSATIONS_DEFAULT = 200;

/** Frames that are answered. */
export type JsonRequest = Exclude<
  ClientFrame,
  { kind: "login" | "send" | "ack" | "done" | "read" | "typing" | "ping" | "pong" | "bye" }
>;

type RoomFrame = Extract<
  JsonRequest,
  { kind: "leave" | "topic" | "invite" | "kick" | "ban" | "private" | "moderator" }
>;

/** Who answers, and to where. */
export interface JsonAnswering {
  readonly broker: Broker;
  readonly accounts: Accounts;
  readonly origin: Origin;
}

/** @throws ChatError why it is refused */
export async function answerFrame(
  frame: JsonRequest,
  peer: Peer,
  { broker, accounts, origin }: JsonAnswering,
): Promise<string> {
  switch (frame.kind) {
    case "history":
      return answerHistory(frame, peer);
    case "search":
      return answerSearch(frame, peer);
    case "who":
      return answerWho(frame, peer, broker);
    case "rooms":
      return formatRooms(await peer.rooms(), frame.id);
    case "join": {
      const room = parseRoom(frame.join.trim());
      const { event } = await peer.ask({ action: "join", room });
      return formatJoined(await peer.room(room), event?.seq, frame.id);
    }
    case "conversations": {
      const { limit = CONVERSATIONS_DEFAULT, id } = frame;
      return formatConversations(await peer.conversations(limit), id);
    }
    case "presence":
      await peer.watch();
      return formatOk(frame.id);
    case "register": {
      checkSecure(origin);
      return formatOk(
        frame.id,
        await accounts.register(peer, frame.register, frame.invite, origin),
      );
    }
    case "password": {
      checkSecure(origin);
      const { password, old, id } = frame;
      return formatOk(id, await accounts.changePassword(peer, password, old, origin.address));
    }
    case "token":
      checkAccount(accounts, peer);
      return formatToken(frame.token, await accounts.makeToken(peer.name, frame.token), frame.id);
    case "tokens":
      return formatTokens(accounts.tokens(peer.name.key), frame.id);
    case "revoke":
      checkAccount(accounts, peer);
      await accounts.revoke(peer.name, frame.revoke);
      return formatOk(frame.id);
    case "logout":
      await accounts.endSession(peer);
      return formatOk(frame.id);
    case "blocked":
      return formatBlocked(await peer.blocked(), frame.id);
    case "block":
      await peer.block(parseName(frame.block.trim()), frame.on);
      return formatOk(frame.id);
    default:
      await peer.ask(requestOf(frame));
      return formatOk(frame.id);
  }
}

async function answerHistory(
  {
    history,
    before,
    after,
    limit = HISTORY_DEFAULT,
    id,
  }: Extract<JsonRequest, { kind: "history" }>,
  peer: Peer,
): Promise<string> {
  if (before !== undefined && after !== undefined) {
    throw new ChatError(
      "bad-frame",
      '"history" goes on from "before" or from "after", not from both',
    );
  }
  const other = parseRecipient(history.trim());
  const { deliveries, more } = await peer.history(other, {
    count: limit,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  });
  const events = deliveries.filter(isEvent);
  const messages = deliveries.filter((delivery): delivery is Run => !isEvent(delivery));
  return formatHistory(shownIn(deliveries, other), messages, events, more, id);
}

/** How the log shows whom a conversation is with; as he was asked for where nothing was said. */
function shownIn([first]: readonly Delivery[], other: Name): string {
  if (first === undefined) return other.shown;
  const names = isEvent(first) ? [first.room] : [first.from, first.to];
  return names.find((name) => parseRecipient(name).key === other.key) ?? other.shown;
}

async function answerSearch(
  {
    search,
    with: other,
    from,
    since,
    until,
    below,
    limit,
    id,
  }: Extract<JsonRequest, { kind: "search" }>,
  peer: Peer,
): Promise<string> {
  const { messages, complete, next } = await peer.search({
    words: search,
    below: below ?? Number.MAX_SAFE_INTEGER,
    count: Math.min(limit ?? SEARCH_DEFAULT, SEARCH_MOST),
    ...(other === undefined ? {} : { with: parseRecipient(other.trim()).key }),
    ...(from === undefined ? {} : { from: parseName(from.trim()).key }),
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
  });
  return formatSearch(messages, complete, next, id);
}

async function answerWho(
  { who, id }: Extract<JsonRequest, { kind: "who" }>,
  peer: Peer,
  broker: Broker,
): Promise<string> {
  if (who === true) return formatWho(broker.who(), id);
  const asked = parseRoom(who.trim());
  const { room } = await peer.room(asked);
  return formatMembers(room, await peer.members(asked), id);
}

function requestOf(frame: RoomFrame): PeerRequest {
  switch (frame.kind) {
    case "leave":
      return { action: "leave", room: parseRoom(frame.leave.trim()) };
    case "topic":
      return { action: "topic", room: parseRoom(frame.topic.trim()), text: frame.text };
    case "private":
      return { action: frame.on ? "private" : "public", room: parseRoom(frame.private.trim()) };
    case "invite":
      return concerning("invite", frame.room, frame.invite);
    case "kick":
      return { ...concerning("kick", frame.room, frame.kick), text: frame.text ?? "" };
    case "ban":
      return concerning(frame.on ? "ban" : "unban", frame.room, frame.ban);
    case "moderator":
      return concerning(frame.on ? "moderator" : "no-moderator", frame.room, frame.moderator);
  }
}

function concerning(action: PeerRequest["action"], room: string, name: string): PeerRequest {
  return { action, room: parseRoom(room.trim()), name: parseName(name.trim()) };
}

function checkSecure({ isSecure, isLoopback }: Origin): void {
  if (isSecure || isLoopback) return;
  throw new ChatError("tls-required", "a password is taken over TLS only");
}

function checkAccount(accounts: Accounts, { name }: Peer): void {
  if (accounts.has(name.key)) return;
  throw new ChatError("no-such-account", "your name is no account: register it first");
}

function isEvent(delivery: Delivery): delivery is RoomEvent {
  return "kind" in delivery;
}
