// Rows of the screen, still without any terminal's codes: what both the transcript and the last lines are made of.

import { cut, widthOf } from "./width.ts";

/** A piece of a row. */
export interface Piece {
  readonly text: string;
  /** The key of the name whose colour it has. */
  readonly colourOf?: string;
  readonly isDim?: boolean;
  readonly isBold?: boolean;
  readonly isInverse?: boolean;
}

export type Row = readonly Piece[];

export function rowText(row: Row): string {
  return row.map(({ text }) => text).join("");
}

export function rowWidth(row: Row): number {
  return widthOf(rowText(row));
}

/** The row, cut where the screen ends. */
export function cutRow(row: Row, columns: number): Row {
  const kept: Piece[] = [];
  let left = columns;
  for (const piece of row) {
    const width = widthOf(piece.text);
    if (width > left) {
      kept.push({ ...piece, text: cut(piece.text, left) });
      break;
    }
    kept.push(piece);
    left -= width;
  }
  return kept;
}
