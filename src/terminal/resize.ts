// When a terminal becomes narrower it may break the last lines into more rows than were drawn. What draws them again
// would erase too few, so the rest is erased here, before that.

import type { Screen } from "./screen.ts";
import { rowWidth } from "./rows.ts";

/**
 * What to write before the last lines are erased and drawn again: erases them as they stand now, and leaves the
 * cursor as far below their first row as it was.
 * @param screen as it was drawn
 */
export function beforeRedraw(screen: Screen, columns: number): string {
  const { rows, cursor } = screen;
  const rowsOf = (width: number): number => Math.max(1, Math.ceil(width / columns));
  const above = rows.slice(0, cursor.y).reduce((sum, row) => sum + rowsOf(rowWidth(row)), 0);
  const up = above + Math.floor(cursor.x / columns);
  return `${up > 0 ? `\u001B[${up}A` : ""}\r\u001B[J${"\n".repeat(cursor.y)}`;
}

/**
 * Whether a terminal breaks the rows that it shows when it becomes narrower. Most do; those that cut them off are
 * screen (which has no variable of its own but this one), xterm, and the consoles of Linux.
 */
export function breaksRows(environment: Readonly<Record<string, string | undefined>>): boolean {
  if (environment["TMUX"] !== undefined) return true;
  const { STY: screen, XTERM_VERSION: xterm, TERM: term = "" } = environment;
  return screen === undefined && xterm === undefined && term !== "linux";
}
