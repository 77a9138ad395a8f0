// What a screen reader is told, politely: the one live region of the page shows it.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type { Message } from "../../../src/client/index.ts";
import { words } from "../words/words.ts";

/** More messages at once are counted, not read. */
const MOST_READ = 3;

/** What was said before is said again with this at its end: what does not change is not spoken. */
const AGAIN = "\u00a0";

const said: Signal<string> = signal("");

export const announcement: ReadonlySignal<string> = said;

export function announce(text: string): void {
  said.value = text === said.peek() ? text + AGAIN : text;
}

/** Messages that came where one is, from others. */
export function announceMessages(messages: readonly Message[]): void {
  if (messages.length === 0) return;
  if (messages.length > MOST_READ) return announce(words.value.timeline.came(messages.length));
  announce(messages.map(({ from, body }) => `${from}: ${body}`).join("\n"));
}
