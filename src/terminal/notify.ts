// How a terminal is told to call for attention: its bell, and where it can, a notification.

import { cut } from "./width.ts";

/** In columns: what notifications show of a message. */
const LONGEST = 100;

/** Terminals that show a notification for OSC 9, by TERM_PROGRAM; elsewhere it would be nothing, or worse. */
const NOTIFYING: ReadonlySet<string> = new Set(["iTerm.app", "WezTerm", "ghostty"]);

/** What to write. @param text clean already, and of any length */
export function formatRing(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const { TERM_PROGRAM: program = "", TERM: term = "", TMUX: tmux } = environment;
  const isNotifying = tmux === undefined && (NOTIFYING.has(program) || term === "xterm-kitty");
  const line = cut(text.replaceAll("\n", " "), LONGEST);
  // The bell as well: the notification may be switched off.
  return `\u0007${isNotifying ? `\u001B]9;${line}\u0007` : ""}`;
}
