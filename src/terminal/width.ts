// How much of a line text takes on the screen: CJK and emoji are two columns wide, marks none. Everything that cuts,
// fills or steps through text in the terminal client asks here.

import stringWidth from "string-width";

const WORDS = new Intl.Segmenter(undefined, { granularity: "word" });
const GRAPHEMES = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Stands for what was cut off; one column wide. */
const ELLIPSIS = "…";

/** As tabs are shown; in a message they stay what they are. */
const TAB = "    ";

export function withoutTabs(text: string): string {
  return text.replaceAll("\t", TAB);
}

/** In columns. */
export function widthOf(text: string): number {
  return stringWidth(withoutTabs(text));
}

/** What a person sees as one character each. */
export function graphemesOf(text: string): string[] {
  return Array.from(GRAPHEMES.segment(text), ({ segment }) => segment);
}

/** Its words and what stands between them, also where no spaces do. */
export function wordsOf(text: string): { readonly text: string; readonly isWord: boolean }[] {
  return Array.from(WORDS.segment(text), ({ segment, isWordLike }) => ({
    text: segment,
    isWord: isWordLike === true,
  }));
}

/** At most so many columns of a text of one line, with an ellipsis when something was cut off. */
export function cut(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  if (columns < 1) return "";
  let kept = "";
  let width = 0;
  for (const grapheme of graphemesOf(text)) {
    const next = width + widthOf(grapheme);
    if (next > columns - 1) break;
    kept += grapheme;
    width = next;
  }
  return kept + ELLIPSIS;
}

/** A row of the screen, and where in the text it begins. */
export interface Row {
  readonly text: string;
  readonly start: number;
}

/** Breaks a text wherever a row is full, which is how an input line breaks; a `\n` begins a row too. */
export function breakRows(text: string, columns: number): Row[] {
  const rows: Row[] = [];
  let [row, width, start, at] = ["", 0, 0, 0];
  for (const grapheme of graphemesOf(text)) {
    const isEnd = grapheme === "\n" || grapheme === "\r\n";
    const own = isEnd ? 0 : widthOf(grapheme);
    if (isEnd || (width + own > columns && row !== "")) {
      rows.push({ text: row, start });
      [row, width, start] = ["", 0, isEnd ? at + grapheme.length : at];
    }
    at += grapheme.length;
    if (isEnd) continue;
    row += grapheme;
    width += own;
  }
  rows.push({ text: row, start });
  return rows;
}

/**
 * Breaks a text between words where it can, and inside them where it must: as people read messages. Chinese and
 * Japanese have no spaces, so a word wider than what is left of a row is broken where it stands.
 * @param taken how many columns of the first row are taken already; below 0 it has more of them than the others
 */
export function wrap(text: string, columns: number, taken = 0): string[] {
  const width = Math.max(2, columns);
  return text.split("\n").flatMap((line, at) => wrapLine(line, width, at === 0 ? taken : 0));
}

function wrapLine(line: string, columns: number, taken: number): string[] {
  const rows: string[] = [];
  let [row, width] = ["", taken];
  const end = (): void => {
    rows.push(row.trimEnd());
    [row, width] = ["", 0];
  };
  for (const word of line.split(/(?<=\s)(?=\S)/u)) {
    const own = widthOf(word.trimEnd());
    if (width + own <= columns) {
      [row, width] = [row + word, width + widthOf(word)];
      continue;
    }
    if (width > 0 && own <= columns) end();
    for (const grapheme of graphemesOf(word)) {
      const next = widthOf(grapheme);
      if (width + next > columns && grapheme.trim() !== "") end();
      row += grapheme;
      width += next;
    }
  }
  end();
  return rows;
}
