// The broker: knows who is connected and where a message goes. Readers feed its batch (`GroupCommit`), the
// log's feed tells it what is committed, and it hands that to the writers (`Outcomes`). No sockets, no SQL.

import type { BlockingRefusal, Limits, Retention, Send } from "../log/batch.ts";
import type { Log } from "../log/log.ts";
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
import { Cursors } from "./cursors.ts";
import { GroupCommit } from "./group-commit.ts";
import { Outcomes } from "./outcomes.ts";
import { type ClientState, Peer, type PeerBroker } from "./peer.ts";
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
  readonly #outcomes: Outcomes;
  readonly #commits: GroupCommit;
  readonly #cursors: Cursors;
  readonly #asPeersSeeIt: PeerBroker;
  /** Peers that must leave, and what cuts them. */
  readonly #expelled = new Map<Peer, { cancel(): void }>();
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
    this.#outcomes = new Outcomes({ names, rooms, blocked, presence: this.#presence });
    this.#asPeersSeeIt = this.#peerBroker();
    this.#commits = new GroupCommit(log, clock, options, (commit, batch) => {
      this.#outcomes.tell(commit, batch);
      this.#checkSettled();
    });
    this.#cursors = new Cursors(clock, (add) => this.#commits.record(add));
  }

  /** The highest seq that is committed and announced. */
  get head(): number {
    return this.#commits.head;
  }

  /** Why the log cannot be written at the moment; undefined when it can. */
  get unavailable(): string | undefined {
    return this.#commits.unavailable;
  }

  /** How many peers had a part in what was sent last. */
  get sending(): number {
    return this.#commits.sending;
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
      const pending = Math.max(this.#cursors.of(name.key), this.#commits.cursor(name.key));
      this.#rooms.entering(peer);
      this.#blocked.entering(peer);
      const record = await this.#log.name(name.key, this.head);
      this.#rooms.entered(peer, record?.rooms ?? [], this.head);
      this.#blocked.entered(peer, record?.blocked ?? []);
      this.#refuseWhenStopping();
      if (record?.seen !== true)
        this.#commits.record((batch) => batch.login(name, this.#clock.now()));
      const shown = record?.seen === true ? record.shown : name.shown;
      const cursor = Math.max(record?.cursor ?? 0, pending);
      const { received } = client;
      const isKnown = received?.log === this.#log.id && received.seq <= this.head;
      const position = isKnown ? received.seq : cursor;
      const isForeign = received !== undefined && !isKnown;
      const toldLost = isKnown ? (received.lost ?? 0) : 0;
      const missing = isKnown ? this.#log.neverGiven(position) : undefined;
      const upTo = Math.max(record?.removed ?? 0, missing ?? 0);
      const lost = lostOf(isForeign, position, toldLost, upTo);
      peer.start({ shown, key: name.key }, cursor, position, lost?.to ?? toldLost);
      this.#names.renamed();
      this.#presence.came(peer.name, peer);
      return { peer, log: this.#log.id, head: this.head, position, outbox, lost };
    } catch (error) {
      peer.gone();
      throw error;
    }
  }

  /** Removes what is older or larger than the operator wants, a bounded amount with each batch. */
  retain(retention: Retention): void {
    this.#commits.record((batch) => (batch.retention = retention));
  }

  /** Forgets outboxes that were not used since a time, in ms since 1970. */
  expireOutboxes(before: number): void {
    this.#commits.record((batch) => (batch.expireOutboxes = before));
  }

  /**
   * Changes an account. Resolves when it is durable.
   * @throws ChatError why it is refused; `log-unavailable` when the log cannot be written
   */
  async changeAccount(change: AccountChange): Promise<void> {
    // Nobody waits for the other two.
    if (change.kind !== "used" && change.kind !== "expire") this.#refuseWhenUnavailable();
    const refusal = await new Promise<AccountRefusal>((resolve) => {
      this.#commits.record((batch) => batch.changeAccount(change, resolve));
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
      head: () => this.head,
      send: (peer, send) => this.#send(peer, { from: peer.name, at: this.#clock.now(), ...send }),
      done: (peer, id, upTo) => {
        const done = { name: peer.name, id, upTo, at: this.#clock.now() };
        this.#commits.feed(peer, (batch) => batch.outboxDone(done));
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
            upTo: Math.min(this.head, before - 1),
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
        this.#read(this.#log.conversations(peer.name.key, this.head, count)),
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
        this.#commits.gone(peer);
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
    if (this.#commits.unavailable === undefined) return;
    const text = `the log cannot be written just now (${this.#commits.unavailable}): try again in a moment`;
    throw new ChatError("log-unavailable", text);
  }

  /**
   * What the log holds of an outbox once everything is committed that an older connection sent with it:
   * that connection has left the names, so nothing more of it comes.
   */
  async #takeOver(peer: Peer, id: string | undefined): Promise<OutboxRecord | undefined> {
    if (id === undefined) return undefined;
    await this.#commits.allCommitted();
    const record = await this.#log.outbox(peer.name.key, id);
    peer.useOutbox(id, record.sent + 1);
    return record;
  }

  #send(peer: Peer, send: Send): void {
    this.#commits.feed(peer, (batch) => batch.send(peer, send));
  }

  #ask(peer: Peer, request: Omit<RoomRequest, "before">): Promise<RoomOutcome> {
    return new Promise((resolve) => {
      this.#commits.feed(peer, (batch) => batch.request(request, resolve));
    });
  }

  /** @throws ChatError `too-many-names` */
  async #block(peer: Peer, other: Name, on: boolean): Promise<void> {
    const blocking = { name: peer.name, other, on, at: this.#clock.now() };
    const refusal = await new Promise<BlockingRefusal>((resolve) => {
      this.#commits.feed(peer, (batch) => batch.block(blocking, resolve));
    });
    if (refusal !== undefined) throw new ChatError(refusal.code, refusal.text);
  }

  /** Of who is leaving nothing must come again. */
  #confirm(peer: Peer, cursor: number): void {
    const { key } = peer.name;
    if (peer.isLeaving) this.#commits.record((batch) => batch.confirm(key, cursor));
    else this.#cursors.move(key, cursor);
  }

  #mark(peer: Peer, other: Name, seq: number): void {
    const marker = { name: peer.name, with: other, seq };
    this.#commits.feed(peer, (batch) => batch.mark(peer, marker));
  }

  async #talkedWith({ name }: Peer): Promise<readonly string[]> {
    const listed = await this.#read(this.#log.conversations(name.key, this.head, MOST_LISTED));
    return listed.map((one) => nameKey(one.with)).filter((key) => !isRoom(key));
  }

  async #watch(peer: Peer): Promise<void> {
    const people = await this.#people.of(peer);
    if (!this.#names.get(peer.name.key).includes(peer)) return;
    // Who is there now must not be missed, also by a peer that is still behind.
    peer.connection.notify(this.#presence.watch(peer, people));
  }

  #checkSettled(): void {
    if (!this.#names.isEmpty) return;
    this.#cursors.flush();
    if (!this.#commits.isIdle) return;
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
