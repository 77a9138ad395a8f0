// The inbox: what came and was not taken yet, in order, and how far it is confirmed.

import type { EventFrame, MessageFrame } from "../protocol/json/server-frames.ts";
import type { LineError } from "./errors.ts";
import type { Keeper } from "./keeper.ts";

/** A message, as its receiver sees it. */
export interface Message extends MessageFrame {
  readonly kind: "message";
  /** Whether it was there already when this client logged in. */
  readonly isReplayed: boolean;
  /** Whether it is of this client's own name: from another device, or a note to oneself. */
  readonly isOwn: boolean;
}

/** Somebody joined a room, left it, was put out, or set its topic. */
export interface RoomEvent extends Omit<EventFrame, "kind"> {
  readonly kind: EventFrame["kind"];
  readonly isReplayed: boolean;
}

/** What comes, in rising seqs. */
export type Delivery = Message | RoomEvent;

/** With more than this waiting to be taken, nothing more is read: the server keeps it. */
export const MOST_WAITING = 10_000;

export class Inbox {
  readonly #keeper: Keeper;
  readonly #confirmed: (seq: number) => void;
  readonly #waiting: Delivery[] = [];
  #wake: (() => void) | undefined;
  #log = "";
  /** The highest seq that has come, taken or not. */
  #seen = 0;
  #end: { readonly error?: LineError } | undefined;
  /** Whether nothing more will come. */
  #isComplete = false;

  /** @param confirmed told when something is confirmed for good */
  constructor(keeper: Keeper, confirmed: (seq: number) => void) {
    this.#keeper = keeper;
    this.#confirmed = confirmed;
  }

  get isFull(): boolean {
    return this.#waiting.length >= MOST_WAITING;
  }

  /** Delivery begins above `position` of a log. */
  welcomed(log: string, position: number): void {
    const { received } = this.#keeper.stored;
    if (received?.log !== log) {
      this.#seen = position;
      void this.#keeper.change({ received: { log, seq: position } }).catch(() => {});
    }
    this.#log = log;
    this.#seen = Math.max(this.#seen, position);
  }

  /** @returns false for one that has come already */
  add(delivery: Delivery): boolean {
    if (delivery.seq <= this.#seen || this.#end !== undefined) return false;
    this.#seen = delivery.seq;
    this.#waiting.push(delivery);
    this.#tell();
    return true;
  }

  /** The next one; undefined when there will be none. @throws LineError why it ended */
  async take(): Promise<Delivery | undefined> {
    while (this.#waiting.length === 0 && this.#end === undefined && !this.#isComplete) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    if (this.#end === undefined) return this.#waiting.shift();
    if (this.#end.error !== undefined) throw this.#end.error;
    return undefined;
  }

  /** Everything up to a seq is done with. Resolves when that would outlive a crash. */
  async confirm(seq: number): Promise<void> {
    const { received } = this.#keeper.stored;
    if (
      this.#end !== undefined ||
      received === undefined ||
      received.log !== this.#log ||
      seq <= received.seq
    )
      return;
    await this.#keeper.change({ received: { log: received.log, seq } });
    this.#confirmed(seq);
  }

  /** Nothing more will come; what is waiting is still given. */
  finish(): void {
    this.#isComplete = true;
    this.#tell();
  }

  /** Nothing more is given. */
  close(error?: LineError): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#waiting.length = 0;
    this.#tell();
  }

  #tell(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
