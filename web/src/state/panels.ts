// Which of the panels is open that lie over the conversation.

import { type Signal, signal } from "@preact/signals";

export type Panel = "switcher" | "search" | "settings" | "help";

export const panel: Signal<Panel | undefined> = signal(undefined);

/** What is searched for when the panel opens. */
export const sought: Signal<string> = signal("");

export function openSearch(words: string): void {
  sought.value = words;
  panel.value = "search";
}
