// The first half of a line reader: bytes, in chunks split anywhere, to the text of complete lines.

import { Buffer, isAscii, isUtf8 } from "node:buffer";
import { BAD_TEXT, HEAD_BYTES, LINE_TOO_LONG } from "../protocol/line/unreadable.ts";
import { GrowingBytes } from "./growing-bytes.ts";

const NEWLINE = 10;

export class LineDecoder {
  readonly #maxLineBytes: number;
  /** A shorter line is not too long. */
  readonly #headBytes: number;
  /** The beginning of a line whose end has not come. */
  readonly #rest = new GrowingBytes();
  /** What stands for the line that we are in, when it is too long, and its bytes are dropped. */
  #dropping: string | undefined;

  /** @param maxLineBytes the longest line, without its end, in bytes */
  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
    this.#headBytes = Math.min(HEAD_BYTES, maxLineBytes);
  }

  /**
   * Takes a chunk and gives all lines that it completes, each with its `\n`. A line that is too
   * long, or not UTF-8, is replaced (see `protocol/line/unreadable.ts`). The chunk is not kept.
   */
  decode(chunk: Buffer): string {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end === 0) {
      this.#keep(chunk);
      return "";
    }
    const lines = this.#complete(chunk.subarray(0, end));
    if (end < chunk.length) this.#keep(chunk.subarray(end));
    return lines;
  }

  /** The end of the stream: gives the last line, also without its end. */
  end(): string {
    if (this.#rest.length === 0 && this.#dropping === undefined) return "";
    return this.decode(Buffer.of(NEWLINE));
  }

  #keep(bytes: Buffer): void {
    if (this.#dropping !== undefined) return;
    if (this.#rest.length + bytes.length <= this.#maxLineBytes + 1) return this.#rest.append(bytes);
    this.#rest.append(bytes.subarray(0, this.#headBytes));
    this.#dropping = LINE_TOO_LONG + this.#head(this.#rest.bytes);
    this.#rest.clear();
  }

  #complete(bytes: Buffer): string {
    if (this.#dropping !== undefined) {
      const dropped = this.#dropping;
      this.#dropping = undefined;
      const end = bytes.indexOf(NEWLINE) + 1;
      return `${dropped}\n${this.#text(bytes.subarray(end))}`;
    }
    if (this.#rest.length === 0) return this.#text(bytes);
    const joined = Buffer.concat([this.#rest.bytes, bytes]);
    this.#rest.clear();
    return this.#text(joined);
  }

  /** Complete lines to text, all at once when nothing is wrong with any of them. */
  #text(bytes: Buffer): string {
    const first = bytes.indexOf(NEWLINE);
    const longest = Math.max(first, bytes.length - first - 2);
    if (longest <= this.#maxLineBytes) {
      if (isAscii(bytes)) return bytes.toString("latin1");
      if (isUtf8(bytes)) return bytes.toString("utf8");
    }
    let lines = "";
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(NEWLINE, at);
      lines += `${this.#line(bytes.subarray(at, end))}\n`;
      at = end + 1;
    }
    return lines;
  }

  #line(bytes: Buffer): string {
    const carriage = bytes.at(-1) === 13 ? 1 : 0;
    if (bytes.length - carriage > this.#maxLineBytes) return LINE_TOO_LONG + this.#head(bytes);
    return isUtf8(bytes) ? bytes.toString("utf8") : BAD_TEXT + this.#head(bytes);
  }

  #head(bytes: Buffer): string {
    return bytes.toString("latin1", 0, this.#headBytes);
  }
}
