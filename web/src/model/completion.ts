// Completion with Tab: of commands at the beginning of a line, of names and rooms anywhere.

export interface Completion {
  readonly text: string;
  /** Where the caret goes. */
  readonly caret: number;
}

/**
 * Completes the word before the caret.
 * @param candidates what it may become, the likeliest first
 * @param turn how often Tab was pressed on the same word: each gives the next candidate
 */
export function complete(
  text: string,
  caret: number,
  candidates: readonly string[],
  turn: number,
): Completion | undefined {
  const before = text.slice(0, caret);
  const word = lastWord(before);
  const typed = word.replace(/^@/, "").toLowerCase();
  if (typed === "") return undefined;
  const fitting = candidates.filter((one) => one.toLowerCase().startsWith(typed));
  const chosen = fitting[turn % Math.max(1, fitting.length)];
  if (chosen === undefined) return undefined;
  const sign = word.startsWith("@") ? "@" : "";
  const head = before.slice(0, before.length - word.length) + sign + chosen + " ";
  return { text: head + text.slice(caret).replace(/^ /, ""), caret: head.length };
}

/** From its end: a pattern for it would be tried from every place of a long text. */
function lastWord(text: string): string {
  let begin = text.length;
  while (begin > 0 && !/\s/.test(text.charAt(begin - 1))) begin--;
  return text.slice(begin);
}

/** What fits what was typed into a switcher: those that begin so first, then those that hold it. */
export function matching(candidates: readonly string[], typed: string): string[] {
  const sought = typed.trim().toLowerCase().replace(/^#/, "");
  const begins = candidates.filter((one) => bare(one).startsWith(sought));
  const holds = candidates.filter((one) => !begins.includes(one) && bare(one).includes(sought));
  return [...begins, ...holds];
}

function bare(one: string): string {
  return one.toLowerCase().replace(/^#/, "");
}
