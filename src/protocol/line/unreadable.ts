// Lines that cannot become text, kept in their place among the others: a lone surrogate, which no UTF-8
// decodes to, and how the line began.

import type { ErrorCode } from "../errors.ts";

export type UnreadableCode = Extract<ErrorCode, "bad-text" | "line-too-long">;

export const BAD_TEXT = "\ud800";
export const LINE_TOO_LONG = "\ud801";

/**
 * As much as is kept of such a line, in bytes: enough to see which send or request it was, also by a label
 * of 64 characters, each of them written as \uXXXX.
 */
export const HEAD_BYTES = 512;

export interface Unreadable {
  readonly code: UnreadableCode;
  readonly text: string;
  /** How it began, as Latin-1; empty where that is not known. */
  readonly head: string;
}

/** What is wrong with a line of this kind; undefined for every other line. */
export function unreadable(line: string): Unreadable | undefined {
  // Of a pair of surrogates, with which a line of text may begin, this is the character.
  switch (line.codePointAt(0)) {
    case 0xd800:
      return {
        code: "bad-text",
        text: "that line is not UTF-8 and was dropped",
        head: line.slice(1),
      };
    case 0xd801: {
      const text = "that line is longer than this server takes";
      return { code: "line-too-long", text, head: line.slice(1) };
    }
    default:
      return undefined;
  }
}
