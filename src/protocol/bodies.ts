// Bodies: the text of messages, and several of them packed into one string so that the hot path
// never touches them one by one.

import { ChatError } from "./errors.ts";

/**
 * Separates packed bodies. It is a control character (U+001E, record separator), and control
 * characters other than tab and newline are refused in bodies, so no body can contain it.
 */
export const SEPARATOR = "\u001e";

/** Control characters that no body may contain: all of C0 and C1 but tab and newline, and DEL. */
export const FORBIDDEN: RegExp = /[\0-\x08\x0b-\x1f\x7f-\x9f]/;

/**
 * Checks one body at an entrance.
 * @throws ChatError `bad-body` for control characters other than tab and newline, and for lone surrogates
 */
export function checkBody(body: string): void {
  if (FORBIDDEN.test(body) || !body.isWellFormed()) {
    throw new ChatError("bad-body", "a message may contain no control characters but tabs");
  }
}

/** Packs bodies that have been checked. The inverse of `unpackBodies`, for at least one body. */
export function packBodies(bodies: readonly string[]): string {
  return bodies.join(SEPARATOR);
}

export function unpackBodies(packed: string): string[] {
  return packed.split(SEPARATOR);
}

/** The bodies from index `start` up to, not including, `end`, still packed. */
export function sliceBodies(packed: string, start: number, end: number): string {
  return packBodies(unpackBodies(packed).slice(start, end));
}
