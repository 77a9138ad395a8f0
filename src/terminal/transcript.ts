// From a line of the transcript to rows of the screen: what is printed once and then belongs to the terminal.

import { formatDay, formatTime, type Line, type MessageEntry } from "./lines.ts";
import { nameKey } from "../protocol/name-keys.ts";
import { type Piece, type Row, rowWidth } from "./rows.ts";
import { wrap } from "./width.ts";

/** How far the further rows of a message stand in: below its name. */
const INDENT = "      ";

/** Narrower than this nothing is of use; a screen that says less is taken for this wide. */
const NARROWEST = 20;

const DIM = { isDim: true } as const;
const BOLD = { isBold: true } as const;

export function formatLine(line: Line, columns: number): Row[] {
  const width = Math.max(columns, NARROWEST);
  switch (line.kind) {
    case "message":
      return formatMessage(line, width);
    case "event":
      return filled([{ text: `${formatTime(line.at)} `, isDim: true }], line.text, width, DIM);
    case "heading":
      return filled([{ text: "── ", isDim: true }], line.text, width, BOLD);
    case "day":
      return [[{ text: `── ${formatDay(line.at)} ──`, isDim: true }]];
    case "unread":
      return [[{ text: "── unread ──", isBold: true }]];
    case "note":
      return filled([{ text: "* ", isDim: true }], line.text, width, {});
    case "error":
      return filled([{ text: "! ", isBold: true }], line.text, width, BOLD);
  }
}

function formatMessage(message: MessageEntry, width: number): Row[] {
  const { at, from, body, isMention, wasWaiting } = message;
  const rows = filled(
    [
      { text: `${formatTime(at)} `, isDim: true },
      { text: from, colourOf: nameKey(from), isBold: true },
      { text: ": " },
    ],
    body,
    width,
    isMention ? BOLD : {},
  );
  if (wasWaiting !== true) return rows;
  const mark: Piece = { text: "  sent", isDim: true };
  const last = rows.at(-1) ?? [];
  const fits = rowWidth(last) + mark.text.length <= width;
  return fits
    ? [...rows.slice(0, -1), [...last, mark]]
    : [...rows, [{ text: `${INDENT}sent`, isDim: true }]];
}

/** A head, and beside it a text; its further rows stand in a little. */
function filled(
  head: readonly Piece[],
  text: string,
  width: number,
  style: Omit<Piece, "text">,
): Row[] {
  const indent = width > 3 * INDENT.length ? INDENT : "";
  const taken = rowWidth(head) - indent.length;
  const [first = "", ...rest] = wrap(text, width - indent.length, taken);
  return [
    [...head, { text: first, ...style }],
    ...rest.map((row): Row => [{ text: indent + row, ...style }]),
  ];
}
