// Which conversation is looked at: it is in the page's address, so that Back, reloading and links work.

import { type ReadonlySignal, type Signal, signal } from "@preact/signals";

const place: Signal<string> = signal(read());
addEventListener("hashchange", () => (place.value = read()));

/** A name or a room; empty for none. */
export const currentPlace: ReadonlySignal<string> = place;

export function goTo(shown: string): void {
  if (shown === place.peek()) return;
  location.hash = shown === "" ? "/" : `/${encodeURIComponent(shown)}`;
  place.value = shown;
}

function read(): string {
  try {
    return decodeURIComponent(location.hash.replace(/^#\/?/, ""));
  } catch {
    return "";
  }
}
