// A peer: one logged-in connection, and how it gets from what waits in the log to what happens now.
//
//   greeting → behind → live ⇄ behind → leaving → gone

import { firstSeq, sizeOf } from "../log/deliveries.ts";
import type { Send } from "../log/batch.ts";
import type { Conversation, HistoryPage, Page } from "../log/reading.ts";
import type { Delivery } from "../log/run.ts";
import { checkMember, type Stance } from "../log/room-rules.ts";
import type { SearchPage, SearchQuery } from "../log/search.ts";
import type { RoomMember, RoomOutcome, RoomRequest, RoomView } from "../log/rooms.ts";
import { ChatError } from "../protocol/errors.ts";
import type { Name } from "../protocol/name.ts";
import { isRoom } from "../protocol/room.ts";
import type { Connection } from "./connection.ts";
import type { Notice } from "./notice.ts";

/** A peer with more than this many bytes unsent falls behind: the log is its queue. */
export const MAX_UNSENT = 1024 * 1024;

/** What is read from the log at a time, in bytes. */
const PAGE_BYTES = 128 * 1024;

/** Names that a name may block: `too-many-blocked`. */
export const MOST_BLOCKED = 1000;

/** What is looked for, in characters: each word in it costs the search thread, which all share, a search of its own. */
export const LONGEST_QUERY = 256;

/** How somebody stands to a room that does not exist. */
const STRANGER: Stance = { isMember: false, standing: "none" };

/** What happens while the last page is read, in bytes; above that it is read again. */
const MAX_MEANWHILE = 1024 * 1024;

/** What a client brings to its login. */
export interface ClientState {
  /** The id of its outbox. */
  readonly outbox?: string;
  /**
   * The highest seq that it has everything up to, and the id of the log that it is of.
   * `lost`: up to where it was told what it will not get.
   */
  readonly received?: { readonly log: string; readonly seq: number; readonly lost?: number };
  /** What an earlier connection was given, which this one replaces at once: see `Peer.resume`. */
  readonly resume?: string;
  /** Whether the name is an account, which may be connected many times at once. */
  readonly isShared?: boolean;
  /** The hash of the token that it logged in with, or was given. */
  readonly tokenHash?: string;
}

/** What a peer asks of a room. */
export type PeerRequest = Omit<RoomRequest, "by" | "at" | "before">;

/** Which part of a conversation: the newest, the newest below a seq, or the oldest above one. */
export interface HistoryPart {
  readonly count: number;
  readonly before?: number;
  readonly after?: number;
}

/** What a peer looks for. */
export type PeerSearch = Omit<SearchQuery, "key">;

/** What a peer needs of its broker. */
export interface PeerBroker {
  /** The highest seq that is committed and announced. */
  head(): number;
  send(peer: Peer, send: Omit<Send, "from" | "at">): void;
  /** The client knows what was refused of an outbox, up to a number. */
  done(peer: Peer, id: string, upTo: number): void;
  confirm(peer: Peer, cursor: number): void;
  waiting(peer: Peer, after: number, upTo: number, maxBytes: number): Promise<Page>;
  history(peer: Peer, other: Name, part: HistoryPart): Promise<HistoryPage>;
  /** Resolves once it is decided and durable. */
  ask(peer: Peer, request: PeerRequest): Promise<RoomOutcome>;
  room(peer: Peer, room: Name): Promise<RoomView | undefined>;
  rooms(peer: Peer): Promise<readonly RoomView[]>;
  members(peer: Peer, room: Name): Promise<readonly RoomMember[]>;
  conversations(peer: Peer, count: number): Promise<readonly Conversation[]>;
  /** The peer's name has read a conversation up to a seq. */
  mark(peer: Peer, other: Name, seq: number): void;
  typing(peer: Peer, other: Name): void;
  /** Tells the peer from now on who comes and goes; first who is there. */
  watch(peer: Peer): Promise<void>;
  blocked(peer: Peer): Promise<readonly string[]>;
  search(peer: Peer, query: PeerSearch): Promise<SearchPage>;
  /** Resolves once it is durable. */
  block(peer: Peer, other: Name, on: boolean): Promise<void>;
  /** Cuts the peer unless it leaves soon. */
  expelled(peer: Peer): void;
  gone(peer: Peer): void;
}

type State = "greeting" | "behind" | "live" | "ended" | "gone";

export class Peer {
  readonly connection: Connection;
  readonly client: ClientState;
  readonly #broker: PeerBroker;
  /** As it logged in; as it is shown once the log has told. */
  name: Name;
  /** A secret that its client was given: a login that brings it takes the name over at once. */
  resume: string | undefined;
  /** Whether its name is an account, which may be connected many times at once. */
  isShared: boolean;
  /** The hash of the token that its client has: the one that it logged in with, or was given since. */
  tokenHash: string | undefined;
  /** When its typing was last told, in ms since 1970. */
  typedAt = 0;
  /** Batches with sends of this peer that are not committed yet. */
  uncommitted = 0;
  #state: State = "greeting";
  /** Valid unless live: then it is the head. */
  #position = 0;
  #cursor = 0;
  /** Up to where its client was told what it will not get. */
  #toldLost = 0;
  #reading = false;
  /** What came while the last page is read; undefined when it was too much. */
  #meanwhile: Delivery[] | undefined;
  #meanwhileBytes = 0;
  #onceCommitted: (() => void)[] = [];
  #outbox: { readonly id: string; next: number } | undefined;
  /** Set once its client has finished, to where what it still gets ends. */
  #leaving: "after-commit" | "now" | number | undefined;

  constructor(broker: PeerBroker, name: Name, connection: Connection, client: ClientState = {}) {
    this.#broker = broker;
    this.client = client;
    this.isShared = client.isShared === true;
    this.tokenHash = client.tokenHash;
    this.name = name;
    this.connection = connection;
  }

  /** The highest seq that was examined for this connection; what it was due is with the writer. */
  get position(): number {
    return this.#state === "live" ? this.#broker.head() : this.#position;
  }

  get isLeaving(): boolean {
    return this.#leaving !== undefined;
  }

  /**
   * Begins delivery above a position: the name's cursor, or what the client itself says it has.
   * @param toldLost up to where its client was told what it will not get
   */
  start(name: Name, cursor: number, position = cursor, toldLost = 0): void {
    if (this.#state !== "greeting") return;
    this.name = name;
    this.#state = "behind";
    this.#position = position;
    this.#cursor = cursor;
    this.#toldLost = toldLost;
    this.confirm(position);
    this.#advance();
  }

  /** Its client numbers what it sends; the next number is known. */
  useOutbox(id: string, next: number): void {
    this.#outbox = { id, next };
  }

  /** Sends `count` bodies to each of the recipients. */
  send(to: readonly Name[], bodies: string, count: number): void {
    if (this.#state === "gone") return;
    this.#broker.send(this, { to, bodies, count });
  }

  /**
   * The same with numbers from the client's outbox, the first of which must be the next one: another
   * is refused as `out-of-order`.
   * @param refusal why it is refused already; its numbers are used up
   */
  sendNumbered(
    number: number,
    to: readonly Name[],
    bodies: string,
    count: number,
    refusal?: ChatError,
  ): void {
    const outbox = this.#outbox;
    if (this.#state === "gone" || outbox === undefined) return;
    if (number !== outbox.next) {
      const text = `the next send has the number ${outbox.next}, not ${number}`;
      return this.connection.refuse(new ChatError("out-of-order", text), count, number);
    }
    outbox.next += count;
    const place = { id: outbox.id, number };
    if (refusal === undefined) this.#broker.send(this, { to, bodies, count, outbox: place });
    else {
      const { code, message: text } = refusal;
      this.#broker.send(this, { to, bodies, count, outbox: place, refusal: { code, text } });
    }
  }

  /** The log has refused `times` messages in a row. */
  refused(error: ChatError, times: number, number?: number): void {
    // Such a one has not used its number up: the client sends it again when it has made room.
    if (error.code === "too-many-refusals" && this.#outbox !== undefined) {
      this.#outbox.next = Math.min(this.#outbox.next, number ?? Infinity);
    }
    this.connection.refuse(error, times, number);
  }

  /** The client knows which of its sends were refused, up to a number. */
  done(upTo: number): void {
    if (this.#outbox !== undefined) this.#broker.done(this, this.#outbox.id, upTo);
  }

  /** There is evidence that the client has everything up to `seq`. */
  confirm(seq: number): void {
    if (seq <= this.#cursor) return;
    this.#cursor = seq;
    this.#broker.confirm(this, seq);
  }

  /**
   * A part of a conversation with a name or in a room, what it has just sent too.
   * @throws ChatError `no-such-room`, `not-a-member`, `banned` for a room that it never was in
   */
  async history(other: Name, part: HistoryPart): Promise<HistoryPage> {
    await this.#allCommitted();
    if (isRoom(other.key)) {
      const view = await this.#broker.room(this, other);
      if (view?.wasMember !== true) checkMember(other.shown, view, view ?? STRANGER);
    }
    return this.#broker.history(this, other, part);
  }

  /** @throws ChatError why it is refused */
  async ask(request: PeerRequest): Promise<RoomOutcome> {
    const outcome = await this.#broker.ask(this, request);
    if (outcome.refusal === undefined) return outcome;
    throw new ChatError(outcome.refusal.code, outcome.refusal.text);
  }

  /** A room that it is in. @throws ChatError `no-such-room`, `not-a-member`, `banned` */
  async room(room: Name): Promise<RoomView> {
    await this.#allCommitted();
    const view = await this.#broker.room(this, room);
    checkMember(room.shown, view, view ?? STRANGER);
    return view as RoomView;
  }

  /** Who is in a room. @throws ChatError `no-such-room`, `not-a-member`, `banned` */
  async members(room: Name): Promise<readonly RoomMember[]> {
    await this.room(room);
    return this.#broker.members(this, room);
  }

  /** The rooms that it is in, and those that it may join. */
  async rooms(): Promise<readonly RoomView[]> {
    await this.#allCommitted();
    return this.#broker.rooms(this);
  }

  /** Its conversations, the newest first. */
  async conversations(count: number): Promise<readonly Conversation[]> {
    await this.#allCommitted();
    return this.#broker.conversations(this, count);
  }

  /** Its name has read a conversation up to a seq. @throws ChatError `bad-ack` */
  markRead(other: Name, seq: number): void {
    if (seq > this.#broker.head()) {
      throw new ChatError("bad-ack", `there is nothing above ${this.#broker.head()} yet`);
    }
    this.#broker.mark(this, other, seq);
  }

  /** Tells whom it concerns that its client is writing to them. */
  typing(other: Name): void {
    this.#broker.typing(this, other);
  }

  /** Messages that it may see. @throws ChatError `bad-query`, `text-too-long`, `no-search` */
  async search(query: PeerSearch): Promise<SearchPage> {
    if (query.words.length > LONGEST_QUERY) {
      const text = `what you look for has more than ${LONGEST_QUERY} characters`;
      throw new ChatError("text-too-long", text);
    }
    if (!/[\p{L}\p{N}]/u.test(query.words)) {
      throw new ChatError("bad-query", "there is no word in what you look for");
    }
    await this.#allCommitted();
    return this.#broker.search(this, query);
  }

  /** From now on it is told who comes and goes; first who is there. */
  watch(): Promise<void> {
    return this.#broker.watch(this);
  }

  /** The names whose direct messages it does not take. */
  blocked(): Promise<readonly string[]> {
    return this.#broker.blocked(this);
  }

  /** Takes a name's direct messages no more, or again. @throws ChatError `not-allowed`, `too-many-blocked` */
  async block(other: Name, on: boolean): Promise<void> {
    if (on && other.key === this.name.key) {
      throw new ChatError("not-allowed", "you cannot block yourself: notes to yourself are yours");
    }
    if (on && (await this.blocked()).length >= MOST_BLOCKED) {
      throw new ChatError("too-many-blocked", `you block ${MOST_BLOCKED} names already`);
    }
    await this.#broker.block(this, other, on);
  }

  /** Something that is kept nowhere, for those who have room for it. */
  notify(notice: Notice): void {
    const isBusy = this.#state !== "live" || this.connection.unsent > MAX_UNSENT;
    if (this.connection.wantsEverything && !isBusy) this.connection.notify(notice);
  }

  /** Messages of a commit, or an event of a room, in seq order. */
  event(delivery: Delivery): void {
    if (this.#state === "live") {
      if (this.connection.unsent <= MAX_UNSENT) return this.#give(delivery);
      // Everything below it was delivered: they come in rising seqs.
      this.#fallBehind(firstSeq(delivery) - 1);
    } else if (this.#state === "behind" && this.#meanwhile !== undefined) {
      this.#meanwhileBytes += sizeOf(delivery);
      if (this.#meanwhileBytes > MAX_MEANWHILE) this.#meanwhile = undefined;
      else this.#meanwhile.push(delivery);
    }
  }

  /** The writer has room again. */
  writable(): void {
    if (this.#state === "behind") this.#advance();
  }

  /** A batch with sends of this peer is committed. */
  committed(): void {
    this.uncommitted -= 1;
    if (this.uncommitted > 0) return;
    for (const resolve of this.#onceCommitted.splice(0)) resolve();
    this.#leave();
  }

  /** The client has finished: what it sent is committed, what waits is delivered, then it ends. */
  finish(): void {
    this.#leaving ??= "after-commit";
    this.#leave();
  }

  /** The server is stopping: what it sent is committed, then it ends. The log keeps what waits. */
  stop(): void {
    this.connection.endReader();
    this.#leaving = "now";
    this.#leave();
  }

  /** Its client may not be here any more: it is told why, nothing more is read of it, and it is soon cut. */
  expel(error: ChatError): void {
    this.connection.refuse(error, 1);
    this.stop();
    this.#broker.expelled(this);
  }

  /** The end of this connection's writer, whatever the reason: the peer leaves the broker once. */
  gone(): void {
    if (this.#state === "gone") return;
    this.#position = this.position;
    this.#state = "gone";
    this.#meanwhile = undefined;
    this.#broker.gone(this);
  }

  #give(delivery: Delivery): void {
    if ("kind" in delivery) this.connection.announce(delivery);
    else this.connection.deliver(delivery);
  }

  /** Retention was quicker than its client: what lies up to a seq may be missing. */
  #tellLost(to: number): void {
    const from = Math.max(this.#position, this.#toldLost) + 1;
    if (from > to) return;
    this.#toldLost = to;
    this.connection.notify({ kind: "lost", from, to });
  }

  async #allCommitted(): Promise<void> {
    if (this.uncommitted > 0)
      await new Promise<void>((resolve) => this.#onceCommitted.push(resolve));
  }

  #fallBehind(position: number): void {
    this.#state = "behind";
    this.#position = position;
  }

  #leave(): void {
    if (this.#leaving === undefined || this.uncommitted > 0) return;
    if (this.#leaving === "now") return this.#end();
    if (this.#leaving === "after-commit") this.#leaving = this.#broker.head();
    if (this.#state === "live") this.#end();
  }

  #end(): void {
    if (this.#state === "ended" || this.#state === "gone") return;
    const isAll = this.#state === "live" || this.#isDelivered;
    this.#position = this.position;
    this.#state = "ended";
    this.#meanwhile = undefined;
    this.connection.end(isAll);
  }

  /** Its client has finished, and what waited for it up to then was given to the writer. */
  get #isDelivered(): boolean {
    return typeof this.#leaving === "number" && this.#position >= this.#leaving;
  }

  /** Reads the next page, when the writer has room for it. One is read at a time. */
  #advance(): void {
    if (this.#reading) return;
    this.#meanwhile = undefined;
    if (this.connection.unsent > MAX_UNSENT) return;
    const upTo = typeof this.#leaving === "number" ? this.#leaving : this.#broker.head();
    this.#reading = true;
    this.#meanwhile = [];
    this.#meanwhileBytes = 0;
    this.#broker.waiting(this, this.#position, upTo, PAGE_BYTES).then(
      (page) => this.#gotPage(page, upTo),
      () => this.connection.cut(),
    );
  }

  #gotPage(page: Page, upTo: number): void {
    this.#reading = false;
    if (this.#state !== "behind") return;
    // Above `upTo` it is given what happens.
    this.#tellLost(Math.min(page.removed, upTo));
    for (const delivery of page.deliveries) this.#give(delivery);
    this.#position = page.position;
    if (page.position < upTo) return this.#advance();
    if (this.#isDelivered) return this.#end();
    if (this.#meanwhile === undefined) return this.#advance();
    // In one turn: what the page ended with, what came meanwhile, and from now on what happens.
    for (const delivery of this.#meanwhile) this.#give(delivery);
    this.#meanwhile = undefined;
    this.#state = "live";
    this.#leave();
  }
}
