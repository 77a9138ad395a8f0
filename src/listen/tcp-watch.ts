// Looks at the system's TCP table for all line connections of a server at once: about once a
// second, and only while one of them has bytes of which it is not known whether they arrived.

import type { Clock } from "../broker/clock.ts";
import { openTcpTable, type TcpRow, type TcpTable } from "./tcp-table.ts";

/** Something that wants to know what became of its bytes. */
export interface Watched {
  /** From `tcpKey`; stays the same while it is watched. */
  readonly tcpKey: string;
  /** A look begins: it will tell about what has been handed to the system by now. */
  beforeLook(): void;
  /**
   * The look is over: always after its `beforeLook`, never after `unwatch`.
   * @param row undefined where the system does not tell, and when it showed no such connection, of
   *   which `Liveness` knows what it means
   */
  looked(row: TcpRow | undefined): void;
}

type WatchClock = Pick<Clock, "now" | "after">;

export interface TcpWatchOptions {
  /** Undefined where the system does not tell. */
  readonly table?: TcpTable | undefined;
  readonly clock?: WatchClock;
  /** Told of a failed read, and of errors of those who are watched. */
  readonly report?: (error: Error) => void;
}

/** Between two looks, in ms. */
const LOOK_EVERY = 1000;

/** Between two looks that were asked for, in ms. */
const SOON_AFTER = 20;

/** Connections that are told in one turn of the event loop. */
const TOLD_PER_TURN = 500;

export class TcpWatch {
  readonly #clock: WatchClock;
  readonly #report: (error: Error) => void;
  readonly #watched = new Map<string, Watched>();
  #table: TcpTable | undefined;
  #timer: { readonly at: number; cancel(): void } | undefined;
  #looking: Promise<void> | undefined;
  #nextLook: Promise<void> | undefined;
  #isWantedSoon = false;
  /** When a look that was asked for may begin, by the clock. */
  #restedAt = 0;

  constructor(options: TcpWatchOptions = {}) {
    this.#table = "table" in options ? options.table : openTcpTable();
    this.#clock = options.clock ?? quietClock;
    this.#report = options.report ?? ((error) => process.emitWarning(error));
  }

  /** Whether the system tells. Where it does not, looks go on, and tell `undefined`. */
  get supported(): boolean {
    return this.#table !== undefined;
  }

  /** Looks for this connection too, from the next look on. */
  watch(connection: Watched): void {
    // Of two with the same addresses the older is dead: the system has only one.
    this.#watched.set(connection.tcpKey, connection);
    this.#schedule(this.#clock.now() + LOOK_EVERY);
  }

  unwatch(connection: Watched): void {
    if (!this.#isWatched(connection)) return;
    this.#watched.delete(connection.tcpKey);
    if (this.#watched.size === 0) this.#stopTimer();
  }

  /** Asks for a look before the next regular one. */
  lookSoon(): void {
    this.#isWantedSoon = true;
    this.#schedule(Math.max(this.#restedAt, this.#clock.now()));
  }

  /** Looks now. @returns when all that were watched when the look began have been told */
  look(): Promise<void> {
    if (this.#looking === undefined) return this.#begin();
    // The one under way may have missed what was written since; one more is for all who ask.
    this.#nextLook ??= this.#looking.then(() => this.#begin());
    return this.#nextLook;
  }

  /** Gives the table back. Nobody is told anything any more. */
  async close(): Promise<void> {
    this.#watched.clear();
    this.#stopTimer();
    await this.#looking;
    this.#giveUp();
  }

  #begin(): Promise<void> {
    this.#stopTimer();
    this.#nextLook = undefined;
    this.#isWantedSoon = false;
    const began = this.#clock.now();
    this.#looking = this.#look().finally(() => {
      const now = this.#clock.now();
      this.#looking = undefined;
      this.#restedAt = now + Math.max(SOON_AFTER, now - began);
      this.#schedule(this.#isWantedSoon ? this.#restedAt : now + LOOK_EVERY);
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const watched = new Map(this.#watched);
    for (const connection of watched.values()) this.#guard(() => connection.beforeLook());
    const rows = await this.#read(watched);
    let told = 0;
    for (const [key, connection] of watched) {
      if (this.#isWatched(connection)) this.#guard(() => connection.looked(rows?.get(key)));
      if (++told % TOLD_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #read(wanted: ReadonlyMap<string, Watched>): ReturnType<TcpTable["read"]> {
    try {
      const rows = await this.#table?.read(wanted);
      if (rows === undefined) this.#giveUp();
      return rows;
    } catch (error) {
      this.#report(error as Error);
      this.#giveUp();
      return undefined;
    }
  }

  #giveUp(): void {
    this.#table?.close();
    this.#table = undefined;
  }

  #isWatched(connection: Watched): boolean {
    return this.#watched.get(connection.tcpKey) === connection;
  }

  #schedule(at: number): void {
    if (this.#watched.size === 0 || this.#looking !== undefined) return;
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#stopTimer();
    const timer = this.#clock.after(Math.max(0, at - this.#clock.now()), () => void this.look());
    this.#timer = { at, cancel: () => timer.cancel() };
  }

  #stopTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** One connection's mistake does not keep the others from hearing. */
  #guard(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#report(error as Error);
    }
  }
}

/** Does not jump with the time of day, and does not keep the process alive. */
const quietClock: WatchClock = {
  now: () => performance.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};
