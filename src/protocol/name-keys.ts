// How clients compare names and rooms, and find them in texts: as the server does.

import { parseRecipient } from "./room.ts";

/** `bob` and `Bob` have one key, `#ops` and `ops` two. What is no name is its own key, and the server will say so. */
export function nameKey(text: string): string {
  try {
    return parseRecipient(text).key;
  } catch {
    return text;
  }
}

/** Whether a text has this name in it as a word of its own, in whatever case. */
export function mentions(text: string, key: string): boolean {
  for (const [word] of text.matchAll(/[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.-]*/gu)) {
    // `bob.` at the end of a sentence names bob, although a name may end with a dot.
    if (nameKey(word) === key || nameKey(word.replace(/[.-]+$/, "")) === key) return true;
  }
  return false;
}
