// Partyline's JSON protocol over WebSocket (RFC 6455): a frame a text message, masked on its way to the server.

import { randomBytes } from "node:crypto";
import type { Dialect } from "./dialect.ts";
import { loginFrame, messageFrame, NUMBER_AT, sendFrame, WELCOME } from "./json.ts";
import { type Bounds, FrameCounter, NumberedChunks, type NumberedFrame } from "./json-frames.ts";

const FINAL_TEXT = 0x81;
const MASKED = 0x80;
const TWO_BYTES_OF_LENGTH = 126;

/** One key for all: a key is for proxies that guess what they carry, and to unmask is as dear with each. */
const KEY = Buffer.of(0x37, 0xfa, 0x21, 0x3d);

const REQUEST = [
  "GET / HTTP/1.1",
  "Host: 127.0.0.1",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
  "\r\n",
].join("\r\n");

function header(length: number, mask: number): Buffer {
  if (length < TWO_BYTES_OF_LENGTH) return Buffer.of(FINAL_TEXT, mask | length);
  return Buffer.of(FINAL_TEXT, mask | TWO_BYTES_OF_LENGTH, length >> 8, length & 0xff);
}

function maskByte(index: number): number {
  return KEY[index % KEY.length] as number;
}

function masked(text: string): { readonly bytes: Buffer; readonly payload: number } {
  const payload = Buffer.from(text).map((byte, i) => byte ^ maskByte(i));
  const front = Buffer.concat([header(payload.length, MASKED), KEY]);
  return { bytes: Buffer.concat([front, payload]), payload: front.length };
}

function makeMessage(to: readonly string[], body: string, number: number): NumberedFrame {
  const { bytes, payload } = masked(sendFrame(to, body, number));
  const masks = Array.from(String(number), (_, digit) => maskByte(NUMBER_AT + digit));
  return { bytes, at: payload + NUMBER_AT, masks };
}

function messageBounds(bytes: Buffer, at: number): Bounds | undefined {
  if (at + 4 > bytes.length) return undefined;
  const short = bytes[at + 1] as number;
  const isShort = short < TWO_BYTES_OF_LENGTH;
  const payload = at + (isShort ? 2 : 4);
  const end = payload + (isShort ? short : bytes.readUInt16BE(at + 2));
  return end > bytes.length ? undefined : { payload, end };
}

export const webSocketDialect: Dialect = {
  // The server answers in order: what follows the request is read once it has switched.
  login: (name) => Buffer.concat([Buffer.from(REQUEST), masked(loginFrame(name)).bytes]),
  welcome: WELCOME,
  isReadyWhenWelcome: true,
  message: (to, body) => masked(sendFrame(to, body, 1)).bytes,
  delivered: (from, to, body) => {
    const payload = Buffer.from(messageFrame(from, to, body));
    return Buffer.concat([header(payload.length, 0), payload]);
  },
  isRefusal: () => false,
  strayBytes: 0,
  frames: {
    chunks: (to, body, count) =>
      new NumberedChunks((number) => makeMessage(to, body, number), count),
    counter: (kind) => new FrameCounter(messageBounds, kind),
    ack: (seq) => masked(`{"ack":${seq}}`).bytes,
  },
};
