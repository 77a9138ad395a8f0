// The mask over what a browser sends (RFC 6455, 5.3), taken off four bytes at a time.

import { Buffer } from "node:buffer";

const NEWLINE = 10;
const RETURN = 13;

/** In each byte of a word. */
const NEWLINES = 0x0a0a0a0a;
const ONES = 0x01010101;
const HIGHEST = 0x80808080;

/** A payload without its mask, which lies before it. */
export function unmask(bytes: Buffer, from: number, end: number): Buffer {
  const payload = Buffer.from(bytes.subarray(from, end));
  for (let i = 0; i < payload.length; i++) {
    payload[i] = (payload[i] as number) ^ (bytes[from - 4 + (i & 3)] as number);
  }
  return payload;
}

/**
 * Moves a payload without its mask to `to`, as a line: its own newlines become carriage returns.
 * @param view of the same bytes
 * @param to at least five bytes before `from`
 * @returns where the line ends
 */
export function unmaskLine(
  bytes: Buffer,
  view: DataView,
  from: number,
  end: number,
  to: number,
): number {
  const mask = view.getInt32(from - 4, true);
  let at = to;
  let i = from;
  for (; i + 4 <= end; i += 4, at += 4) {
    let word = view.getInt32(i, true) ^ mask;
    // A byte of it is zero where one of the word is a newline.
    const rest = word ^ NEWLINES;
    if (((rest - ONES) & ~rest & HIGHEST) !== 0) word = withReturns(word);
    view.setInt32(at, word, true);
  }
  for (let shift = 0; i < end; i += 1, at += 1, shift += 8) {
    const byte = (bytes[i] as number) ^ ((mask >> shift) & 0xff);
    bytes[at] = byte === NEWLINE ? RETURN : byte;
  }
  bytes[at] = NEWLINE;
  return at + 1;
}

function withReturns(word: number): number {
  let result = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    const byte = (word >> shift) & 0xff;
    result |= (byte === NEWLINE ? RETURN : byte) << shift;
  }
  return result;
}
