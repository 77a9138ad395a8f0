// The writing half of WebSocket (RFC 6455): a server's frames, as text of one character a byte.

import { Buffer } from "node:buffer";
import { Opcode } from "./websocket-codes.ts";

const FINAL = 0x80;

/** The heads of text messages of usual lengths. */
const HEADS: readonly string[] = Array.from({ length: 1024 }, (_, bytes) => headOf(bytes));

/** Text messages, one a line of `lines`. */
export function formatTextFrames(lines: string): string {
  const isPlain = Buffer.byteLength(lines) === lines.length;
  let frames = "";
  for (let at = 0; at < lines.length;) {
    const end = lines.indexOf("\n", at);
    const line = lines.slice(at, end);
    const payload = isPlain ? line : Buffer.from(line).toString("latin1");
    frames += (HEADS[payload.length] ?? headOf(payload.length)) + payload;
    at = end + 1;
  }
  return frames;
}

/** A ping, pong or close. @param payload of at most 125 bytes */
export function formatControl(opcode: number, payload: Buffer): string {
  const head = String.fromCharCode(FINAL | opcode, payload.length);
  return head + payload.toString("latin1");
}

export function formatClose(code: number): string {
  return formatControl(Opcode.close, Buffer.of(code >> 8, code & 0xff));
}

function headOf(bytes: number): string {
  return String.fromCharCode(FINAL | Opcode.text) + formatLength(bytes);
}

function formatLength(bytes: number): string {
  const { fromCharCode } = String;
  if (bytes < 126) return fromCharCode(bytes);
  if (bytes < 65_536) return `\x7e${fromCharCode(bytes >> 8, bytes & 0xff)}`;
  const [three, two, one, zero] = [bytes >>> 24, bytes >> 16, bytes >> 8, bytes];
  return `\x7f\0\0\0\0${fromCharCode(...[three, two, one, zero].map((byte) => byte & 0xff))}`;
}
