// The reading half of WebSocket (RFC 6455): bytes, in chunks split anywhere, to a line for each text
// message, and what the client says about the connection itself.

import { Buffer, isAscii, isUtf8 } from "node:buffer";
import { BAD_TEXT, HEAD_BYTES, LINE_TOO_LONG } from "../protocol/line/unreadable.ts";
import { GrowingBytes } from "./growing-bytes.ts";
import { CloseCode, isCloseCode, Opcode } from "./websocket-codes.ts";
import { unmask, unmaskLine } from "./websocket-mask.ts";

const NEWLINE = 10;

/** The longest payload of a ping, pong or close. */
const MOST_CONTROL = 125;

export class WebSocketDecoder {
  readonly #maxMessageBytes: number;
  readonly #ping: (payload: Buffer) => void;
  /** The beginning of a frame whose end has not come. */
  readonly #rest = new GrowingBytes();
  /** The beginning of a message of several frames, of which not all have come. */
  readonly #message = new GrowingBytes();
  #isInside = false;
  /** Whether what still comes of the message is dropped: it is too long, or no text. */
  #isDropping = false;
  /** Bytes of a frame that are dropped as they come. */
  #skipping = 0;
  #end: number | undefined;
  /** The frame that is looked at. */
  #isFinal = false;
  #opcode = 0;
  #payloadAt = 0;
  #payloadEnd = 0;

  /**
   * @param maxMessageBytes of a message; for a longer one there is a line that says so
   * @param ping answers a ping, with its payload
   */
  constructor(maxMessageBytes: number, ping: (payload: Buffer) => void) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#ping = ping;
  }

  /** Set when nothing more counts: the code to close with, the client's own if it has closed. */
  get end(): number | undefined {
    return this.#end;
  }

  /**
   * Takes a chunk, in which it writes, and gives a line for each message that it completes, as
   * `LineDecoder` does. A message's own newlines become carriage returns: JSON takes both for white
   * space, and neither in a string.
   */
  decode(chunk: Buffer): string {
    if (this.#end !== undefined) return "";
    let bytes = chunk;
    if (this.#rest.length > 0) {
      this.#rest.append(chunk);
      bytes = this.#rest.bytes;
    }
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let lines = "";
    /** Up to where it was read. */
    let at = this.#skip(bytes, 0);
    /** Where the text lies of messages that came one after the other, before what is still to be read. */
    let textAt = at;
    let textEnd = at;
    while (this.#readHeader(bytes, at)) {
      const isMessage = this.#opcode === Opcode.text && this.#isFinal;
      if (isMessage && this.#payloadEnd - this.#payloadAt <= this.#maxMessageBytes) {
        if (this.#payloadEnd > bytes.length) break;
        textEnd = unmaskLine(bytes, view, this.#payloadAt, this.#payloadEnd, textEnd);
        at = this.#payloadEnd;
        continue;
      }
      lines += this.#text(bytes.subarray(textAt, textEnd));
      textAt = textEnd = at;
      const taken = this.#end === undefined ? this.#take(bytes) : undefined;
      if (taken === undefined) break;
      lines += taken;
      at = textAt = textEnd = this.#skip(bytes, this.#payloadAt);
    }
    lines += this.#text(bytes.subarray(textAt, textEnd));
    this.#keep(bytes, at);
    return lines;
  }

  /** Drops what is to be skipped. @returns where it goes on */
  #skip(bytes: Buffer, at: number): number {
    const count = Math.min(this.#skipping, bytes.length - at);
    this.#skipping -= count;
    return at + count;
  }

  /** @returns whether a frame's header has come, and it may stand there; see `end` */
  #readHeader(bytes: Buffer, at: number): boolean {
    if (this.#end !== undefined || bytes.length - at < 2) return false;
    const first = bytes[at] as number;
    const second = bytes[at + 1] as number;
    const short = second & 0x7f;
    this.#isFinal = first >= 0x80;
    this.#opcode = first & 0x0f;
    const isMasked = second >= 0x80;
    if ((first & 0x70) !== 0 || !isMasked || !this.#mayCome(short)) {
      this.#end = CloseCode.protocolError;
      return false;
    }
    const size = short < 126 ? 6 : short === 126 ? 8 : 14;
    if (bytes.length - at < size) return false;
    // RFC 6455, 5.2: the most significant bit of a length of 64 bits is 0.
    if (short === 127 && (bytes[at + 2] as number) >= 0x80) {
      this.#end = CloseCode.protocolError;
      return false;
    }
    this.#payloadAt = at + size;
    this.#payloadEnd = this.#payloadAt + lengthOf(bytes, at, short);
    return true;
  }

  #mayCome(length: number): boolean {
    switch (this.#opcode) {
      case Opcode.continuation:
        return this.#isInside;
      case Opcode.text:
      case Opcode.binary:
        return !this.#isInside;
      case Opcode.close:
      case Opcode.ping:
      case Opcode.pong:
        return this.#isFinal && length <= MOST_CONTROL;
      default:
        return false;
    }
  }

  /** A frame that is no message by itself. @returns its lines; undefined when it has not all come */
  #take(bytes: Buffer): string | undefined {
    const length = this.#payloadEnd - this.#payloadAt;
    if (this.#opcode >= Opcode.close) {
      if (this.#payloadEnd > bytes.length) return undefined;
      this.#skipping = length;
      this.#control(unmask(bytes, this.#payloadAt, this.#payloadEnd));
      return "";
    }
    const isTooLong = this.#message.length + length > this.#maxMessageBytes;
    if (this.#isDropping || isTooLong || this.#opcode === Opcode.binary) {
      const isNew = !this.#isDropping;
      const head = isNew && isTooLong ? this.#head(bytes) : "";
      if (head === undefined) return undefined;
      this.#skipping = length;
      this.#isInside = this.#isDropping = !this.#isFinal;
      this.#message.clear();
      if (!isNew) return "";
      return isTooLong ? `${LINE_TOO_LONG}${head}\n` : `${BAD_TEXT}\n`;
    }
    if (this.#payloadEnd > bytes.length) return undefined;
    this.#skipping = length;
    this.#isInside = !this.#isFinal;
    this.#message.append(unmask(bytes, this.#payloadAt, this.#payloadEnd));
    if (!this.#isFinal) return "";
    this.#message.append(Buffer.of(NEWLINE));
    const text = this.#text(this.#message.bytes);
    this.#message.clear();
    return `${text.slice(0, -1).replaceAll("\n", "\r")}\n`;
  }

  /** How a message begins that is too long; undefined when that has not all come. */
  #head(bytes: Buffer): string | undefined {
    const wanted = Math.min(HEAD_BYTES, this.#maxMessageBytes);
    const kept = this.#message.bytes.subarray(0, wanted);
    const end = this.#payloadAt + wanted - kept.length;
    if (end > bytes.length) return undefined;
    const head = Buffer.concat([kept, unmask(bytes, this.#payloadAt, end)]).toString("latin1");
    return head.replaceAll("\n", "\r");
  }

  #control(payload: Buffer): void {
    if (this.#opcode === Opcode.ping) this.#ping(payload);
    if (this.#opcode !== Opcode.close) return;
    const { normal, protocolError } = CloseCode;
    if (payload.length === 0) return void (this.#end = normal);
    const code = payload.length === 1 ? 0 : payload.readUInt16BE();
    this.#end = isCloseCode(code) && isUtf8(payload.subarray(2)) ? code : protocolError;
  }

  /** Lines to text, all at once. Whoever sends what is not UTF-8 is closed (RFC 6455, 8.1). */
  #text(bytes: Buffer): string {
    if (isAscii(bytes)) return bytes.toString("latin1");
    if (isUtf8(bytes)) return bytes.toString("utf8");
    let lines = "";
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(NEWLINE, at) + 1;
      const line = bytes.subarray(at, end);
      if (!isUtf8(line)) break;
      lines += line.toString("utf8");
      at = end;
    }
    this.#end = CloseCode.invalidText;
    return `${lines}${BAD_TEXT}\n`;
  }

  /** Keeps what was not read yet. */
  #keep(bytes: Buffer, at: number): void {
    if (at === 0 && this.#rest.length > 0) return;
    const left = Buffer.from(bytes.subarray(at));
    this.#rest.clear();
    if (left.length > 0 && this.#end === undefined) this.#rest.append(left);
  }
}

/** A length above 2^53 is as good as one of 2^53: nobody lives to send it. */
function lengthOf(bytes: Buffer, at: number, short: number): number {
  if (short < 126) return short;
  if (short === 126) return bytes.readUInt16BE(at + 2);
  const long = bytes.readUInt32BE(at + 2) * 2 ** 32 + bytes.readUInt32BE(at + 6);
  return Math.min(long, Number.MAX_SAFE_INTEGER);
}
