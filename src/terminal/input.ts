// The line that is being written: a pure editor from keys to text and cursor, with what was written before and what
// Tab offers. It draws nothing and sends nothing.

import { breakRows, graphemesOf, type Row, widthOf, wordsOf } from "./width.ts";

/** What was done at the keyboard, once the terminal's own codes are read. */
export type EditKey =
  | { readonly insert: string }
  | "left"
  | "right"
  | "word-left"
  | "word-right"
  | "home"
  | "end"
  | "up"
  | "down"
  | "backspace"
  | "delete"
  | "cut-word"
  | "cut-word-right"
  | "cut-to-start"
  | "cut-to-end"
  | "put-back"
  | "complete"
  | "complete-back";

/** @returns what could stand at the cursor instead of the word before it; `word` is that, `isFirst` whether it begins the line */
export type Completer = (word: string, isFirst: boolean) => readonly string[];

/** How a text stands on the screen: the rows in which the cursor goes up and down. */
export type Breaker = (text: string) => readonly Row[];

/** At the ends of lines alone. */
const LINES: Breaker = (text) => breakRows(text, Infinity);

export interface Input {
  /** May have several lines. */
  readonly text: string;
  /** In UTF-16 units, between two characters as people see them. */
  readonly cursor: number;
  /** What the last cut took away. */
  readonly cut: string;
  /** What was submitted, the oldest first. */
  readonly history: readonly string[];
  /** While walking through it: which one is shown, and what was being written. */
  readonly walk: { readonly at: number; readonly written: string } | undefined;
  /** While Tab is pressed again and again: where the word begins, what is offered, and which one stands there. */
  readonly offer:
    | { readonly start: number; readonly words: readonly string[]; readonly at: number }
    | undefined;
}

/** How many submitted lines are kept to walk through. */
const HISTORY = 500;

export function createInput(): Input {
  return { text: "", cursor: 0, cut: "", history: [], walk: undefined, offer: undefined };
}

/** The same editor with another text, its cursor at the end: a draft that comes back. */
export function withText(input: Input, text: string): Input {
  return { ...input, text, cursor: text.length, walk: undefined, offer: undefined };
}

/** Empties the line, and keeps it to walk back to. */
export function submit(input: Input): Input {
  const isNew = input.text.trim() !== "" && input.history.at(-1) !== input.text;
  const history = isNew ? [...input.history, input.text].slice(-HISTORY) : input.history;
  return { ...withText(input, ""), history };
}

export function edit(
  input: Input,
  key: EditKey,
  complete: Completer = () => [],
  broken: Breaker = LINES,
): Input {
  if (key === "complete" || key === "complete-back") {
    return offerNext(input, key === "complete" ? 1 : -1, complete);
  }
  const settled: Input = input.offer === undefined ? input : { ...input, offer: undefined };
  if (typeof key === "object") return insert(settled, key.insert);
  return EDITS[key](settled, broken);
}

type Edit = (input: Input, broken: Breaker) => Input;

const EDITS: Record<Exclude<EditKey, object | "complete" | "complete-back">, Edit> = {
  left: (input) => moveTo(input, before(input)),
  right: (input) => moveTo(input, after(input)),
  "word-left": (input) => moveTo(input, wordStart(input)),
  "word-right": (input) => moveTo(input, wordEnd(input)),
  home: (input) => moveTo(input, lineStart(input)),
  end: (input) => moveTo(input, lineEnd(input)),
  up: (input, broken) => moveRow(input, broken, -1),
  down: (input, broken) => moveRow(input, broken, 1),
  backspace: (input) => remove(input, before(input), input.cursor),
  delete: (input) => remove(input, input.cursor, after(input)),
  "cut-word": (input) => cutOut(input, Math.max(0, spacedStart(input)), input.cursor),
  "cut-word-right": (input) => cutOut(input, input.cursor, wordEnd(input)),
  "cut-to-start": (input) => cutOut(input, lineStart(input), input.cursor),
  "cut-to-end": (input) => {
    const end = lineEnd(input);
    // At the end of a line what is cut is the line's end itself.
    return cutOut(input, input.cursor, end === input.cursor ? after(input) : end);
  },
  "put-back": (input) => insert(input, input.cut),
};

function insert(input: Input, pasted: string): Input {
  const text = pasted.replace(/\r\n?/g, "\n");
  const joined = input.text.slice(0, input.cursor) + text + input.text.slice(input.cursor);
  // A mark that is typed joins the character before it, and the cursor must not stand inside.
  const cursor = boundary(joined, input.cursor + text.length);
  return { ...input, text: joined, cursor, walk: undefined };
}

function remove(input: Input, from: number, to: number): Input {
  if (from === to) return input;
  const text = input.text.slice(0, from) + input.text.slice(to);
  return { ...input, text, cursor: boundary(text, from), walk: undefined };
}

function cutOut(input: Input, from: number, to: number): Input {
  if (from === to) return input;
  return { ...remove(input, from, to), cut: input.text.slice(from, to) };
}

function moveTo(input: Input, cursor: number): Input {
  return { ...input, cursor: boundary(input.text, cursor) };
}

/** The first place at or after `at` that is not inside a character. */
function boundary(text: string, at: number): number {
  let end = 0;
  for (const grapheme of graphemesOf(text)) {
    if (end >= at) break;
    end += grapheme.length;
  }
  return end;
}

function before({ text, cursor }: Input): number {
  const last = graphemesOf(text.slice(0, cursor)).at(-1) ?? "";
  return cursor - last.length;
}

function after({ text, cursor }: Input): number {
  const [first = ""] = graphemesOf(text.slice(cursor));
  return cursor + first.length;
}

function lineStart({ text, cursor }: Input): number {
  return cursor === 0 ? 0 : text.lastIndexOf("\n", cursor - 1) + 1;
}

function lineEnd({ text, cursor }: Input): number {
  const end = text.indexOf("\n", cursor);
  return end === -1 ? text.length : end;
}

/** A row up or down, in the column in which it is; from the first and the last one through what was written before. */
function moveRow(input: Input, broken: Breaker, step: -1 | 1): Input {
  const { text, cursor } = input;
  const rows = broken(text);
  const at = rows.findLastIndex(({ start }) => start <= cursor);
  const row = rows[at + step];
  if (row === undefined) return walkTo(input, step);
  const column = widthOf(text.slice(rows[at]?.start ?? 0, cursor));
  const graphemes = graphemesOf(row.text);
  // Behind the last one of a full row the next row begins.
  if (rows[at + step + 1]?.start === row.start + row.text.length) graphemes.pop();
  let [end, width] = [row.start, 0];
  for (const grapheme of graphemes) {
    width += widthOf(grapheme);
    if (width > column) break;
    end += grapheme.length;
  }
  return moveTo(input, end);
}

/** To move by, words are what people read as such; to cut, everything between spaces, as in shells. */
function wordStart(input: Input): number {
  const parts = wordsOf(input.text.slice(0, input.cursor));
  const last = parts.findLastIndex(({ isWord }) => isWord);
  return lengthOf(parts.slice(0, Math.max(0, last)));
}

function wordEnd(input: Input): number {
  const parts = wordsOf(input.text.slice(input.cursor));
  const first = parts.findIndex(({ isWord }) => isWord);
  return first === -1 ? input.text.length : input.cursor + lengthOf(parts.slice(0, first + 1));
}

function lengthOf(parts: readonly { readonly text: string }[]): number {
  return parts.reduce((sum, { text }) => sum + text.length, 0);
}

function spacedStart({ text, cursor }: Input): number {
  return text.slice(0, cursor).trimEnd().search(/\S+$/u);
}

function walkTo(input: Input, step: -1 | 1): Input {
  const { history, walk } = input;
  const at = (walk?.at ?? history.length) + step;
  if (at < 0 || at > history.length || (walk === undefined && step === 1)) return input;
  const written = walk?.written ?? input.text;
  const text = history[at] ?? written;
  const next = withText(input, text);
  return at === history.length ? next : { ...next, walk: { at, written } };
}

function offerNext(input: Input, step: 1 | -1, complete: Completer): Input {
  const offer = input.offer ?? firstOffer(input, complete);
  if (offer === undefined) return input;
  const { start, words } = offer;
  const at =
    input.offer === undefined && step === 1 ? 0 : (offer.at + step + words.length) % words.length;
  const word = words[at] ?? "";
  const text = input.text.slice(0, start) + word + input.text.slice(input.cursor);
  return {
    ...input,
    text,
    cursor: boundary(text, start + word.length),
    walk: undefined,
    offer: { start, words, at },
  };
}

function firstOffer(input: Input, complete: Completer): Input["offer"] {
  const head = input.text.slice(0, input.cursor);
  const start = head.search(/\S*$/u);
  const words = complete(head.slice(start), start === 0);
  return words.length === 0 ? undefined : { start, words, at: 0 };
}
