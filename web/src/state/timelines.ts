// The timelines of the conversations that were looked at, and the loading of what lies beyond their ends.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Delivery, HistoryPart } from "../../../src/client/index.ts";
import type { Calls } from "../line/messages.ts";
import type { Conversation } from "../model/conversations.ts";
import {
  append,
  EMPTY,
  extend,
  hasNext,
  prepend,
  type Shown,
  shownOf,
  type Timeline,
} from "../model/timeline.ts";

/** Messages and events that are asked for at once. */
const PAGE = 60;

/** As many timelines are kept; those that were looked at longest ago are loaded again. */
const MOST_TIMELINES = 20;

export interface TimelineState {
  readonly timeline: Timeline;
  /** Whether it is what was kept of a former visit, or nothing yet, and may lack what came since. */
  readonly isKept: boolean;
  readonly loading: "first" | "older" | "newer" | undefined;
  /** Whether the last load was refused: it is not tried again by itself. */
  readonly hasFailed: boolean;
  /**
   * Messages of others above this seq are new to who looks at it now: a line is drawn there. It is set when
   * one comes to what is unread, or when something comes that one does not see at once; it stays while that
   * is read, until one answers or comes again. Infinity when nothing is new.
   */
  readonly newAbove: number;
  /** How many they were then. */
  readonly newCount: number;
  /** What is jumped to: it is scrolled to once, and stands out until one leaves. */
  readonly jump: { readonly seq: number; readonly isDone: boolean } | undefined;
  /** Whether its end is looked at. */
  readonly isFollowing: boolean;
  /** Whether one has just come here, and what is new is not put into view yet. */
  readonly isArriving: boolean;
}

const NEW: TimelineState = {
  timeline: EMPTY,
  isKept: false,
  loading: undefined,
  hasFailed: false,
  newAbove: Infinity,
  newCount: 0,
  jump: undefined,
  isFollowing: true,
  isArriving: false,
};

const NONE: ReadonlySignal<TimelineState> = signal(NEW);

export class Timelines {
  readonly #history: Calls["history"];
  /** The newest message of a conversation that is known of. */
  readonly #newest: (key: string) => number;
  readonly #states = new Map<string, Signal<TimelineState>>();
  /** What is being loaded of each. */
  readonly #loads = new Map<string, symbol>();
  /** The one that is looked at. */
  #here = "";

  constructor(history: Calls["history"], newest: (key: string) => number) {
    this.#history = history;
    this.#newest = newest;
  }

  /** What is known of one. It is visited before it is shown, and kept for as long as it is. */
  at(key: string): ReadonlySignal<TimelineState> {
    return this.#states.get(key) ?? NONE;
  }

  /** What was kept of a former visit: shown until the server can be asked. */
  restore(kept: Iterable<readonly [key: string, timeline: Timeline]>): void {
    for (const [key, timeline] of kept) {
      this.#states.set(key, signal({ ...NEW, timeline, isKept: true }));
    }
  }

  /** The end of each that is known, the one that was looked at last first. */
  *newest(count: number): Generator<readonly [key: string, timeline: Timeline]> {
    for (const [key, state] of [...this.#states].toReversed()) {
      const { items, hasOlder, isAtEnd } = state.peek().timeline;
      if (!isAtEnd || items.length === 0) continue;
      const kept = {
        items: items.slice(-count),
        hasOlder: hasOlder || items.length > count,
        isAtEnd,
      };
      yield [key, kept];
    }
  }

  /**
   * Begins to look at a conversation, where the first new message is.
   * @param isLearned whether the server has told what is new; once it has, this comes again
   */
  visit({ key, shown, read, unread }: Conversation, isLearned: boolean): void {
    const isAgain = this.#here === key;
    this.#here = key;
    const { timeline, isKept, jump, isFollowing } = this.#touch(key).peek();
    const isJumping = jump?.isDone === false;
    this.#patch(key, {
      isKept: isKept || !isLearned,
      newAbove: unread > 0 ? read : Infinity,
      newCount: unread,
      jump: isJumping ? jump : undefined,
      // Who has gone elsewhere in it meanwhile stays there.
      isArriving: !isJumping && (isFollowing || !isAgain),
    });
    if (isJumping || !isLearned) return;
    const isNew = isKept || timeline.items.length === 0;
    if (unread > 0 && (isNew || !hasNext(timeline, read)))
      void this.#load(key, "first", () => this.#around(key, shown, read)).catch(() => {});
    else if (isNew) void this.loadNewest(key, shown).catch(() => {});
  }

  /** What was jumped to is in view. */
  jumped(key: string): void {
    const { jump } = this.at(key).peek();
    if (jump !== undefined) this.#patch(key, { jump: { ...jump, isDone: true } });
  }

  /** What is new is in view. */
  arrived(key: string): void {
    this.#patch(key, { isArriving: false });
  }

  /** So many came above a seq, and are not seen yet. */
  came(key: string, newAbove: number, newCount: number): void {
    this.#patch(key, { newAbove, newCount });
  }

  /** What was refused may be asked for again. */
  retry(key: string): void {
    if (this.at(key).peek().hasFailed) this.#patch(key, { hasFailed: false });
  }

  follow(key: string, isFollowing: boolean): void {
    if (this.at(key).peek().isFollowing !== isFollowing) this.#patch(key, { isFollowing });
  }

  /** What comes is shown where somebody looks, or has looked. */
  deliver(key: string, deliveries: readonly Delivery[]): void {
    const { timeline, isFollowing, isKept, loading } = this.at(key).peek();
    // It is asked for as a whole, now or when one comes back to it.
    if (isKept || loading === "first") return;
    let next = timeline;
    for (const delivery of deliveries) next = append(next, shownOf(delivery), isFollowing);
    this.#patch(key, { timeline: next });
  }

  /** A message of one's own is in the log; who answers has seen what was new. */
  add(key: string, item: Shown): void {
    const { timeline } = this.at(key).peek();
    this.#patch(key, { timeline: append(timeline, item, true), newAbove: Infinity });
  }

  /** Goes to its end, wherever one is when that is there. */
  async toNewest(key: string, shown: string): Promise<void> {
    this.follow(key, true);
    if (!this.at(key).peek().timeline.isAtEnd) {
      await this.loadNewest(key, shown, { isFollowing: true });
    }
  }

  /** @param then what else holds when it is there */
  async loadNewest(key: string, shown: string, then?: Partial<TimelineState>): Promise<void> {
    const load = async (): Promise<Timeline> => {
      const { items, more } = await this.#page(shown, {});
      // What came while they were asked for is asked for, too.
      return { items, hasOlder: more, isAtEnd: this.#reaches(key, items) };
    };
    await this.#load(key, "first", load, then);
    if (!this.at(key).peek().timeline.isAtEnd) await this.loadNewer(key, shown);
  }

  async loadOlder(key: string, shown: string): Promise<void> {
    const [first] = this.at(key).peek().timeline.items;
    if (first === undefined) return;
    await this.#load(key, "older", async () => {
      const { items, more } = await this.#page(shown, { before: first.seq });
      const { timeline } = this.at(key).peek();
      // What came meanwhile may have pushed out what the page would lie before.
      const isNext = timeline.items[0]?.seq === first.seq;
      return isNext ? prepend(timeline, items, more) : timeline;
    });
  }

  async loadNewer(key: string, shown: string): Promise<void> {
    const last = this.at(key).peek().timeline.items.at(-1);
    if (last === undefined) return;
    await this.#load(key, "newer", async () => {
      const { items, more } = await this.#page(shown, { after: last.seq });
      return extend(this.at(key).peek().timeline, items, more || !this.#reaches(key, items));
    });
  }

  /** Shows what lies around a seq, and scrolls there, now or as soon as one is there. */
  async jumpTo(key: string, shown: string, seq: number): Promise<void> {
    const state = this.#touch(key);
    const { timeline, isKept } = state.peek();
    this.#patch(key, { jump: { seq, isDone: false } });
    if (isKept || !timeline.items.some((item) => item.seq === seq)) {
      try {
        await this.#load(key, "first", () => this.#around(key, shown, seq));
      } catch (error) {
        this.#patch(key, { jump: undefined });
        throw error;
      }
    }
    // The first one at or above it: it may be an event that is not shown, or gone.
    const found = state.peek().timeline.items.find((item) => item.seq >= seq);
    const { jump } = state.peek();
    if (jump?.seq !== seq || found?.seq === seq) return;
    this.#patch(key, { jump: found && { ...jump, seq: found.seq } });
  }

  /** Everything is loaded again: something of the log will not be delivered. */
  forget(): void {
    this.#loads.clear();
    for (const state of this.#states.values()) state.value = NEW;
  }

  async #around(key: string, shown: string, seq: number): Promise<Timeline> {
    const [before, after] = await Promise.all([
      this.#page(shown, { before: seq + 1 }),
      this.#page(shown, { after: seq }),
    ]);
    const items = [...before.items, ...after.items];
    const isAtEnd = !after.more && this.#reaches(key, items);
    return { items, hasOlder: before.more, isAtEnd };
  }

  #reaches(key: string, items: readonly Shown[]): boolean {
    return (items.at(-1)?.seq ?? Infinity) >= this.#newest(key);
  }

  async #load(
    key: string,
    loading: NonNullable<TimelineState["loading"]>,
    load: () => Promise<Timeline>,
    then: Partial<TimelineState> = {},
  ): Promise<void> {
    if (this.#touch(key).peek().loading !== undefined && loading !== "first") return;
    // Where one goes now counts, not what was asked for before.
    const mine = Symbol(loading);
    this.#loads.set(key, mine);
    const isWanted = (): boolean => this.#loads.get(key) === mine;
    this.#patch(key, { loading });
    try {
      const timeline = await load();
      if (isWanted()) this.#patch(key, { ...then, timeline, isKept: false, hasFailed: false });
    } catch (error) {
      if (isWanted()) this.#patch(key, { hasFailed: true });
      throw error;
    } finally {
      if (isWanted()) {
        this.#loads.delete(key);
        this.#patch(key, { loading: undefined });
      }
    }
  }

  /** Has it in any case, as the last one that goes. */
  #touch(key: string): ReadonlySignal<TimelineState> {
    const found = this.#states.get(key) ?? signal(NEW);
    this.#states.delete(key);
    this.#states.set(key, found);
    for (const oldest of this.#states.keys()) {
      if (this.#states.size <= MOST_TIMELINES) break;
      if (oldest !== this.#here) this.#states.delete(oldest);
    }
    return found;
  }

  /** What was let go meanwhile stays so. */
  #patch(key: string, part: Partial<TimelineState>): void {
    const state = this.#states.get(key);
    if (state !== undefined) state.value = { ...state.peek(), ...part };
  }

  async #page(shown: string, part: HistoryPart): Promise<{ items: Shown[]; more: boolean }> {
    const { deliveries, more } = await this.#history(shown, { ...part, limit: PAGE });
    return { items: deliveries.map(shownOf), more };
  }
}
