// A peer: one logged-in connection, and how it gets from what waits in the log to what happens now.
//
//   greeting → behind → live ⇄ behind → leaving → gone

import type { Page, Run, Send } from "../log/log.ts";
import { ChatError } from "../protocol/errors.ts";
import type { Name } from "../protocol/name.ts";
import type { Connection } from "./connection.ts";

/** A peer with more than this many bytes unsent falls behind: the log is its queue. */
export const MAX_UNSENT = 1024 * 1024;

/** Bodies that are read from the log at a time, in bytes. */
const PAGE_BYTES = 128 * 1024;

/** What happens while the last page is read, in bytes of bodies; above that it is read again. */
const MAX_MEANWHILE = 1024 * 1024;

/** What a client brings to its login. */
export interface ClientState {
  /** The id of its outbox. */
  readonly outbox?: string;
  /** The highest seq that it has everything up to, and the id of the log that it is of. */
  readonly received?: { readonly log: string; readonly seq: number };
  /** What an earlier connection was given, which this one replaces at once: see `Peer.resume`. */
  readonly resume?: string;
  /** Whether the name is an account, which may be connected many times at once. */
  readonly isShared?: boolean;
}

/** What a peer needs of its broker. */
export interface PeerBroker {
  /** The highest seq that is committed and announced. */
  head(): number;
  send(peer: Peer, send: Omit<Send, "from" | "at">): void;
  /** The client knows what was refused of an outbox, up to a number. */
  done(peer: Peer, id: string, upTo: number): void;
  confirm(peer: Peer, cursor: number): void;
  waiting(peer: Peer, after: number, upTo: number, maxBytes: number): Promise<Page>;
  history(peer: Peer, other: Name, count: number): Promise<readonly Run[]>;
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
  /** Batches with sends of this peer that are not committed yet. */
  uncommitted = 0;
  #state: State = "greeting";
  /** Valid unless live: then it is the head. */
  #position = 0;
  #cursor = 0;
  #reading = false;
  /** Runs that came while the last page is read; undefined when there were too many. */
  #meanwhile: Run[] | undefined;
  #meanwhileBytes = 0;
  #onceCommitted: (() => void)[] = [];
  #outbox: { readonly id: string; next: number } | undefined;
  /** Set once its client has finished, to where what it still gets ends. */
  #leaving: "after-commit" | "now" | number | undefined;

  constructor(broker: PeerBroker, name: Name, connection: Connection, client: ClientState = {}) {
    this.#broker = broker;
    this.client = client;
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

  /** Begins delivery above a position: the name's cursor, or what the client itself says it has. */
  start(name: Name, cursor: number, position = cursor): void {
    if (this.#state !== "greeting") return;
    this.name = name;
    this.#state = "behind";
    this.#position = position;
    this.#cursor = cursor;
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

  /** The last messages between this peer's name and another, those it has just sent too. */
  async history(other: Name, count: number): Promise<readonly Run[]> {
    if (this.uncommitted > 0)
      await new Promise<void>((resolve) => this.#onceCommitted.push(resolve));
    return this.#broker.history(this, other, count);
  }

  /** Messages of a commit, in seq order. */
  event(run: Run): void {
    if (this.#state === "live") {
      if (this.connection.unsent <= MAX_UNSENT) return this.connection.deliver(run);
      // Everything below this run was delivered: runs come in rising seqs.
      this.#fallBehind(run.first - 1);
    } else if (this.#state === "behind" && this.#meanwhile !== undefined) {
      this.#meanwhileBytes += run.bodies.length;
      if (this.#meanwhileBytes > MAX_MEANWHILE) this.#meanwhile = undefined;
      else this.#meanwhile.push(run);
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

  /** The end of this connection's writer, whatever the reason: the peer leaves the broker once. */
  gone(): void {
    if (this.#state === "gone") return;
    this.#position = this.position;
    this.#state = "gone";
    this.#meanwhile = undefined;
    this.#broker.gone(this);
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
    this.#position = this.position;
    this.#state = "ended";
    this.#meanwhile = undefined;
    this.connection.end();
  }

  /** Reads the next page, when the writer has room for it. One is read at a time. */
  #advance(): void {
    if (this.#reading || this.connection.unsent > MAX_UNSENT) return;
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
    for (const run of page.runs) this.connection.deliver(run);
    this.#position = page.position;
    if (page.position < upTo) return this.#advance();
    if (typeof this.#leaving === "number" && page.position >= this.#leaving) return this.#end();
    if (this.#meanwhile === undefined) return this.#advance();
    // In one turn: what the page ended with, what came meanwhile, and from now on what happens.
    for (const run of this.#meanwhile) this.connection.deliver(run);
    this.#meanwhile = undefined;
    this.#state = "live";
    this.#leave();
  }
}
