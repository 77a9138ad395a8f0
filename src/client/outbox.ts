// The outbox: what was written and is not known to be decided yet, in order. Numbers follow from places,
// so one that was never transmitted can be taken out again. What is transmitted stands in the store before,
// in the same place and as transmitted: then no crash gives its number to another one.

import { LineError } from "./errors.ts";
import type { Keeper } from "./keeper.ts";
import type { RefusedSends, ToldError } from "../protocol/json/server-frames.ts";
import { newStored, type RefusedSend, type Stored, type StoredSend } from "./store.ts";

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

export class Outbox {
  readonly #keeper: Keeper;
  readonly #owner: OutboxOwner;
  readonly #keepsRefused: boolean;
  readonly #waiting = new Map<number, Waiting>();
  /** The ids of those that are decided, while an earlier one is not: they are let go in order. */
  readonly #settled = new Set<number>();
  /** How many from the first on may be on the server. */
  #transmitted = 0;
  /** The id of the last one that the store holds in its place, and as transmitted. */
  #mayGo = 0;
  /** How many were taken out: those after them have other places since. */
  #takenOut = 0;
  #isOnline = false;
  #hasRefused = false;
  #isKeptAgain = false;

  /** @param keepsRefused whether what is refused is kept until it is dismissed */
  constructor(keeper: Keeper, owner: OutboxOwner, keepsRefused: boolean) {
    this.#keeper = keeper;
    this.#owner = owner;
    this.#keepsRefused = keepsRefused;
  }

  get unsent(): readonly Unsent[] {
    return this.#sends
      .map((send, index) => ({ ...send, isTransmitted: index < this.#transmitted }))
      .filter(({ id }) => !this.#settled.has(id));
  }

  /** The id of what was written last. */
  get last(): number {
    return this.#keeper.stored.nextId - 1;
  }

  /** The id of the first that is not transmitted on this connection; above all when there is none. */
  get next(): number {
    return this.#sends[this.#transmitted]?.id ?? Infinity;
  }

  get refusals(): readonly RefusedSend[] {
    return this.#keeper.stored.refused ?? [];
  }

  /** What was there before this client was may have been transmitted by another. */
  opened(): void {
    const { transmitted, nextId } = this.#keeper.stored;
    this.#mayGo = transmitted ?? nextId - 1;
    this.#transmitted = this.#sends.filter(({ id }) => id <= this.#mayGo).length;
  }

  /** Keeps a message, then transmits it. Resolves when it is decided. */
  async send(to: readonly string[], body: string, signal?: AbortSignal): Promise<Sent> {
    if (signal?.aborted === true) throw new LineError("aborted", "it was given up before");
    const { nextId: id, sends } = this.#keeper.stored;
    const send: StoredSend = { id, to, body, at: Date.now() };
    const outcome = Promise.withResolvers<Sent>();
    this.#waiting.set(id, outcome);
    const kept = this.#keep({ nextId: id + 1, sends: [...sends, send] });
    this.#owner.changed();
    const giveUp = (): void => this.#giveUp(id);
    signal?.addEventListener("abort", giveUp, { once: true });
    kept.catch((error: LineError) => this.#takeOut(id, error));
    return outcome.promise.finally(() => signal?.removeEventListener("abort", giveUp));
  }

  /**
   * Takes a message out that was not transmitted.
   * @returns false when it may be on the server
   */
  withdraw(id: number): boolean {
    return this.#takeOut(id, new LineError("aborted", "it was withdrawn, and not transmitted"));
  }

  /** Lets go of a refused message. Resolves when that would outlive a crash. */
  dismiss(id: number): Promise<void> {
    const kept = this.#keeper.change({ refused: this.refusals.filter((one) => one.id !== id) });
    this.#owner.changed();
    return kept;
  }

  /** A login succeeded: what the server has taken is decided, and the rest is transmitted. */
  welcomed(sent: number, refused: readonly RefusedSends[]): void {
    const { base, sends } = this.#keeper.stored;
    if (sent < base - 1) return this.#expired();
    for (const { first, last, code, text } of refused) {
      this.#hasRefused = true;
      for (let number = first; number <= last; number++) this.refused(number, { code, text });
    }
    for (let number = base; number <= sent && number < base + sends.length; number++) {
      this.#settle(number, { seqs: undefined, at: undefined });
    }
    // More than we know of: the store is an older copy of itself.
    if (sent >= base + sends.length)
      void this.#keeper.change({ base: sent + 1, sends: [] }).catch(ignore);
    this.#transmitted = Math.max(0, sent + 1 - this.#keeper.stored.base);
    this.#isOnline = true;
    if (this.#hasRefused) this.#forgetSettled();
    this.#transmit();
    this.#handOver();
  }

  offline(): void {
    this.#isOnline = false;
  }

  accepted(number: number, sent: Sent): void {
    this.#settle(number, sent);
  }

  refused(number: number, { code, text }: ToldError): void {
    // It was not the next one: it will be, after those before it.
    if (code === "out-of-order" || code === "too-many-refusals") return;
    this.#hasRefused = true;
    this.#settle(number, new LineError(code, text));
  }

  /** Nothing is transmitted any more: whoever waits is told why, and what is kept stays so. */
  close(error: LineError): void {
    this.#isOnline = false;
    for (const [id, waiting] of this.#waiting) {
      const index = this.#sends.findIndex((send) => send.id === id);
      const isUnknown = index >= 0 && index < this.#transmitted;
      waiting.reject(isUnknown ? new LineError("outcome-unknown", error.message) : error);
    }
    this.#waiting.clear();
  }

  get #sends(): readonly StoredSend[] {
    return this.#keeper.stored.sends;
  }

  /** Has what waits kept as transmitted, if it is not: it was written without a connection, or the store failed. */
  #handOver(): void {
    if (this.#transmitted < this.#sends.length) this.#keep({}).catch(ignore);
  }

  /** Keeps the sends with what has changed, and transmits them when that would outlive a crash. */
  #keep(part: Partial<Stored>): Promise<void> {
    const last = (part.sends ?? this.#sends).at(-1)?.id;
    if (!this.#isOnline || last === undefined) return this.#keeper.change(part);
    const takenOut = this.#takenOut;
    const kept = this.#keeper.change({ ...part, transmitted: last });
    kept.then(
      () => {
        if (takenOut !== this.#takenOut) return;
        this.#mayGo = Math.max(this.#mayGo, last);
        this.#transmit();
      },
      () => this.#keepAgain(),
    );
    return kept;
  }

  #keepAgain(): void {
    if (this.#isKeptAgain) return;
    this.#isKeptAgain = true;
    setTimeout(() => {
      this.#isKeptAgain = false;
      if (this.#isOnline) this.#handOver();
    }, KEEP_AGAIN);
  }

  /** @returns false when it may be on the server */
  #takeOut(id: number, why: LineError): boolean {
    const index = this.#sends.findIndex((send) => send.id === id);
    if (index < this.#transmitted) return false;
    this.#takenOut += 1;
    this.#mayGo = this.#sends[this.#transmitted - 1]?.id ?? 0;
    this.#keep({ sends: this.#sends.toSpliced(index, 1) }).catch(ignore);
    if (this.#isOnline) this.#owner.transmitted();
    this.#take(id)?.reject(why);
    this.#owner.changed({ id, outcome: "withdrawn", error: why });
    return true;
  }

  #giveUp(id: number): void {
    if (this.withdraw(id)) return;
    const text = "it was given up after it was transmitted: it may arrive or not";
    this.#take(id)?.reject(new LineError("outcome-unknown", text));
  }

  /** What may go, and was not transmitted on this connection. */
  #transmit(): void {
    if (!this.#isOnline) return;
    const { base, sends } = this.#keeper.stored;
    for (; (sends[this.#transmitted]?.id ?? Infinity) <= this.#mayGo; this.#transmitted++) {
      this.#owner.transmit(base + this.#transmitted, sends[this.#transmitted] as StoredSend);
    }
    this.#owner.transmitted();
  }

  #settle(number: number, outcome: Sent | LineError): void {
    const send = this.#sends[number - this.#keeper.stored.base];
    if (send === undefined || this.#settled.has(send.id)) return;
    const { id } = send;
    this.#settled.add(id);
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
    if (!this.#keepsRefused || this.refusals.some(({ id }) => id === send.id)) return;
    const refused = [...this.refusals, { ...send, code, text }].slice(-MOST_REFUSED);
    void this.#keeper.change({ refused }).catch(ignore);
  }

  /** Lets go of what is decided, from the first on; then the server may forget it too. */
  #forgetSettled(): void {
    const { base, sends } = this.#keeper.stored;
    let count = 0;
    while (this.#settled.has(sends[count]?.id ?? -1)) count += 1;
    if (count === 0 && !this.#hasRefused) return;
    for (const { id } of sends.slice(0, count)) this.#settled.delete(id);
    this.#transmitted = Math.max(0, this.#transmitted - count);
    const isTold = !this.#hasRefused;
    this.#hasRefused = false;
    const kept = this.#keeper.change({ base: base + count, sends: sends.slice(count) });
    kept.then(() => {
      if (!isTold) this.#owner.done(base + count - 1);
    }, ignore);
  }

  /** The server has forgotten the outbox: nobody knows what became of what was transmitted. */
  #expired(): void {
    const { sends, nextId } = this.#keeper.stored;
    const error = new LineError("outbox-expired", "the server has forgotten this outbox");
    for (const send of sends.slice(0, this.#transmitted)) {
      const { id } = send;
      this.#keepRefused(send, error);
      this.#take(id)?.reject(error);
      this.#owner.changed({ id, outcome: "refused", error });
    }
    const rest = sends.slice(this.#transmitted);
    this.#transmitted = 0;
    this.#takenOut += 1;
    this.#mayGo = 0;
    void this.#keeper.change({ ...newStored(), nextId, sends: rest }).catch(ignore);
    this.#owner.expired();
  }

  #take(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }
}
