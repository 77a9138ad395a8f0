// Rows on a real terminal, by way of Ink: what is printed goes to the terminal's own scrollback, and the last lines
// are drawn again. It holds no state: it draws what it is given, and hands on what is typed.

import { Box, Static, Text, useCursor, useInput, usePaste } from "ink";
import { createElement, Fragment, type ReactElement } from "react";
import { colourOf, type Depth } from "./colours.ts";
import { type Key, readKeys } from "./keys.ts";
import type { Piece, Row } from "./rows.ts";
import type { Screen } from "./screen.ts";

export interface ViewProps {
  readonly screen: Screen;
  /** What is printed with this drawing, and a number that is another one whenever there is something new. */
  readonly printed: readonly Row[];
  readonly generation: number;
  readonly depth: Depth;
  readonly onKeys: (keys: readonly Key[]) => void;
  readonly onPaste: (text: string) => void;
}

export function View(props: ViewProps): ReactElement {
  const { screen, printed, generation, depth } = props;
  useInput((input, key) => props.onKeys(readKeys(input, key)));
  usePaste((text) => props.onPaste(text));
  useCursor().setCursorPosition(screen.cursor);
  const draw = (row: Row, at: number): ReactElement => drawRow(row, at, depth);
  return createElement(
    Fragment,
    undefined,
    // Each has its own list, so that what was printed is let go of.
    createElement(Static<Row>, { key: generation, items: [...printed], children: draw }),
    createElement(Box, { flexDirection: "column" }, ...screen.rows.map(draw)),
  );
}

function drawRow(row: Row, at: number, depth: Depth): ReactElement {
  const pieces = row.map((piece, index) => drawPiece(piece, index, depth));
  // A row that is empty would be no row at all.
  const isEmpty = row.every(({ text }) => text === "");
  return createElement(Text, { key: at, wrap: "truncate" }, ...(isEmpty ? [" "] : pieces));
}

function drawPiece(piece: Piece, key: number, depth: Depth): ReactElement {
  const { text, isDim, isBold, isInverse } = piece;
  const colour = piece.colourOf === undefined ? undefined : colourOf(piece.colourOf, depth);
  const style = {
    ...(colour !== undefined && { color: colour }),
    ...(isDim === true && { dimColor: true }),
    ...(isBold === true && { bold: true }),
    ...(isInverse === true && { inverse: true }),
  };
  return createElement(Text, { key, ...style }, text);
}
