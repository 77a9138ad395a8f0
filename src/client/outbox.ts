// The outbox: what was written and is not known to be decided yet, in order. What is transmitted stands in the
// store before, in the same place and as transmitted: then no crash gives its number to another one.

import { LineError } from "./errors.ts";
import type { Keeper, Kept } from "./keeper.ts";
import type { RefusedSends, ToldError } from "../protocol/json/server-frames.ts";
import { Sends } from "./sends.ts";
import { randomId, type RefusedSend, type StoredOutbox, type StoredSend } from "./store.ts";

/** What became of a send that the server has taken. */
export interface Sent {
  /** The seq of the message to each recipient; undefined when the answer was lost with a connection. */
  readonly seqs: Readonly<Record<string, number>> | undefined;
  /** About when that was, by the server's clock, in ms since 1970; undefined as `seqs`. */
  readonly at: number | undefined;
}

/** A message that is not known to be on the server yet. */
export interface Unsent extends StoredSend {
  /** Whether it may be on the server already. */
  readonly isTransmitted: boolean;
}

/** What became of an unsent message, as it is told to whoever shows them. */
export type Settled =
  | ({ readonly id: number; readonly outcome: "sent" } & Sent)
  | { readonly id: number; readonly outcome: "refused"; readonly error: LineError }
  /** It was taken out before it was transmitted: by this side, or since it could not be kept (`store`). */
  | { readonly id: number; readonly outcome: "withdrawn"; readonly error: LineError };

/** As many refused ones are kept: then the oldest are let go. */
export const MOST_REFUSED = 1000;

/** How long until a store that failed is tried again, in ms. */
export const KEEP_AGAIN = 1000;

/** A store that fails tells whoever sends something: what is missing here is only forgotten later. */
const ignore = (): void => {};

interface Waiting {
  resolve(sent: Sent): void;
  reject(error: LineError): void;
}

export interface OutboxOwner {
  transmit(number: number, send: StoredSend): void;
  /** All that may go is transmitted on this connection. */
  transmitted(): void;
  /** The server may forget the refusals up to this number. */
  done(number: number): void;
  /** The server does not know this outbox: there is a new one, for another login. */
  expired(): void;
  /** Something was added or taken out. */
  changed(settled?: Settled): void;
}

export class Outbox implements Kept {
  readonly #keeper: Keeper;
  readonly #owner: OutboxOwner;
  readonly #keepsRefused: boolean;
  readonly #sends = new Sends();
  readonly #waiting = new Map<number, Waiting>();
  /** The ids of those that are decided, while an earlier one is not: they are let go in order. */
  readonly #settled = new Set<number>();
  #id = randomId();
  #nextId = 1;
  #refused: readonly RefusedSend[] = [];
  /** The number of the first that was not transmitted on this connection, or by a former one. */
  #next = 1;
  /** The id of the last one that the store holds as transmitted. */
  #marked = 0;
  /** The id of the last one that the store holds in its place, too: up to it they may go. */
  #mayGo = 0;
  /** How many were let go since the store was written. */
  #letGo = 0;
  /** The number of the first as the store is written, and up to where they may go once that is done. */
  #drawn = { base: 1, mayGo: 0 };
  /** The highest number that was refused, and up to which the server was told that it is known. */
  #refusedUpTo = 0;
  #doneUpTo = 0;
  /** The number that is transmitted again, since there was no room for its refusal. */
  #again: number | undefined;
  #isOnline = false;
  /** Until the store is tried again. */
  #keptAgain: ReturnType<typeof setTimeout> | undefined;

  /** @param keepsRefused whether what is refused is kept until it is dismissed */
  constructor(keeper: Keeper, owner: OutboxOwner, keepsRefused: boolean) {
    this.#keeper = keeper;
    this.#owner = owner;
    this.#keepsRefused = keepsRefused;
  }

  get id(): string {
    return this.#id;
  }

  get unsent(): readonly Unsent[] {
    const { base, all } = this.#sends;
    return all
      .map((send, index) => ({ ...send, isTransmitted: base + index < this.#next }))
      .filter(({ id }) => !this.#settled.has(id));
  }

  /** How many are unsent. */
  get count(): number {
    return this.#sends.length - this.#settled.size;
  }

  /** The id of what was written last. */
  get last(): number {
    return this.#nextId - 1;
  }

  /** The id of the first that is not transmitted on this connection; above all when there is none. */
  get next(): number {
    return this.#sends.at(this.#next)?.id ?? Infinity;
  }

  get refusals(): readonly RefusedSend[] {
    return this.#refused;
  }

  /** What was there before this client was may have been transmitted by another. */
  found({ outbox, base, nextId, sends, transmitted, refused }: StoredOutbox): void {
    this.#id = outbox;
    this.#nextId = nextId;
    this.#refused = refused ?? [];
    this.#sends.reset(base, sends);
    this.#marked = transmitted ?? nextId - 1;
    this.#mayGo = this.#marked;
    this.#next = this.#sends.above(this.#mayGo);
  }

  drawn(): StoredOutbox {
    const { base, all, last } = this.#sends;
    if (this.#isOnline && last !== undefined) this.#marked = last.id;
    this.#drawn = { base, mayGo: this.#marked };
    this.#letGo = 0;
    return {
      outbox: this.#id,
      base,
      nextId: this.#nextId,
      sends: all,
      transmitted: this.#marked,
      refused: this.#refused,
    };
  }

  written(): void {
    const { base, mayGo } = this.#drawn;
    this.#mayGo = Math.max(this.#mayGo, mayGo);
    this.#tellDone(base - 1);
    this.#transmit();
  }

  /** Keeps a message, then transmits it. Resolves when it is decided. */
  async send(to: readonly string[], body: string, signal?: AbortSignal): Promise<Sent> {
    if (signal?.aborted === true) throw new LineError("aborted", "it was given up before");
    const id = this.#nextId;
    this.#nextId += 1;
    const outcome = Promise.withResolvers<Sent>();
    this.#waiting.set(id, outcome);
    this.#sends.push({ id, to, body, at: Date.now() });
    const kept = this.#keep();
    this.#owner.changed();
    const giveUp = (): void => this.#giveUp(id);
    signal?.addEventListener("abort", giveUp, { once: true });
    kept.catch((error: LineError) => this.#unkept(id, error));
    return outcome.promise.finally(() => signal?.removeEventListener("abort", giveUp));
  }

  /**
   * Takes a message out that was not transmitted. Resolves when that would outlive a crash.
   * @returns false when it may be on the server
   * @throws LineError `store`: it is not transmitted, but another run of the program may do so
   */
  async withdraw(id: number): Promise<boolean> {
    if (!this.#takeOut(id)) return false;
    const waiting = this.#take(id);
    const kept = this.#keep();
    this.#owner.changed();
    try {
      await kept;
    } catch (error) {
      const { message } = error as LineError;
      const text = `it was given up, but the next run of this program may send it: ${message}`;
      waiting?.reject(new LineError("outcome-unknown", text, { cause: error }));
      this.#owner.changed({ id, outcome: "withdrawn", error: error as LineError });
      throw error;
    }
    const why = new LineError("aborted", "it was given up, and not transmitted");
    waiting?.reject(why);
    this.#owner.changed({ id, outcome: "withdrawn", error: why });
    return true;
  }

  /** Lets go of a refused message. Resolves when that would outlive a crash. */
  dismiss(id: number): Promise<void> {
    this.#refused = this.#refused.filter((one) => one.id !== id);
    const kept = this.#keep();
    this.#owner.changed();
    return kept;
  }

  /** A login succeeded: what the server has taken is decided, and the rest is transmitted. */
  welcomed(sent: number, refused: readonly RefusedSends[]): void {
    const { base } = this.#sends;
    if (sent < base - 1) return this.#expired();
    const end = this.#next;
    this.#refusedUpTo = Math.max(0, ...refused.map(({ last }) => last));
    this.#doneUpTo = 0;
    for (const { first, last, code, text } of refused) {
      for (let number = Math.max(first, base); number <= last && number < end; number++) {
        this.#settle(number, new LineError(code, text));
      }
    }
    for (let number = base; number <= sent && number < end; number++) {
      this.#settle(number, { seqs: undefined, at: undefined });
    }
    // More than we know of: the store is an older copy of itself, and what it brings as new has no number yet.
    if (sent >= end) {
      this.#sends.reset(sent + 1, this.#sends.all);
      this.#moved(0);
    }
    this.#next = sent + 1;
    this.#again = undefined;
    this.#isOnline = true;
    this.#transmit();
    // What was written without a connection is not kept as transmitted yet, and what is refused is known once it is kept.
    if (this.#next < this.#sends.end || this.#refusedUpTo > 0) this.#keepForLater();
  }

  offline(): void {
    this.#isOnline = false;
    clearTimeout(this.#keptAgain);
    this.#keptAgain = undefined;
  }

  accepted(number: number, sent: Sent): void {
    this.#settle(number, sent);
  }

  refused(number: number, { code, text }: ToldError): void {
    // It was not the next one: it will be, after those before it.
    if (code === "out-of-order") return;
    if (code === "too-many-refusals") return this.#goBack(number);
    this.#refusedUpTo = Math.max(this.#refusedUpTo, number);
    this.#settle(number, new LineError(code, text));
  }

  /** Nothing is transmitted any more: whoever waits is told why, and what is kept stays so. */
  close(error: LineError): void {
    this.offline();
    for (const [id, waiting] of this.#waiting) {
      const isUnknown = (this.#sends.numberOf(id) ?? Infinity) < this.#next;
      waiting.reject(isUnknown ? new LineError("outcome-unknown", error.message) : error);
    }
    this.#waiting.clear();
    if (this.#letGo > 0) this.#keepForLater();
  }

  /** Has everything kept as it is. @throws LineError `store` */
  #keep(): Promise<void> {
    const kept = this.#keeper.change({});
    kept.catch(() => this.#keepAgain());
    return kept;
  }

  #keepForLater(): void {
    this.#keep().catch(ignore);
  }

  #keepAgain(): void {
    if (!this.#isOnline) return;
    this.#keptAgain ??= setTimeout(() => {
      this.#keptAgain = undefined;
      this.#keepForLater();
    }, KEEP_AGAIN);
  }

  /** What could not be kept goes nowhere. */
  #unkept(id: number, why: LineError): void {
    if (!this.#takeOut(id)) return;
    this.#keepForLater();
    this.#take(id)?.reject(why);
    this.#owner.changed({ id, outcome: "withdrawn", error: why });
  }

  /** @returns false when it may be on the server */
  #takeOut(id: number): boolean {
    const number = this.#sends.numberOf(id);
    if (number === undefined || number < this.#next) return false;
    this.#sends.remove(number);
    this.#moved(this.#sends.at(number - 1)?.id ?? 0);
    if (this.#isOnline) this.#owner.transmitted();
    return true;
  }

  /** What comes after an id has other places since: it goes once it is kept there. */
  #moved(after: number): void {
    this.#mayGo = Math.min(this.#mayGo, after);
    this.#drawn.mayGo = Math.min(this.#drawn.mayGo, after);
  }

  #giveUp(id: number): void {
    const number = this.#sends.numberOf(id);
    if (number !== undefined && number >= this.#next) return void this.withdraw(id).catch(ignore);
    const text = "it was given up after it was transmitted: it may arrive or not";
    this.#take(id)?.reject(new LineError("outcome-unknown", text));
  }

  /** What may go, and was not transmitted on this connection. */
  #transmit(): void {
    if (!this.#isOnline || this.#waitsForRoom) return;
    for (; this.next <= this.#mayGo; this.#next++) {
      this.#owner.transmit(this.#next, this.#sends.at(this.#next) as StoredSend);
    }
    this.#owner.transmitted();
  }

  /** Whether the server has no room for refusals, until it is told which are known. */
  get #waitsForRoom(): boolean {
    return this.#again === this.#next && this.#refusedUpTo > this.#doneUpTo;
  }

  /** There was no room for its refusal: it goes again, with all after it, once those before it are known. */
  #goBack(number: number): void {
    // What is told of those after it is as old, and has come to nothing with it.
    const isOld = this.#again !== undefined && number !== this.#again;
    if (isOld || number >= this.#next || this.#sends.at(number) === undefined) return;
    this.#again = number;
    this.#next = number;
    this.#transmit();
  }

  #tellDone(number: number): void {
    if (!this.#isOnline || this.#refusedUpTo <= this.#doneUpTo) return;
    // Nothing more is known, as when the first refusal comes while something else is written.
    if (number <= this.#doneUpTo) return;
    this.#doneUpTo = number;
    this.#owner.done(number);
  }

  #settle(number: number, outcome: Sent | LineError): void {
    const send = this.#sends.at(number);
    if (send === undefined || this.#settled.has(send.id)) return;
    const { id } = send;
    this.#settled.add(id);
    if (number === this.#again) this.#again = undefined;
    const waiting = this.#take(id);
    if (outcome instanceof LineError) {
      this.#keepRefused(send, outcome);
      waiting?.reject(outcome);
      this.#owner.changed({ id, outcome: "refused", error: outcome });
    } else {
      waiting?.resolve(outcome);
      this.#owner.changed({ id, outcome: "sent", ...outcome });
    }
    this.#forgetSettled();
  }

  #keepRefused(send: StoredSend, { code, message: text }: LineError): void {
    if (!this.#keepsRefused || this.#refused.some(({ id }) => id === send.id)) return;
    this.#refused = [...this.#refused, { ...send, code, text }].slice(-MOST_REFUSED);
  }

  /** Lets go of what is decided, from the first on; then the server may forget it too. */
  #forgetSettled(): void {
    const { base } = this.#sends;
    let count = 0;
    while (this.#settled.delete(this.#sends.at(base + count)?.id ?? 0)) count += 1;
    if (count === 0) return;
    this.#sends.shift(count);
    this.#next = Math.max(this.#next, this.#sends.base);
    this.#letGo += count;
    // What is accepted is forgotten by the half: the whole outbox is written each time, and the server knows it too.
    const isHalf = this.#letGo >= this.#sends.length;
    if (isHalf || this.#refusedUpTo > this.#doneUpTo) this.#keepForLater();
  }

  /** The server has forgotten the outbox: nobody knows what became of what was transmitted. */
  #expired(): void {
    const { base, all } = this.#sends;
    const error = new LineError("outbox-expired", "the server has forgotten this outbox");
    const unknown = all.slice(0, this.#next - base).filter(({ id }) => !this.#settled.has(id));
    this.#id = randomId();
    this.#sends.reset(1, all.slice(this.#next - base));
    this.#settled.clear();
    this.#next = 1;
    this.#marked = 0;
    this.#moved(0);
    for (const send of unknown) {
      this.#keepRefused(send, error);
      this.#take(send.id)?.reject(error);
      this.#owner.changed({ id: send.id, outcome: "refused", error });
    }
    this.#keepForLater();
    this.#owner.expired();
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}
