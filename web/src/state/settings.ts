// What a person has chosen in this browser. It stays here, and other tabs follow.

import { effect, type Signal, signal } from "@preact/signals";

const PREFIX = "partyline ";

/** The name that was entered with last; empty when logged out. */
export const enteredName: Signal<string> = kept("name", "");

/** `auto`: as the browser says. */
export const chosenLanguage: Signal<string> = kept("language", "auto");

/** Whether mentions and direct messages are shown by the system. */
export const wantsNotifications: Signal<boolean> = kept("notifications", false);

/** Keys of conversations that notify of nothing. */
export const muted: Signal<readonly string[]> = kept("muted", []);

/** Whether members are shown beside a room. */
export const showsMembers: Signal<boolean> = kept("members", true);

/** What was being written, by the key of its conversation. */
export const drafts: Signal<Readonly<Record<string, string>>> = kept("drafts", {});

export function setDraft(key: string, text: string): void {
  const { [key]: before = "", ...others } = drafts.value;
  if (text !== before) drafts.value = text === "" ? others : { ...others, [key]: text };
}

/** What was taken back stands before what is being written since. */
export function prependDraft(key: string, text: string): void {
  const since = drafts.peek()[key];
  setDraft(key, since === undefined ? text : `${text}\n${since}`);
}

export function setMuted(key: string, on: boolean): void {
  const others = muted.value.filter((one) => one !== key);
  muted.value = on ? [...others, key] : others;
}

/** Forgets what belongs to the name that logs out. */
export function forgetPerson(): void {
  enteredName.value = "";
  drafts.value = {};
  muted.value = [];
}

function kept<T>(name: string, fallback: T): Signal<T> {
  const value = signal(read(name, fallback));
  let written = JSON.stringify(value.peek());
  effect(() => {
    const text = JSON.stringify(value.value);
    if (text === written) return;
    written = text;
    try {
      localStorage.setItem(PREFIX + name, text);
    } catch {
      // It is full, or not allowed: then it lasts as long as the page.
    }
  });
  addEventListener("storage", ({ key }) => {
    if (key !== PREFIX + name) return;
    const found = read(name, fallback);
    written = JSON.stringify(found);
    value.value = found;
  });
  return value;
}

function read<T>(name: string, fallback: T): T {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? fallback : (JSON.parse(text) as T);
  } catch {
    return fallback;
  }
}
