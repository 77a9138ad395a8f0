// Lines that cannot become text, kept in their place among the others: lone surrogates, which no
// UTF-8 decodes to.

import type { ErrorCode } from "../errors.ts";

export type UnreadableCode = Extract<ErrorCode, "bad-text" | "line-too-long">;

export const BAD_TEXT = "\ud800";
export const LINE_TOO_LONG = "\ud801";

/** What is wrong with a line of this kind; undefined for every other line. */
export function unreadable(line: string): { code: UnreadableCode; text: string } | undefined {
  switch (line) {
    case BAD_TEXT:
      return { code: "bad-text", text: "that line is not UTF-8 and was dropped" };
    case LINE_TOO_LONG:
      return { code: "line-too-long", text: "that line is longer than this server takes" };
    default:
      return undefined;
  }
}
