// The broker: knows who is connected and where a message goes. Readers feed its batch, the log's
// feed tells it what is committed, and it hands that to the writers. No sockets, no SQL.

import type { BlockingRefusal, Limits, Retention, Send } from "../log/batch.ts";
import type { Commit } from "../log/commit.ts";
import type { Follower, Log } from "../log/log.ts";
import type { OutboxRecord } from "../log/reading.ts";
import type { Report } from "../log/report.ts";
import type { AccountChange, AccountRefusal } from "../log/accounts.ts";
import type { RoomOutcome, RoomRequest } from "../log/rooms.ts";
import { ChatError } from "../protocol/errors.ts";
import type { Name } from "../protocol/name.ts";
import { nameKey } from "../protocol/name-keys.ts";
import { isRoom } from "../protocol/room.ts";
import { Blocked } from "./blocked.ts";
import type { Clock } from "./clock.ts";
import type { Connection } from "./connection.ts";
import { ConnectedNames } from "./connected-names.ts";
import { Deliveries } from "./deliveries.ts";
import { type ClientState, Peer, type PeerBroker } from "./peer.ts";
import { PendingBatch } from "./pending-batch.ts";
import { People } from "./people.ts";
import { Presence } from "./presence.ts";
import { Rooms } from "./rooms.ts";
import { Typing } from "./typing.ts";

export interface BrokerOptions {
  readonly limits: Limits;
  /** Told when the log cannot be written, and of a read that failed: then the peer concerned is cut. */
  readonly report: Report;
}

/** The most rooms that are listed, and the most conversations that are looked through for people. */
const MOST_LISTED = 1000;

/** How long cursors that moved collect, in ms. */
const CURSORS_EVERY = 250;

/** How long whoever may not be here any more has to read why, in ms: one that does not read would stay. */
export const EXPELLED_TIME = 5000;

/** The most that one look into history gives, in bytes: an answer is made as a whole. */
const HISTORY_BYTES = 1024 * 1024;

export interface Login {
  readonly peer: Peer;
  readonly log: string;
  readonly head: number;
  /** Delivery begins above this seq. */
  readonly position: number;
  /** What the log holds of the client's outbox, when it has one. */
  readonly outbox: OutboxRecord | undefined;
  /** Seqs that the client asked for with its `received` and will not be delivered. */
  readonly lost: { readonly from: number; readonly to: number } | undefined;
}

export class Broker {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #options: BrokerOptions;
  readonly #names: ConnectedNames;
  readonly #rooms = new Rooms();
  readonly #blocked = new Blocked();
  readonly #people: People;
  readonly #presence: Presence;
  readonly #typing: Typing;
  readonly #delivery: Deliveries;
  readonly #asPeersSeeIt: PeerBroker;
  /** Confirmed, and not in a batch yet. */
  readonly #cursors = new Map<string, number>();
  #cursorTimer: { cancel(): void } | undefined;
  #head: number;
  #batch: PendingBatch;
  #underWay: PendingBatch | undefined;
  /** Peers whose readers stand still until there is room in a batch, first come, first served. */
  readonly #held = new Set<Peer>();
  /** Peers that must leave, and what cuts them. */
  readonly #expelled = new Map<Peer, { cancel(): void }>();
  #scheduled = false;
  #sending = 0;
  /** Why the log cannot be written, while it cannot. */
  #unavailable: string | undefined;
  #stopping = false;
  #settled: (() => void)[] = [];

  constructor(log: Log, clock: Clock, options: BrokerOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#options = options;
    this.#names = new ConnectedNames(clock);
    this.#people = new People((peer) => this.#talkedWith(peer));
    const [names, rooms, people, blocked] = [this.#names, this.#rooms, this.#people, this.#blocked];
    this.#presence = new Presence(clock, { names, rooms, people, blocked });
    this.#typing = new Typing(clock, { names, rooms, people, blocked });
    this.#delivery = new Deliveries(this.#names, this.#rooms, this.#presence);
    this.#head = log.head;
    this.#batch = new PendingBatch(options.limits);
    this.#asPeersSeeIt = this.#peerBroker();
    const follower: Follower = {
      committed: (commit) => this.#committed(commit),
      unavailable: (reason) => this.#becameUnavailable(reason),
      available: () => this.#becameAvailable(),
    };
    log.follow(follower);
  }

  /** The highest seq that is committed and announced. */
  get head(): number {
    return this.#head;
  }

  /** Why the log cannot be written at the moment; undefined when it can. */
  get unavailable(): string | undefined {
    return this.#unavailable;
  }

  /** How many peers had a part in what was sent last. */
  get sending(): number {
    return this.#sending;
  }

  /** The names that are connected, as shown. */
  who(): readonly string[] {
    return this.#names.shown();
  }

  /**
   * Logs a connection in. From then on it is the peer's until `peer.gone()` is called, which must
   * happen exactly when its writer has ended.
   * @throws ChatError `name-taken` when the name's peer still answers after a second, `shutting-down`,
   *   `log-unavailable` when it has an outbox and the log cannot be written
   */
  async login(name: Name, connection: Connection, client: ClientState = {}): Promise<Login> {
    this.#refuseWhenStopping();
    if (client.outbox !== undefined) this.#refuseWhenUnavailable();
    const peer = new Peer(this.#asPeersSeeIt, name, connection, client);
    await this.#names.take(peer);
    try {
      this.#refuseWhenStopping();
      const outbox = await this.#takeOver(peer, client.outbox);
      // What is not durable yet is not in the log's answer.
      const pending = Math.max(
        this.#cursors.get(name.key) ?? 0,
        this.#batch.cursor(name.key),
        this.#underWay?.cursor(name.key) ?? 0,
      );
      this.#rooms.entering(peer);
      this.#blocked.entering(peer);
      const record = await this.#log.name(name.key, this.#head);
      this.#rooms.entered(peer, record?.rooms ?? [], this.#head);
      this.#blocked.entered(peer, record?.blocked ?? []);
      this.#refuseWhenStopping();
      if (record?.seen !== true) this.#record((batch) => batch.login(name, this.#clock.now()));
      const shown = record?.seen === true ? record.shown : name.shown;
      const cursor = Math.max(record?.cursor ?? 0, pending);
      const { received } = client;
      const isKnown = received?.log === this.#log.id && received.seq <= this.#head;
      const position = isKnown ? received.seq : cursor;
      const isForeign = received !== undefined && !isKnown;
      const toldLost = isKnown ? (received.lost ?? 0) : 0;
      const missing = isKnown ? this.#log.neverGiven(position) : undefined;
      const upTo = Math.max(record?.removed ?? 0, missing ?? 0);
      const lost = lostOf(isForeign, position, toldLost, upTo);
      peer.start({ shown, key: name.key }, cursor, position, lost?.to ?? toldLost);
      this.#names.renamed();
      this.#presence.came(peer.name, peer);
      return { peer, log: this.#log.id, head: this.#head, position, outbox, lost };
    } catch (error) {
      peer.gone();
      throw error;
    }
  }

  /** Removes what is older or larger than the operator wants, a bounded amount with each batch. */
  retain(retention: Retention): void {
    this.#record((batch) => (batch.retention = retention));
  }

  /** Forgets outboxes that were not used since a time, in ms since 1970. */
  expireOutboxes(before: number): void {
    this.#record((batch) => (batch.expireOutboxes = before));
  }

  /**
   * Changes an account. Resolves when it is durable.
   * @throws ChatError why it is refused; `log-unavailable` when the log cannot be written
   */
  async changeAccount(change: AccountChange): Promise<void> {
    // Nobody waits for the other two.
    if (change.kind !== "used" && change.kind !== "expire") this.#refuseWhenUnavailable();
    const refusal = await new Promise<AccountRefusal>((resolve) => {
      this.#record((batch) => batch.changeAccount(change, resolve));
    });
    if (refusal !== undefined) throw new ChatError(refusal.code, refusal.text);
  }

  /** The peers of a name. */
  peersOf(key: string): readonly Peer[] {
    return this.#names.get(key);
  }

  /** Asks all peers to leave once what they sent is committed. No login succeeds from now on. */
  stop(): void {
    this.#stopping = true;
    this.#presence.stop();
    for (const peer of this.#names.peers()) peer.stop();
  }

  /** Cuts who has not left yet. */
  cutAll(): void {
    for (const peer of this.#names.peers()) peer.connection.cut();
  }

  /** Resolves when nobody is connected and nothing waits to be committed. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      this.#settled.push(resolve);
      this.#checkSettled();
    });
  }

  #peerBroker(): PeerBroker {
    return {
      head: () => this.#head,
      send: (peer, send) => this.#send(peer, { from: peer.name, at: this.#clock.now(), ...send }),
      done: (peer, id, upTo) => {
        this.#batchFor(peer).outboxDone({ name: peer.name, id, upTo, at: this.#clock.now() });
        this.#fed(peer);
      },
      confirm: (peer, cursor) => this.#confirm(peer, cursor),
      waiting: (peer, after, upTo, maxBytes) =>
        this.#read(
          this.#log.waiting(peer.name.key, after, upTo, maxBytes, peer.connection.wantsEverything),
        ),
      history: (peer, other, { before = Infinity, ...part }) =>
        this.#read(
          this.#log.history({
            key: peer.name.key,
            other: other.key,
            upTo: Math.min(this.#head, before - 1),
            maxBytes: HISTORY_BYTES,
            everything: peer.connection.wantsEverything,
            ...part,
          }),
        ),
      ask: (peer, request) => this.#ask(peer, { ...request, by: peer.name, at: this.#clock.now() }),
      room: (peer, room) => this.#read(this.#log.room(room.key, peer.name.key)),
      rooms: (peer) => this.#read(this.#log.rooms(peer.name.key, MOST_LISTED)),
      members: (_, room) => this.#read(this.#log.members(room.key)),
      conversations: (peer, count) =>
        this.#read(this.#log.conversations(peer.name.key, this.#head, count)),
      mark: (peer, other, seq) => this.#mark(peer, other, seq),
      typing: (peer, to) => this.#typing.tell(peer, to),
      watch: (peer) => this.#watch(peer),
      search: (peer, query) => this.#read(this.#log.search({ ...query, key: peer.name.key })),
      blocked: (peer) => this.#read(this.#log.blocked(peer.name.key)),
      block: (peer, other, on) => this.#block(peer, other, on),
      expelled: (peer) => {
        if (this.#expelled.has(peer) || !this.#names.get(peer.name.key).includes(peer)) return;
        const timer = this.#clock.after(EXPELLED_TIME, () => peer.connection.cut());
        this.#expelled.set(peer, timer);
      },
      gone: (peer) => {
        if (this.#names.remove(peer)) {
          this.#presence.goes(peer, this.#names.get(peer.name.key).length === 0);
        }
        this.#rooms.gone(peer);
        this.#blocked.gone(peer);
        this.#people.gone(peer);
        this.#held.delete(peer);
        this.#expelled.get(peer)?.cancel();
        this.#expelled.delete(peer);
        this.#checkSettled();
      },
    };
  }

  async #read<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      if (!(error instanceof ChatError)) this.#options.report("read", error as Error);
      throw error;
    }
  }

  #refuseWhenStopping(): void {
    if (this.#stopping) throw new ChatError("shutting-down", "the server is stopping");
  }

  /** What would wait for the log without having been taken is refused: it may come again. */
  #refuseWhenUnavailable(): void {
    if (this.#unavailable === undefined) return;
    const text = `the log cannot be written just now (${this.#unavailable}): try again in a moment`;
    throw new ChatError("log-unavailable", text);
  }

  /**
   * What the log holds of an outbox once everything is committed that an older connection sent with it:
   * that connection has left the names, so nothing more of it comes.
   */
  async #takeOver(peer: Peer, id: string | undefined): Promise<OutboxRecord | undefined> {
    if (id === undefined) return undefined;
    const last = this.#batch.isEmpty ? this.#underWay : this.#batch;
    if (last !== undefined) await new Promise<void>((resolve) => last.onceCommitted(resolve));
    const record = await this.#log.outbox(peer.name.key, id);
    peer.useOutbox(id, record.sent + 1);
    return record;
  }

  /** The batch that takes what a peer's client has caused. Whatever goes in, `#fed` comes after it. */
  #batchFor(peer: Peer): PendingBatch {
    const batch = this.#batch;
    if (batch.feeders.has(peer)) return batch;
    batch.feeders.add(peer);
    peer.uncommitted += 1;
    return batch;
  }

  /** The peer's reader stands still while there is no room in the batch, or the log cannot be written. */
  #fed(peer: Peer): void {
    if (this.#unavailable !== undefined) this.#pause(peer, this.#unavailable);
    else if (!this.#batch.isFull) this.#schedule();
    else if (this.#underWay === undefined) this.#commit();
    else this.#hold(peer);
  }

  #send(peer: Peer, send: Send): void {
    this.#batchFor(peer).send(peer, send);
    this.#fed(peer);
  }

  #ask(peer: Peer, request: Omit<RoomRequest, "before">): Promise<RoomOutcome> {
    return new Promise((resolve) => {
      this.#batchFor(peer).request(request, resolve);
      this.#fed(peer);
    });
  }

  /** @throws ChatError `too-many-names` */
  async #block(peer: Peer, other: Name, on: boolean): Promise<void> {
    const blocking = { name: peer.name, other, on, at: this.#clock.now() };
    const refusal = await new Promise<BlockingRefusal>((resolve) => {
      this.#batchFor(peer).block(blocking, resolve);
      this.#fed(peer);
    });
    if (refusal !== undefined) throw new ChatError(refusal.code, refusal.text);
  }

  /**
   * Cursors collect for a moment, so that a thousand who acknowledge each message cost a thousand writes
   * now and then, and not with each message. What a crash takes with it comes again to those who keep
   * no cursor of their own. Of who is leaving nothing must come again.
   */
  #confirm(peer: Peer, cursor: number): void {
    const { key } = peer.name;
    if (peer.isLeaving) return this.#record((batch) => batch.confirm(key, cursor));
    this.#cursors.set(key, Math.max(cursor, this.#cursors.get(key) ?? 0));
    this.#cursorTimer ??= this.#clock.after(CURSORS_EVERY, () => this.#recordCursors());
  }

  #recordCursors(): void {
    this.#cursorTimer?.cancel();
    this.#cursorTimer = undefined;
    const cursors = [...this.#cursors];
    this.#cursors.clear();
    this.#record((batch) => {
      for (const [key, cursor] of cursors) batch.confirm(key, cursor);
    });
  }

  #mark(peer: Peer, other: Name, seq: number): void {
    this.#batchFor(peer).mark(peer, { name: peer.name, with: other, seq });
    this.#fed(peer);
  }

  /** The other devices of the name are told. */
  #tellMarked(batch: PendingBatch): void {
    for (const { peer, marker } of batch.marked) {
      for (const own of this.#names.get(marker.name.key)) {
        if (own !== peer) own.notify({ kind: "read", with: marker.with.shown, seq: marker.seq });
      }
    }
  }

  async #talkedWith({ name }: Peer): Promise<readonly string[]> {
    const listed = await this.#read(this.#log.conversations(name.key, this.#head, MOST_LISTED));
    return listed.map((one) => nameKey(one.with)).filter((key) => !isRoom(key));
  }

  async #watch(peer: Peer): Promise<void> {
    const people = await this.#people.of(peer);
    if (!this.#names.get(peer.name.key).includes(peer)) return;
    // Who is there now must not be missed, also by a peer that is still behind.
    peer.connection.notify(this.#presence.watch(peer, people));
  }

  #hold(peer: Peer): void {
    this.#held.add(peer);
    peer.connection.hold();
  }

  #releaseHeld(): void {
    for (const peer of this.#held) {
      if (this.#batch.isFull || this.#unavailable !== undefined) return;
      this.#held.delete(peer);
      peer.connection.release();
    }
  }

  #record(add: (batch: PendingBatch) => void): void {
    add(this.#batch);
    this.#schedule();
  }

  /** Commits as soon as this turn has brought what it brings, unless a commit is under way. */
  #schedule(): void {
    if (this.#scheduled || this.#underWay !== undefined) return;
    this.#scheduled = true;
    this.#clock.soon(() => {
      this.#scheduled = false;
      this.#commit();
    });
  }

  #commit(): void {
    if (this.#underWay !== undefined) return;
    if (!this.#batch.isEmpty) {
      this.#underWay = this.#batch;
      this.#sending = this.#batch.feeders.size;
      this.#batch = new PendingBatch(this.#options.limits);
      this.#log.append(this.#underWay.seal());
    }
    this.#releaseHeld();
  }

  #committed(commit: Commit): void {
    const batch = this.#underWay;
    this.#underWay = undefined;
    this.#head = commit.head;
    if (commit.moreToRemove) this.#batch.retention ??= commit.batch.retention;
    // The next batch is on its way to the disk while this one is on its way to the writers.
    this.#commit();
    for (const [index, { name, other, on }] of (commit.batch.blockings ?? []).entries()) {
      if (commit.blockings[index] !== undefined) continue;
      const peers = this.#names.get(name.key);
      this.#blocked.changed(peers, other.key, on);
      this.#presence.blocked(peers, other.key, on);
    }
    let room = 0;
    for (const send of commit.sends) {
      for (; (commit.rooms[room]?.before ?? Infinity) <= send.index; room++) {
        this.#roomChanged(commit, room);
      }
      const sender = batch?.senders[send.index];
      if (send.outbox !== undefined) sender?.connection.accept(send);
      this.#delivery.deliver(send, sender);
    }
    for (; room < commit.rooms.length; room++) this.#roomChanged(commit, room);
    for (const { send, accepted, code, text } of commit.refused) {
      const { count = 0, outbox } = commit.batch.sends[send] ?? {};
      const number = outbox && outbox.number + accepted;
      batch?.senders[send]?.refused(new ChatError(code, text), count - accepted, number);
    }
    commit.accounts.forEach((refusal, index) => batch?.accountsAsked[index]?.(refusal));
    commit.blockings.forEach((refusal, index) => batch?.blockingsAsked[index]?.(refusal));
    commit.rooms.forEach((outcome, index) => batch?.asked[index]?.(outcome));
    if (batch !== undefined) this.#tellMarked(batch);
    for (const peer of batch?.feeders ?? []) peer.committed();
    batch?.committed();
    this.#checkSettled();
  }

  /** Who joins is given his own join, and who leaves his leave. */
  #roomChanged({ rooms, batch }: Commit, index: number): void {
    const { event, member, invited, room } = rooms[index] ?? {};
    const request = batch.requests?.[index];
    const key = request?.room.key;
    if (invited !== undefined && room !== undefined) {
      const peers = this.#names.get(invited);
      const isBlocked = this.#blocked.blocks(peers, request?.by.key ?? "");
      const by = request?.by.shown ?? "";
      if (!isBlocked) for (const peer of peers) peer.notify({ kind: "invited", room, by });
    }
    if (event === undefined || key === undefined) return;
    const peers = member === undefined ? [] : this.#names.get(member);
    if (event.kind === "join") {
      for (const peer of peers) this.#rooms.joined(peer, key, event.room, event.seq);
      this.#presence.joined(peers, key);
    }
    this.#delivery.announce(key, event);
    if (event.kind === "leave" || event.kind === "kick") {
      for (const peer of peers) this.#rooms.left(peer, key, event.room, event.seq);
    }
  }

  #becameUnavailable(reason: string): void {
    this.#unavailable = reason;
    const text = `the log cannot be written: ${reason}; sending waits, and it is tried again each second`;
    this.#options.report("log", text);
    const feeders = new Set([...(this.#underWay?.feeders ?? []), ...this.#batch.feeders]);
    for (const peer of feeders) this.#pause(peer, reason);
  }

  #becameAvailable(): void {
    this.#unavailable = undefined;
    this.#options.report("log", "the log can be written again", "over");
  }

  /** A pause and never a refusal: what was read is kept, and nothing more is read. */
  #pause(peer: Peer, reason: string): void {
    this.#hold(peer);
    const text = `nothing is lost, sending goes on when the log can be written again (${reason})`;
    peer.connection.refuse(new ChatError("log-unavailable", text), 1);
  }

  #checkSettled(): void {
    if (this.#cursors.size > 0 && this.#names.isEmpty) this.#recordCursors();
    const idle = this.#underWay === undefined && this.#batch.isEmpty && this.#names.isEmpty;
    if (!idle) return;
    for (const resolve of this.#settled.splice(0)) resolve();
  }
}

/**
 * Seqs that a client would expect and does not get: of another log, or what is missing in this one.
 * @param told up to where it was told so before
 * @param missing up to where something is
 */
function lostOf(
  isForeign: boolean,
  position: number,
  told: number,
  missing: number,
): Login["lost"] {
  const from = isForeign ? 1 : Math.max(position, told) + 1;
  const to = Math.max(isForeign ? position : 0, missing);
  return from > to ? undefined : { from, to };
}
