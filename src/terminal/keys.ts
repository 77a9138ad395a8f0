// From what the terminal sends, as Ink reads it, to what was meant: editing, or something for the whole client.

import type { Key as InkKey } from "ink";
import type { EditKey } from "./input.ts";

export type Key =
  | { readonly edit: EditKey }
  | "submit"
  | "escape"
  | "interrupt"
  | "end-of-input"
  | "next"
  | "previous"
  | "next-unread"
  | "redraw"
  | "suspend"
  | { readonly conversation: number };

/** Control characters, as keyboards send them: Ctrl+A is the first. */
const CONTROLS: Readonly<Record<string, Key>> = {
  "\u0001": { edit: "home" },
  "\u0002": { edit: "left" },
  "\u0003": "interrupt",
  "\u0004": "end-of-input",
  "\u0005": { edit: "end" },
  "\u0006": { edit: "right" },
  "\u0008": { edit: "backspace" },
  "\t": { edit: "complete" },
  // Ctrl+J, for terminals that keep Alt+Enter to themselves.
  "\n": { edit: { insert: "\n" } },
  "\u000B": { edit: "cut-to-end" },
  "\u000C": "redraw",
  "\r": "submit",
  "\u000E": "next",
  "\u0010": "previous",
  "\u0015": { edit: "cut-to-start" },
  "\u0017": { edit: "cut-word" },
  "\u0019": { edit: "put-back" },
  "\u001A": "suspend",
  "\u007F": { edit: "backspace" },
};

/** With Alt held. */
const ALTS: Readonly<Record<string, Key>> = {
  a: "next-unread",
  b: { edit: "word-left" },
  f: { edit: "word-right" },
  d: { edit: "cut-word-right" },
  "\r": { edit: { insert: "\n" } },
  "\n": { edit: { insert: "\n" } },
  "\u007F": { edit: "cut-word" },
  "\u0008": { edit: "cut-word" },
};

/** @param input what was typed, several keys of it when they came at once */
export function readKeys(input: string, key: InkKey): Key[] {
  const named = namedKey(key);
  if (named !== undefined) return [named];
  if (key.ctrl && input.length === 1) return readControl(input);
  if (key.meta) {
    if (/^[1-9]$/.test(input)) return [{ conversation: Number(input) }];
    const alt = Object.hasOwn(ALTS, input.toLowerCase()) ? ALTS[input.toLowerCase()] : undefined;
    return alt === undefined ? [] : [alt];
  }
  return readText(input);
}

/** Ink gives a control character by its letter. */
function readControl(letter: string): Key[] {
  const control = CONTROLS[String.fromCodePoint((letter.codePointAt(0) ?? 0) & 0x1f)];
  return control === undefined ? [] : [control];
}

/** What came in one piece may be several keys, and text between them. */
function readText(input: string): Key[] {
  const keys: Key[] = [];
  for (const part of input.split(/([\u0000-\u001F\u007F])/)) {
    if (part === "") continue;
    const control = CONTROLS[part];
    if (control !== undefined) keys.push(control);
    else if (!/[\u0000-\u001F\u007F-\u009F]/.test(part)) keys.push({ edit: { insert: part } });
  }
  return keys;
}

function namedKey(key: InkKey): Key | undefined {
  const byWord = key.ctrl || key.meta;
  if (key.return) return key.meta || key.shift ? { edit: { insert: "\n" } } : "submit";
  if (key.escape) return "escape";
  if (key.tab) return { edit: key.shift ? "complete-back" : "complete" };
  if (key.backspace) return { edit: byWord ? "cut-word" : "backspace" };
  if (key.delete) return { edit: byWord ? "cut-word-right" : "delete" };
  if (key.leftArrow) return { edit: byWord ? "word-left" : "left" };
  if (key.rightArrow) return { edit: byWord ? "word-right" : "right" };
  if (key.upArrow) return { edit: "up" };
  if (key.downArrow) return { edit: "down" };
  if (key.home) return { edit: "home" };
  if (key.end) return { edit: "end" };
  return undefined;
}
