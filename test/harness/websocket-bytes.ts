// WebSocket by hand, on a socket that is connected already: for tests that split its bytes anywhere.

import { Buffer } from "node:buffer";
import { once } from "node:events";
import type { Socket } from "node:net";

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/** A client's frame, masked with zeros: the payload stays readable. */
export function encodeClientFrame(payload: Uint8Array, opcode = TEXT, isFinal = true): Buffer {
  const length = payload.length;
  const extended = Buffer.alloc(length < 126 ? 0 : length < 65_536 ? 2 : 8);
  if (extended.length === 2) extended.writeUInt16BE(length);
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(length));
  const short = [length, 0, 126, 0, 0, 0, 0, 0, 127][extended.length] as number;
  const head = Buffer.of((isFinal ? 0x80 : 0) | opcode, 0x80 | short);
  return Buffer.concat([head, extended, Buffer.alloc(4), payload]);
}

export const CLIENT_CLOSE: Buffer = encodeClientFrame(Buffer.of(0x03, 0xe8), CLOSE);
/** A ping with this payload. */
export const clientPing = (payload: string): Buffer =>
  encodeClientFrame(Buffer.from(payload), PING);

export const CLIENT_PONG: Buffer = encodeClientFrame(Buffer.alloc(0), PONG);

/** What a server writes after its upgrade, frame by frame. */
export class ServerFrames {
  /** Text messages that came whole. */
  readonly texts: string[] = [];
  /** The code of the close that came, 1005 when it had none. */
  closeCode: number | undefined;
  pings = 0;
  /** The payloads of pongs. */
  readonly pongs: string[] = [];
  #rest = Buffer.alloc(0);

  push(chunk: Uint8Array): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#next());
  }

  #next(): boolean {
    const bytes = this.#rest;
    if (bytes.length < 2) return false;
    const short = bytes.readUInt8(1);
    const head = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < head) return false;
    const length =
      head === 2 ? short : head === 4 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
    if (bytes.length < head + length) return false;
    const payload = bytes.subarray(head, head + length);
    const opcode = bytes.readUInt8(0) & 15;
    if (opcode === TEXT) this.texts.push(payload.toString());
    if (opcode === PING) this.pings += 1;
    if (opcode === PONG) this.pongs.push(payload.toString());
    if (opcode === CLOSE) this.closeCode = length < 2 ? 1005 : payload.readUInt16BE(0);
    this.#rest = bytes.subarray(head + length);
    return true;
  }
}

/**
 * Asks for the upgrade, and waits for the answer.
 * @returns the answer's head; what follows it goes to `frames`
 */
export async function upgrade(
  socket: Socket,
  frames: ServerFrames,
  path = "/",
  headers: Readonly<Record<string, string>> = {},
): Promise<string> {
  const all = {
    Host: "localhost",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  let answer = Buffer.alloc(0);
  for (;;) {
    const [chunk] = (await once(socket, "data")) as [Buffer];
    answer = Buffer.concat([answer, chunk]);
    const end = answer.indexOf("\r\n\r\n");
    if (end < 0) continue;
    socket.on("data", (bytes: Buffer) => frames.push(bytes));
    frames.push(answer.subarray(end + 4));
    return answer.toString("latin1", 0, end);
  }
}
