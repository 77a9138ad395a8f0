// What is shown without a connection when the page is opened again: the conversations, and the newest of
// those that were looked at. Everything else is on the server.

import { effect, type ReadonlySignal } from "@preact/signals";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import type { Conversation, Conversations } from "../model/conversations.ts";
import type { Timeline } from "../model/timeline.ts";
import { drafts } from "./own.ts";
import { forgetKept, keep, readKept } from "./storage.ts";
import type { Timelines } from "./timelines.ts";

/** What is looked at: a chat. */
interface Viewed {
  readonly conversations: ReadonlySignal<Conversations>;
  readonly timelines: Pick<Timelines, "newest">;
  /** Whether it is more than what was kept. */
  readonly isLearned: ReadonlySignal<boolean>;
}

export interface View {
  readonly conversations: readonly Conversation[];
  /** By the keys of their conversations. */
  readonly timelines: readonly (readonly [key: string, timeline: Timeline])[];
}

/** Items that are kept of a conversation. */
const MOST_ITEMS = 50;
/** Characters that are kept in all: browsers give a site about five million. */
const MOST_TEXT = 1_000_000;
/** Kept at most so often, in ms. */
const PAUSE = 2_000;

export function readView(name: string): View | undefined {
  const view = readKept<View | undefined>(placeOf(name), undefined);
  // An older build kept them otherwise.
  return Array.isArray(view?.timelines) ? view : undefined;
}

export function forgetView(name: string): void {
  forgetKept(placeOf(name));
}

/** Keeps it whenever something changes, until it is ended. */
export function keepView(name: string, viewed: Viewed): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (viewed.isLearned.peek()) writeView(name, viewed);
  };
  const end = effect(() => {
    void viewed.conversations.value;
    timer ??= setTimeout(write, PAUSE);
  });
  addEventListener("pagehide", write);
  return () => {
    end();
    clearTimeout(timer);
    removeEventListener("pagehide", write);
  };
}

function writeView(name: string, viewed: Viewed): void {
  const timelines: (readonly [string, Timeline])[] = [];
  let left = MOST_TEXT;
  for (const [key, timeline] of viewed.timelines.newest(MOST_ITEMS)) {
    left -= JSON.stringify(timeline).length;
    if (left < 0) break;
    timelines.push([key, timeline]);
  }
  // Whoever was only looked up, and rooms that one is not in, are not kept.
  const conversations = [...viewed.conversations.peek().values()].filter(
    ({ key, isMember, isRoom, last }) =>
      isRoom ? isMember : last !== undefined || drafts.peek().has(key),
  );
  const view: View = { conversations, timelines };
  keep(placeOf(name), view);
}

function placeOf(name: string): string {
  return `view ${nameKey(name)}`;
}
