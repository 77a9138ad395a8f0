// The batch that fills while another one is committed.

import type {
  Batch,
  Blocking,
  BlockingRefusal,
  Limits,
  Marker,
  OutboxDone,
  Retention,
  Send,
} from "../log/batch.ts";
import type { AccountChange, AccountRefusal } from "../log/accounts.ts";
import type { RoomOutcome, RoomRequest } from "../log/rooms.ts";
import type { Name } from "../protocol/name.ts";
import type { Peer } from "./peer.ts";

/** What a send, or anything else, costs besides its bodies, in bytes: about what it takes in memory. */
const OVERHEAD = 64;

/**
 * When the batch that waits is larger than this, in bytes, each reader that feeds it is held after
 * what it has in hand. Larger batches are hardly faster, and what waits for them waits longer.
 */
const MAX_BATCH_BYTES = 256 * 1024;

/** A read marker that has moved, and whose client has moved it. */
interface Marked {
  readonly marker: Marker;
  readonly peer: Peer;
}

export class PendingBatch {
  readonly #sends: Send[] = [];
  readonly #logins: { name: Name; at: number }[] = [];
  readonly #cursors = new Map<string, number>();
  readonly #limits: Limits;
  /** Who sent what: the peer of each send, by its index. */
  readonly senders: Peer[] = [];
  /** Everybody whose client has caused something in it. */
  readonly feeders: Set<Peer> = new Set<Peer>();
  retention: Retention | undefined;
  expireOutboxes: number | undefined;
  /** By name and outbox: within a batch the highest number counts. */
  readonly #outboxesDone = new Map<string, OutboxDone>();
  readonly #requests: RoomRequest[] = [];
  /** By name and conversation, with who was the last to move it: within a batch the highest seq counts. */
  readonly #marked = new Map<string, Marked>();
  readonly #blockings: Blocking[] = [];
  /** Who waits for what becomes of each blocking. */
  readonly blockingsAsked: ((refusal: BlockingRefusal) => void)[] = [];
  readonly #accounts: AccountChange[] = [];
  /** Who waits for what becomes of each change of an account. */
  readonly accountsAsked: ((refusal: AccountRefusal) => void)[] = [];
  /** Who waits for what becomes of each request. */
  readonly asked: ((outcome: RoomOutcome) => void)[] = [];
  #onceCommitted: (() => void)[] = [];
  /** About what it takes, in bytes. */
  bytes = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  get isEmpty(): boolean {
    return (
      this.#sends.length === 0 &&
      this.#logins.length === 0 &&
      this.#cursors.size === 0 &&
      this.#outboxesDone.size === 0 &&
      this.#requests.length === 0 &&
      this.#marked.size === 0 &&
      this.#blockings.length === 0 &&
      this.#accounts.length === 0 &&
      this.retention === undefined &&
      this.expireOutboxes === undefined
    );
  }

  get isFull(): boolean {
    return this.bytes > MAX_BATCH_BYTES;
  }

  send(peer: Peer, send: Send): void {
    this.#sends.push(send);
    this.senders.push(peer);
    this.bytes += send.bodies.length + OVERHEAD * send.to.length;
  }

  /** Asks something of a room, after what was sent before. */
  request(request: Omit<RoomRequest, "before">, decided: (outcome: RoomOutcome) => void): void {
    this.#requests.push({ ...request, before: this.#sends.length });
    this.asked.push(decided);
    this.bytes += OVERHEAD + (request.text?.length ?? 0);
  }

  changeAccount(change: AccountChange, decided: (refusal: AccountRefusal) => void): void {
    this.#accounts.push(change);
    this.accountsAsked.push(decided);
  }

  /** What was marked, and by whom. */
  get marked(): Iterable<Marked> {
    return this.#marked.values();
  }

  mark(peer: Peer, marker: Marker): void {
    const key = `${marker.name.key} ${marker.with.key}`;
    const before = this.#marked.get(key);
    if (before === undefined) this.bytes += OVERHEAD;
    if (before === undefined || before.marker.seq < marker.seq)
      this.#marked.set(key, { marker, peer });
  }

  block(blocking: Blocking, decided: (refusal: BlockingRefusal) => void): void {
    this.#blockings.push(blocking);
    this.blockingsAsked.push(decided);
    this.bytes += OVERHEAD;
  }

  login(name: Name, at: number): void {
    this.#logins.push({ name, at });
  }

  confirm(key: string, cursor: number): void {
    this.#cursors.set(key, Math.max(cursor, this.cursor(key)));
  }

  /** The cursor of a name that this batch will make durable; 0 when it has none. */
  cursor(key: string): number {
    return this.#cursors.get(key) ?? 0;
  }

  outboxDone(done: OutboxDone): void {
    const key = `${done.name.key} ${done.id}`;
    const before = this.#outboxesDone.get(key);
    if (before === undefined) this.bytes += OVERHEAD;
    if (before === undefined || before.upTo < done.upTo) this.#outboxesDone.set(key, done);
  }

  /** Calls back when it is committed, after everybody concerned was told. */
  onceCommitted(callback: () => void): void {
    this.#onceCommitted.push(callback);
  }

  committed(): void {
    for (const callback of this.#onceCommitted.splice(0)) callback();
  }

  /** As the log takes it. Nothing is added afterwards. */
  seal(): Batch {
    return {
      sends: this.#sends,
      logins: this.#logins,
      cursors: this.#cursors,
      limits: this.#limits,
      outboxesDone: [...this.#outboxesDone.values()],
      requests: this.#requests,
      markers: Array.from(this.#marked.values(), ({ marker }) => marker),
      blockings: this.#blockings,
      accounts: this.#accounts,
      ...(this.retention === undefined ? {} : { retention: this.retention }),
      ...(this.expireOutboxes === undefined ? {} : { expireOutboxes: this.expireOutboxes }),
    };
  }
}
