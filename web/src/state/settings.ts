// What a person has chosen in this browser. It stays here, and other tabs follow.

import { effect, type Signal, signal } from "@preact/signals";
import { keep, onKept, readKept } from "./storage.ts";

/** The name that was entered with last; empty when logged out. */
export const enteredName: Signal<string> = kept("name", "");

/** `auto`: as the browser says. */
export const chosenLanguage: Signal<string> = kept("language", "auto");

/** Whether mentions and direct messages are shown by the system. */
export const wantsNotifications: Signal<boolean> = kept("notifications", false);

/** Whether members are shown beside a room. */
export const showsMembers: Signal<boolean> = kept("members", true);

function kept<T>(name: string, fallback: T): Signal<T> {
  const value = signal(readKept(name, fallback));
  let written = JSON.stringify(value.peek());
  effect(() => {
    const text = JSON.stringify(value.value);
    if (text === written) return;
    written = text;
    keep(name, value.peek());
  });
  onKept(
    (one) => one === name,
    () => {
      const found = readKept(name, fallback);
      written = JSON.stringify(found);
      value.value = found;
    },
  );
  return value;
}
