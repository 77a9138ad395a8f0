// What clients may send over WebSocket and what not, split anywhere.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { it } from "node:test";
import * as fc from "fast-check";
import { BAD_TEXT, HEAD_BYTES, LINE_TOO_LONG } from "../protocol/line/unreadable.ts";
import { Opcode } from "./websocket-codes.ts";
import { WebSocketDecoder } from "./websocket-decoder.ts";

const MOST = 300;

interface Frame {
  readonly opcode: number;
  readonly payload: Uint8Array;
  readonly isFinal?: boolean;
  readonly mask?: number;
}

function encode({ opcode, payload, isFinal = true, mask = 0 }: Frame): Buffer {
  const { length } = payload;
  const size = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + size + 4);
  head[0] = (isFinal ? 0x80 : 0) | opcode;
  head[1] = 0x80 | (size === 0 ? length : size === 2 ? 126 : 127);
  if (size === 2) head.writeUInt16BE(length, 2);
  if (size === 8) head.writeBigUInt64BE(BigInt(length), 2);
  head.writeUInt32BE(mask, 2 + size);
  const masked = payload.map((byte, i) => byte ^ (head[2 + size + (i & 3)] as number));
  return Buffer.concat([head, masked]);
}

interface Outcome {
  readonly lines: string;
  readonly pings: readonly string[];
  readonly end: number | undefined;
}

/** Each chunk in memory of its own, which is overwritten afterwards, as the shared one is. */
function decode(bytes: Buffer, cuts: readonly number[] = []): Outcome {
  const pings: string[] = [];
  const decoder = new WebSocketDecoder(MOST, (payload) => pings.push(payload.toString()));
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b)];
  let lines = "";
  for (const [index, from] of at.entries()) {
    const chunk = Buffer.from(bytes.subarray(from, at[index + 1] ?? bytes.length));
    lines += decoder.decode(chunk);
    chunk.fill(0x55);
  }
  return { lines, pings, end: decoder.end };
}

const mask = fc.nat(0xffffffff);
const text = fc.string({
  unit: fc.constantFrom("a", " ", "\n", "\0", "é", "語", "👋"),
  maxLength: 60,
});

/** Frames of one message or control, and what comes of them. */
interface Said {
  readonly frames: readonly Frame[];
  readonly line: string;
  readonly pings: readonly string[];
}

const whole = fc.tuple(text, mask).map(([body, key]): Said => {
  const frame = { opcode: Opcode.text, payload: Buffer.from(body), mask: key };
  return { frames: [frame], line: `${body.replaceAll("\n", "\r")}\n`, pings: [] };
});

const ping = fc.tuple(fc.string({ maxLength: 20 }), mask).map(([body, key]): Said => {
  const frame = { opcode: Opcode.ping, payload: Buffer.from(body), mask: key };
  return { frames: [frame], line: "", pings: [body] };
});

const pong = mask.map((key): Said => {
  const frame = { opcode: Opcode.pong, payload: Buffer.from("x"), mask: key };
  return { frames: [frame], line: "", pings: [] };
});

/** Cut between any two bytes, also within a character, with pings in between. */
const inPieces = fc
  .tuple(text, fc.array(fc.nat(200), { minLength: 1, maxLength: 4 }), mask, fc.boolean())
  .map(([body, cuts, key, isInterrupted]): Said => {
    const bytes = Buffer.from(body);
    const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b)];
    const frames = at.flatMap((from, i): Frame[] => {
      const isFinal = i === at.length - 1;
      const opcode = i === 0 ? Opcode.text : Opcode.continuation;
      const piece = { opcode, payload: bytes.subarray(from, at[i + 1]), isFinal, mask: key };
      const between = { opcode: Opcode.ping, payload: Buffer.from("between"), mask: key };
      return isInterrupted && !isFinal ? [piece, between] : [piece];
    });
    const pings = isInterrupted ? cuts.map(() => "between") : [];
    return { frames, line: `${body.replaceAll("\n", "\r")}\n`, pings };
  });

const dropped = fc
  .tuple(fc.constantFrom("long", "long in pieces", "binary", "binary in pieces"), mask)
  .map(([what, key]): Said => {
    const isBinary = what.startsWith("binary");
    const opcode = isBinary ? Opcode.binary : Opcode.text;
    const payload = Buffer.alloc(isBinary ? 20 : MOST + 1, "x");
    const head = payload.toString("latin1", 0, Math.min(MOST, HEAD_BYTES));
    const line = isBinary ? `${BAD_TEXT}\n` : `${LINE_TOO_LONG}${head}\n`;
    if (!what.endsWith("pieces"))
      return { frames: [{ opcode, payload, mask: key }], line, pings: [] };
    const rest = { opcode: Opcode.continuation, payload, mask: key };
    const frames = [
      { opcode, payload: payload.subarray(0, 10), isFinal: false, mask: key },
      { ...rest, isFinal: false },
      rest,
    ];
    return { frames, line, pings: [] };
  });

it("gives each message as a line, wherever the bytes are split", () => {
  const said = fc.array(fc.oneof(whole, whole, ping, pong, inPieces, dropped), { maxLength: 8 });
  fc.assert(
    fc.property(said, fc.array(fc.nat(), { maxLength: 10 }), (all, cuts) => {
      const bytes = Buffer.concat(all.flatMap(({ frames }) => frames.map(encode)));
      assert.deepEqual(decode(bytes, cuts), {
        lines: all.map(({ line }) => line).join(""),
        pings: all.flatMap(({ pings }) => pings),
        end: undefined,
      });
    }),
    { numRuns: 3000 },
  );
});

const A: Buffer = encode({ opcode: Opcode.text, payload: Buffer.from("a") });
const frame = (opcode: number, payload: Uint8Array = Buffer.alloc(0), isFinal = true): Buffer =>
  encode({ opcode, payload, isFinal });

/** What may not be sent, and the code that it is closed with. */
const WRONG: Readonly<Record<string, readonly [Buffer, number]>> = {
  "a frame without a mask": [Buffer.of(0x81, 1, 0x61), 1002],
  "a bit that is reserved": [Buffer.of(0xc1, 0x81, 0, 0, 0, 0, 0x61), 1002],
  "an opcode that there is not": [frame(3), 1002],
  "a control opcode that there is not": [frame(11), 1002],
  "a continuation of nothing": [frame(Opcode.continuation), 1002],
  "a ping in pieces": [frame(Opcode.ping, Buffer.alloc(0), false), 1002],
  "a long ping": [frame(Opcode.ping, Buffer.alloc(126)), 1002],
  "a length of 64 bits": [Buffer.from([0x81, 0xff, 0x80, ...Array<number>(11).fill(0)]), 1002],
  "a message within another": [
    Buffer.concat([frame(Opcode.text, Buffer.from("x"), false), A]),
    1002,
  ],
  "half a code": [frame(Opcode.close, Buffer.of(3)), 1002],
  "a code that nobody says": [frame(Opcode.close, Buffer.of(0x03, 0xed)), 1002],
  "a reason that is not UTF-8": [frame(Opcode.close, Buffer.of(0x03, 0xe8, 0xff)), 1002],
  "a close": [frame(Opcode.close, Buffer.of(0x03, 0xe9)), 1001],
  "a close without a code": [frame(Opcode.close), 1000],
};

for (const [what, [bytes, code]] of Object.entries(WRONG)) {
  it(`ends with ${code} at ${what}, after what came before it, and takes nothing after it`, () => {
    for (const cuts of [[], Array.from(bytes, (_, i) => i + A.length)]) {
      const { lines, end } = decode(Buffer.concat([A, bytes, A]), cuts);
      assert.deepEqual([lines, end], ["a\n", code]);
    }
  });
}

it("ends with 1007 at text that is not UTF-8, whole or in pieces", () => {
  const bad = Buffer.of(0x61, 0xff);
  const inTwo = [frame(Opcode.text, bad, false), frame(Opcode.continuation, Buffer.from("b"))];
  for (const wrong of [frame(Opcode.text, bad), Buffer.concat(inTwo)]) {
    const { lines, end } = decode(Buffer.concat([A, wrong]));
    assert.deepEqual([lines, end], [`a\n${BAD_TEXT}\n`, 1007]);
  }
});

it("keeps nothing of a message that never ends", () => {
  const decoder = new WebSocketDecoder(MOST, () => {});
  const head = Buffer.of(0x81, 0xff, 0, 0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);
  assert.equal(decoder.decode(Buffer.from(head)), "");
  const begin = "\0".repeat(Math.min(MOST, HEAD_BYTES));
  assert.equal(decoder.decode(Buffer.alloc(60_000)), `${LINE_TOO_LONG}${begin}\n`);
  for (let i = 0; i < 1000; i++) assert.equal(decoder.decode(Buffer.alloc(60_000)), "");
  assert.equal(decoder.end, undefined);
});
