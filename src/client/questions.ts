// What may be asked of a server and is answered: history, search, rooms, people, one's own account.

import type { ErrorCode } from "../protocol/errors.ts";
import type { RoomAction } from "../protocol/room.ts";
import type {
  Answers,
  ConversationFrame,
  RoomFrame,
  SearchFrame,
  ServerFrame,
} from "../protocol/json/server-frames.ts";
import { LineError } from "./errors.ts";
import type { Delivery, Message } from "./inbox.ts";
import type { HistoryPage, HistoryPart, SearchOptions } from "./line-options.ts";

/** The questions of a line. Each waits for a connection. */
export abstract class Questions {
  /**
   * Asks, and waits for that answer.
   * @param done the refusal of it that says that it was done before, when it is asked again
   * @throws LineError
   */
  protected abstract ask<A extends keyof Answers>(
    answer: A,
    frame: object,
    signal?: AbortSignal,
    done?: ErrorCode,
  ): Promise<Answers[A]>;

  /** A message as a line gives it. */
  protected abstract told(frame: NonNullable<ServerFrame["message"]>): Message;

  /** Asks for a password, and comes back with it from then on. @throws LineError */
  protected abstract askPassword(password: string, frame: object): Promise<void>;

  /** Comes back with a password from now on. */
  protected abstract forgetSession(): void;

  /** On each connection that follows presence is asked for again. */
  protected abstract keepWatching(): void;

  /** A part of a conversation with a name or in a room. @throws LineError */
  async history(
    conversation: string,
    part: HistoryPart = {},
    signal?: AbortSignal,
  ): Promise<HistoryPage> {
    const page = await this.ask("history", { history: conversation, ...part }, signal);
    const messages: Delivery[] = page.messages.map((message) => this.told(message));
    const events: Delivery[] = page.events.map((event) => ({ ...event, isReplayed: true }));
    const deliveries = [...messages, ...events].toSorted((one, other) => one.seq - other.seq);
    return { deliveries, more: page.more };
  }

  /** Looks for words in what one may read, the newest first. @throws LineError */
  search(words: string, options: SearchOptions = {}, signal?: AbortSignal): Promise<SearchFrame> {
    return this.ask("search", { search: words, ...options }, signal);
  }

  /** The conversations of this name, the newest first. @throws LineError */
  async conversations(limit?: number): Promise<readonly ConversationFrame[]> {
    const frame = { conversations: true, ...(limit === undefined ? {} : { limit }) };
    return (await this.ask("conversations", frame)).conversations;
  }

  /** Joins a room, or makes it. @throws LineError */
  join(room: string): Promise<RoomFrame> {
    return this.ask("joined", { join: room });
  }

  /** Leaves a room: what is said there from now on is not for this name. @throws LineError */
  async leave(room: string): Promise<void> {
    await this.ask("ok", { leave: room }, undefined, "not-a-member");
  }

  /** The rooms that one is in, and those that one may join. @throws LineError */
  async rooms(): Promise<readonly RoomFrame[]> {
    return (await this.ask("rooms", { rooms: true })).rooms;
  }

  /** Who is in a room. @throws LineError */
  async members(room: string): Promise<NonNullable<Answers["who"]["members"]>> {
    return (await this.ask("who", { who: room })).members ?? [];
  }

  /** Everybody who is connected. @throws LineError */
  async who(): Promise<readonly string[]> {
    return (await this.ask("who", { who: true })).names ?? [];
  }

  /** Sets a room's topic, of at most 512 characters. @throws LineError */
  async setTopic(room: string, text: string): Promise<void> {
    await this.ask("ok", { topic: room, text });
  }

  /**
   * What else may be asked of a room and concerns somebody.
   * @throws LineError
   * @example
   * ```ts
   * await line.join("#loud");
   * await line.moderate("#loud", "ban", "mallory");
   * console.log((await line.members("#loud")).length); // → 1
   * ```
   */
  async moderate(
    room: string,
    action: Extract<RoomAction, "invite" | "kick" | "ban" | "unban" | "moderator" | "no-moderator">,
    name: string,
    text?: string,
  ): Promise<void> {
    const done = action === "kick" ? "not-a-member" : undefined;
    await this.ask("ok", moderation(room, action, name, text), undefined, done);
  }

  /** Whether only who is invited sees a room. @throws LineError */
  async setPrivate(room: string, on: boolean): Promise<void> {
    await this.ask("ok", { private: room, on });
  }

  /** Takes somebody's direct messages no more, or again. @throws LineError */
  async block(name: string, on = true): Promise<void> {
    await this.ask("ok", { block: name, on });
  }

  /** Whom one blocks. @throws LineError */
  async blocked(): Promise<readonly string[]> {
    return (await this.ask("blocked", { blocked: true })).names;
  }

  /** From now on `presence` tells who comes and goes; first, and with each connection, who is there. @throws LineError */
  async watchPresence(): Promise<void> {
    await this.ask("ok", { presence: true });
    this.keepWatching();
  }

  /** Makes this open name an account with a password. @throws LineError */
  async register(password: string, invite?: string): Promise<void> {
    const frame = { register: password, ...(invite === undefined ? {} : { invite }) };
    await this.askPassword(password, frame);
  }

  /** Changes the password of this account. Its other devices have to log in again. @throws LineError */
  async setPassword(password: string, old: string): Promise<void> {
    await this.askPassword(password, { password, old });
  }

  /** Makes a token, for a bot or another device. It is told this once. @throws LineError */
  async makeToken(label: string): Promise<string> {
    return (await this.ask("token", { token: label })).token;
  }

  /** The tokens of this account, without their secrets. @throws LineError */
  async tokens(): Promise<Answers["tokens"]["tokens"]> {
    return (await this.ask("tokens", { tokens: true })).tokens;
  }

  /** Ends this device's session, which lets nobody in any more: to be closed after that. @throws LineError */
  async logOut(): Promise<void> {
    try {
      await this.ask("ok", { logout: true });
    } catch (error) {
      // It has ended, and the answer was lost with the connection.
      if (!(error instanceof LineError && error.code === "token-revoked")) throw error;
    }
    this.forgetSession();
  }

  /** Ends what came in with a token, which lets nobody in any more. @throws LineError */
  async revokeToken(label: string): Promise<void> {
    await this.ask("ok", { revoke: label }, undefined, "no-such-token");
  }
}

function moderation(room: string, action: RoomAction, name: string, text?: string): object {
  switch (action) {
    case "invite":
      return { invite: name, room };
    case "kick":
      return { kick: name, room, ...(text === undefined ? {} : { text }) };
    case "ban":
    case "unban":
      return { ban: name, room, on: action === "ban" };
    default:
      return { moderator: name, room, on: action === "moderator" };
  }
}
