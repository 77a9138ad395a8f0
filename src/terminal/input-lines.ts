// The lines of the input, in bounded memory: ended by \n and by nothing else, each UTF-8 or told to be none.

import { Buffer } from "node:buffer";
import { ChatError } from "../protocol/errors.ts";

/** As long as a line of any server may be (`--max-line-bytes`), in bytes: a longer one is not kept. */
export const LONGEST_LINE = 16 * 1024 * 1024;

export interface InputLine {
  /** From 1 on. */
  readonly number: number;
  readonly text: string;
  /** Why it is no text, if it is none. */
  readonly problem?: ChatError;
}

const LINE_END = 0x0a;

/** The last one may have no `\n`. @throws what the input throws */
export async function* readLines(
  input: AsyncIterable<Uint8Array>,
  longest: number = LONGEST_LINE,
): AsyncGenerator<InputLine, void, void> {
  let number = 0;
  let parts: Uint8Array[] = [];
  let length = 0;
  const take = (): InputLine => {
    number += 1;
    const line = length > longest ? tooLong(number, longest) : toLine(number, parts);
    parts = [];
    length = 0;
    return line;
  };
  const keep = (part: Uint8Array): void => {
    length += part.length;
    if (length > longest) parts = [];
    else parts.push(part);
  };
  for await (const chunk of input) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_END); end >= 0; end = chunk.indexOf(LINE_END, start)) {
      keep(chunk.subarray(start, end));
      start = end + 1;
      yield take();
    }
    if (start < chunk.length) keep(chunk.subarray(start));
  }
  if (length > 0) yield take();
}

function tooLong(number: number, longest: number): InputLine {
  const problem = new ChatError("line-too-long", `it is longer than ${longest} bytes`);
  return { number, text: "", problem };
}

/** A byte-order mark is one at the very beginning alone. */
const FIRST = new TextDecoder("utf-8", { fatal: true });
const OTHERS = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function toLine(number: number, parts: readonly Uint8Array[]): InputLine {
  const [first = Buffer.alloc(0)] = parts;
  try {
    const text = (number === 1 ? FIRST : OTHERS).decode(
      parts.length === 1 ? first : Buffer.concat(parts),
    );
    return { number, text: text.endsWith("\r") ? text.slice(0, -1) : text };
  } catch {
    return { number, text: "", problem: new ChatError("bad-text", "it is not UTF-8") };
  }
}
