// What is of the person who is here, kept in this browser by name: what is being written, and which
// conversations notify of nothing.

import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import { forgetKept, keep, onKept, readKept } from "./storage.ts";

const texts: Signal<ReadonlyMap<string, string>> = signal(new Map());
const silent: Signal<readonly string[]> = signal([]);

/** What is being written in this tab, by the key of its conversation. What other tabs keep is for the next start. */
export const drafts: ReadonlySignal<ReadonlyMap<string, string>> = texts;

/** Keys of conversations that notify of nothing; in all tabs. */
export const muted: ReadonlySignal<readonly string[]> = silent;

/** Who is here, as names are compared. */
let person: string | undefined;
/** Whose drafts this tab has changed. */
const changed = new Set<string>();

const draftsPlace = (): string => `drafts ${person}`;
const mutedPlace = (): string => `muted ${person}`;

/** Has what was kept of a name, and of nobody else. */
export function openOwn(name: string | undefined): void {
  person = name === undefined ? undefined : nameKey(name);
  changed.clear();
  batch(() => {
    texts.value = person === undefined ? new Map() : keptDrafts();
    silent.value = person === undefined ? [] : readKept(mutedPlace(), []);
  });
}

/** Forgets what is of who is here. */
export function forgetOwn(): void {
  if (person === undefined) return;
  forgetKept(draftsPlace());
  forgetKept(mutedPlace());
  openOwn(undefined);
}

export function setDraft(key: string, text: string): void {
  if (text === (texts.value.get(key) ?? "")) return;
  texts.value = withText(texts.value, key, text);
  changed.add(key);
  keepDrafts([key]);
}

/** What was taken back stands before what is being written since. */
export function prependDraft(key: string, text: string): void {
  const since = texts.peek().get(key);
  setDraft(key, since === undefined ? text : `${text}\n${since}`);
}

export function setMuted(key: string, on: boolean): void {
  const others = silent.value.filter((one) => one !== key);
  silent.value = on ? [...others, key] : others;
  if (person !== undefined) keep(mutedPlace(), silent.value);
}

onKept(
  (name) => person !== undefined && name === mutedPlace(),
  () => (silent.value = readKept(mutedPlace(), [])),
);

// Another tab may have emptied since what is still being written here.
addEventListener("pagehide", () => keepDrafts(changed));

/** Those of other tabs stay. */
function keepDrafts(keys: Iterable<string>): void {
  if (person === undefined) return;
  let all: ReadonlyMap<string, string> = keptDrafts();
  for (const key of keys) all = withText(all, key, texts.peek().get(key) ?? "");
  keep(draftsPlace(), [...all]);
}

function keptDrafts(): ReadonlyMap<string, string> {
  return new Map(readKept<readonly [string, string][]>(draftsPlace(), []));
}

function withText(
  all: ReadonlyMap<string, string>,
  key: string,
  text: string,
): ReadonlyMap<string, string> {
  const changedOnes = new Map(all);
  if (text === "") changedOnes.delete(key);
  else changedOnes.set(key, text);
  return changedOnes;
}
