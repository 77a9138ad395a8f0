// Between what others wrote and the screen: whatever could move the cursor, set a title, paint, or turn
// the order of the letters around is taken out of names, topics and bodies here, once, before they are kept.

import { withoutTabs } from "./width.ts";

/** A whole control sequence, in its 7-bit and 8-bit forms: ECMA-48 (CSI), OSC and other strings, two-byte escapes. */
const SEQUENCE =
  /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0007\u001B\u009C]*(?:\u0007|\u009C|\u001B\\)?|\u001B[ -/]*[0-~]/g;

/** What is left of the controls, a lone escape among them; tabs and line ends are dealt with for themselves. */
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

/**
 * What turns direction around (UAX #9), and what is seen nowhere and only upsets widths. The joiners U+200C and U+200D
 * stay, since scripts and emoji need them. The letters of right-to-left scripts have their direction in themselves.
 */
const INVISIBLE =
  /[\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/g;

/** The longest run of marks that ordinary text has: 30, the bound of the Stream-Safe Text Format (UAX #15). */
const TOO_MANY_MARKS = /(\p{M}{30})\p{M}+/gu;

/** Of a body: lines stay lines, everything else that a terminal would obey is gone. */
export function sanitizeBody(text: string): string {
  return withoutTabs(sanitizePaste(text));
}

/** Of what is pasted to be sent: its tabs are kept. */
export function sanitizePaste(text: string): string {
  return text
    .toWellFormed()
    .replace(SEQUENCE, "")
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, "\n")
    .replace(CONTROL, "")
    .replace(INVISIBLE, "")
    .replace(TOO_MANY_MARKS, "$1");
}

/** Of a name, a topic or a reason: as a body, and it is one line. */
export function sanitizeLine(text: string): string {
  return sanitizeBody(text).replace(/\n+/g, " ");
}
