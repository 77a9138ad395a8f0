// When a terminal becomes narrower it may break the last lines into more rows than were drawn. What draws them again
// would erase too few, so the rest is erased here, before that.

import type { Screen } from "./screen.ts";
import { rowWidth } from "./rows.ts";

/** What Ink writes at the beginning of a row, to erase it and all below. */
const ERASE_DOWN = "\u001B[J";

/** The same, but from the second column on: when it is everything, from the first one on, tmux keeps it as history. */
const ERASE_KEPT_BY_NOBODY = "\u001B[2K\u001B[C\u001B[J\r";

/** The same stream, for Ink to draw on: what it erases is nowhere any more. */
export function erasing(stdout: NodeJS.WriteStream): NodeJS.WriteStream {
  const write = (text: string, ...rest: never[]): boolean =>
    stdout.write(text.replaceAll(ERASE_DOWN, ERASE_KEPT_BY_NOBODY), ...rest);
  return new Proxy(stdout, {
    get(target, name) {
      if (name === "write") return write;
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

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
  return `${up > 0 ? `\u001B[${up}A` : ""}\r${ERASE_KEPT_BY_NOBODY}${"\n".repeat(cursor.y)}`;
}

/**
 * What to write before anything is drawn. When tmux breaks rows, as many go into its history at the top, though there be
 * empty ones below: so the last lines begin at the bottom, and what goes there is empty.
 */
export function beforeFirst(
  environment: Readonly<Record<string, string | undefined>>,
  rows: number,
): string {
  return environment["TMUX"] === undefined ? "" : "\n".repeat(rows);
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
