// How clients compare names and rooms, and find them in texts: as the server does.

import { parseRecipient } from "./room.ts";
import { trimEnd } from "./trim-end.ts";

/** No name is longer, in UTF-16 units, however it is composed: 32 characters of two, each decomposed into at most four times as many (Unicode TR 15). */
const LONGEST_NAME = 256;

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
    for (const one of [word, trimEnd(word, ".-")]) {
      if (one.length <= LONGEST_NAME && nameKey(one) === key) return true;
    }
  }
  return false;
}
