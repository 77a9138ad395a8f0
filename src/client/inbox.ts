// The inbox: what came and was not taken yet, in order, and how far it is confirmed.

import type { EventFrame, MessageFrame } from "../protocol/json/server-frames.ts";
import type { LineError } from "./errors.ts";
import type { Keeper } from "./keeper.ts";

/** A message, as its receiver sees it. */
export interface Message extends MessageFrame {
  /** Tells it from the events of rooms. */
  readonly kind: "message";
  /** Whether it was there already when this client logged in. */
  readonly isReplayed: boolean;
  /** Whether it is of this client's own name: from another device, or a note to oneself. */
  readonly isOwn: boolean;
}

/** Somebody joined a room, left it, was put out, or set its topic. */
export interface RoomEvent extends Omit<EventFrame, "kind"> {
  /** `join`, `leave`, `kick` or `topic`. */
  readonly kind: EventFrame["kind"];
  /** Whether it had happened already when this client logged in. */
  readonly isReplayed: boolean;
}

/** What comes, in rising seqs. */
export type Delivery = Message | RoomEvent;

/** With more than this waiting to be taken, nothing more is: the server keeps it. In messages, and in characters. */
export const MOST_WAITING = 10_000;
const MOST_CHARACTERS = 32 * 1024 * 1024;

export interface InboxOwner {
  /** Everything up to a seq is confirmed for good. @returns whether the server hears of it */
  confirmed(seq: number): boolean;
  /** All that there was room for is taken: what was passed over is to come again. */
  drained(): void;
  /** Nothing more will come, and the server does not know how far all is confirmed: a login tells it, then `told`. */
  untold(): void;
}

export class Inbox {
  readonly #keeper: Keeper;
  readonly #owner: InboxOwner;
  readonly #waiting: Delivery[] = [];
  #characters = 0;
  /** Whether something was passed over, for want of room; with it everything that comes after it. */
  #hasPassedOver = false;
  #isTaken = false;
  #wake: (() => void) | undefined;
  #log = "";
  /** The highest seq that has come, taken or not. */
  #seen = 0;
  #end: { readonly error?: LineError } | undefined;
  /** Confirmed, and not told yet. */
  #toTell: number | undefined;
  /** Up to where that would outlive a crash. */
  #kept = 0;
  /** Up to where the server has heard of it. */
  #told = 0;
  /** Whether nothing more will come. */
  #isComplete = false;

  constructor(keeper: Keeper, owner: InboxOwner) {
    this.#keeper = keeper;
    this.#owner = owner;
  }

  /** Whether all that came is taken. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Whether nothing more will come. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Whether more came than there was room for, and somebody takes it: he gets what is still with the server, too. */
  get hasMoreToTake(): boolean {
    return this.#isTaken && this.#hasPassedOver;
  }

  /** Delivery begins above `position` of a log. */
  welcomed(log: string, position: number): void {
    this.#hasPassedOver = false;
    const { received } = this.#keeper.login;
    if (received?.log !== log) {
      this.#seen = position;
      this.#kept = position;
      void this.#keeper.change({ received: { log, seq: position } }).catch(() => {});
    } else if (this.#log === "") this.#kept = received.seq;
    this.#log = log;
    this.#told = this.#kept;
    this.#seen = Math.max(this.#seen, position);
  }

  /**
   * Up to `to` something will not be delivered. It is not told again; what is left between comes all the
   * same, so this is not received yet.
   */
  lost(to: number): void {
    const { received } = this.#keeper.login;
    if (received === undefined || received.log !== this.#log) return;
    void this.#keeper.change({ received: { ...received, lost: to } }).catch(() => {});
  }

  /** Keeps one that has not come before, if there is room. */
  add(delivery: Delivery): void {
    if (delivery.seq <= this.#seen || this.#end !== undefined || this.#hasPassedOver) return;
    if (this.#waiting.length >= MOST_WAITING || this.#characters >= MOST_CHARACTERS) {
      this.#hasPassedOver = true;
      return;
    }
    this.#seen = delivery.seq;
    this.#waiting.push(delivery);
    this.#characters += charactersOf(delivery);
    this.#tell();
  }

  /** The next one; undefined when there will be none. @throws LineError why it ended */
  async take(): Promise<Delivery | undefined> {
    this.#isTaken = true;
    while (this.#waiting.length === 0 && this.#end === undefined && !this.#isOver) {
      if (this.#isComplete) this.#owner.untold();
      else if (this.#hasPassedOver) this.#owner.drained();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#end === undefined) {
      const delivery = this.#waiting.shift();
      if (delivery !== undefined) this.#characters -= charactersOf(delivery);
      return delivery;
    }
    if (this.#end.error !== undefined) throw this.#end.error;
    return undefined;
  }

  /** Whoever took them takes no more. */
  leave(): void {
    this.#isTaken = false;
  }

  /** Everything up to a seq is done with. Resolves when that would outlive a crash. */
  async confirm(seq: number): Promise<void> {
    const { received } = this.#keeper.login;
    if (this.#end !== undefined || received === undefined || received.log !== this.#log) return;
    // One that could not be kept is no more than asked for.
    if (seq <= this.#kept) return;
    const { log } = received;
    const upTo = Math.max(seq, received.seq);
    await this.#keeper.change({ received: { ...received, seq: upTo } });
    if (log !== this.#log) return;
    this.#kept = Math.max(this.#kept, upTo);
    this.#tellConfirmed(upTo);
  }

  /** What was written together is told together. */
  #tellConfirmed(seq: number): void {
    const isTold = this.#toTell !== undefined;
    this.#toTell = Math.max(seq, this.#toTell ?? 0);
    if (isTold) return;
    queueMicrotask(() => {
      const upTo = this.#toTell ?? seq;
      this.#toTell = undefined;
      if (this.#owner.confirmed(upTo)) this.#told = Math.max(upTo, this.#told);
    });
  }

  /** Nothing more will come; what is waiting is still given. */
  finish(): void {
    this.#isComplete = true;
    this.#tell();
  }

  /** The server has heard of all that is confirmed, as far as it can. */
  told(): void {
    this.#told = this.#kept;
    this.#tell();
  }

  /** Nothing more is given. */
  close(error?: LineError): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#waiting.length = 0;
    this.#tell();
  }

  /** Whether all has come, and the server knows what is confirmed of it. */
  get #isOver(): boolean {
    return this.#isComplete && this.#told >= this.#kept;
  }

  #tell(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

function charactersOf(delivery: Delivery): number {
  return delivery.kind === "message" ? delivery.body.length : delivery.text.length;
}
