// Partyline's JSON protocol over TCP: a frame a line.

import type { Dialect } from "./dialect.ts";
import { type Bounds, FrameCounter, NumberedChunks, type NumberedFrame } from "./json-frames.ts";

const NEWLINE = 10;

/** What is in front of the number of a send. */
const SEND = '{"send":';

export function sendFrame(to: readonly string[], body: string, number: number): string {
  return `${SEND}${number},"to":${JSON.stringify(to)},"body":${JSON.stringify(body)}}`;
}

export const NUMBER_AT: number = SEND.length;

export function loginFrame(name: string): string {
  return `{"login":${JSON.stringify(name)},"outbox":"bench"}`;
}

/** The end of a welcome to a name without a password: then what is addressed to it will come. */
export const WELCOME = '"version":1}}';

/** As long as one is, but for the number of digits. */
export function messageFrame(from: string, to: string, body: string): string {
  return JSON.stringify({ message: { seq: 1_000_000, from, to, body, at: 1e12 } });
}

function makeLine(to: readonly string[], body: string, number: number): NumberedFrame {
  const masks = Array.from(String(number), () => 0);
  return { bytes: Buffer.from(`${sendFrame(to, body, number)}\n`), at: NUMBER_AT, masks };
}

/** Consecutive frames have nearly always the same length, so the end of the next one is guessed first. */
function lineBounds(): (bytes: Buffer, at: number) => Bounds | undefined {
  let length = 1;
  return (bytes, at) => {
    // A guess that is too long would jump over an end; no frame is twice as short as another here,
    // and one that is a digit shorter or longer begins with a brace where it should not.
    const guess = at + length;
    if (bytes[guess - 1] === NEWLINE) return { payload: at, end: guess };
    const end = bytes.indexOf(NEWLINE, at) + 1;
    if (end === 0) return undefined;
    length = end - at;
    return { payload: at, end };
  };
}

export const jsonDialect: Dialect = {
  login: (name) => Buffer.from(`${loginFrame(name)}\n`),
  welcome: WELCOME,
  isReadyWhenWelcome: true,
  message: (to, body) => Buffer.from(`${sendFrame(to, body, 1)}\n`),
  delivered: (from, to, body) => Buffer.from(`${messageFrame(from, to, body)}\n`),
  isRefusal: () => false,
  strayBytes: 0,
  frames: {
    chunks: (to, body, count) => new NumberedChunks((number) => makeLine(to, body, number), count),
    counter: (kind) => new FrameCounter(lineBounds(), kind),
    ack: (seq) => Buffer.from(`{"ack":${seq}}\n`),
  },
};
