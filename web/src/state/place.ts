// Which conversation is looked at: it is in the page's address, so that Back, reloading and links work.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { nameKey } from "../../../src/protocol/name-keys.ts";
import { isRecipient } from "../model/recipient.ts";

/** What the browser keeps with each address that was gone to. */
interface Visited {
  /** Who was here, as names are compared. */
  readonly by: string;
}

/** Who is here, as names are compared. */
let person: string | undefined;

const place: Signal<string> = signal(read());
addEventListener("hashchange", arrive);

/** A name or a room; empty for none. */
export const currentPlace: ReadonlySignal<string> = place;

export function goTo(shown: string): void {
  if (shown === place.peek()) return;
  location.hash = address(shown);
  arrive();
}

/** From now on this person goes to places, or nobody does. What another one has looked at is gone to no more. */
export function openPlaces(name: string | undefined): void {
  person = name === undefined ? undefined : nameKey(name);
  arrive();
}

function arrive(): void {
  if (person !== undefined) {
    const { by = person } = (history.state ?? {}) as Partial<Visited>;
    const url = by === person ? undefined : address("");
    history.replaceState({ by: person } satisfies Visited, "", url);
  }
  place.value = read();
}

function address(shown: string): string {
  return shown === "" ? "#/" : `#/${encodeURIComponent(shown)}`;
}

function read(): string {
  try {
    const shown = decodeURIComponent(location.hash.replace(/^#\/?/, ""));
    return isRecipient(shown) ? shown : "";
  } catch {
    return "";
  }
}
