// What both carriers of Partyline's JSON protocol share: the frames of a sender with rising numbers,
// patched into bytes that were made once, and the counting of what comes, which looks at two bytes a
// frame. A server that is measured must be the one that is busy.

import { Buffer } from "node:buffer";

/** A frame of the client's, as bytes, with the place of its number in them. */
export interface NumberedFrame {
  readonly bytes: Buffer;
  /** Where the digits are, and what each is to be XORed with. */
  readonly at: number;
  readonly masks: readonly number[];
}

export type FrameMaker = (number: number) => NumberedFrame;

const ZERO = "0".charCodeAt(0);

/** Chunks of a fixed number of sends, each chunk numbered on from the last. */
export class NumberedChunks {
  readonly #make: FrameMaker;
  readonly #count: number;
  #next = 1;
  #digits = 0;
  #chunk: Buffer | undefined;
  #frame: NumberedFrame;

  constructor(make: FrameMaker, count: number) {
    this.#make = make;
    this.#count = count;
    this.#frame = make(1);
  }

  /** Valid until the next call. */
  next(): Buffer {
    const first = this.#next;
    this.#next += this.#count;
    const digits = String(this.#next).length;
    // Where the numbers grow by a digit the frames have two lengths.
    if (String(first).length !== digits) return this.#made(first);
    if (digits !== this.#digits) {
      this.#digits = digits;
      this.#chunk = this.#made(first);
      this.#frame = this.#make(first);
      return this.#chunk;
    }
    const chunk = this.#chunk as Buffer;
    this.#patch(chunk, first);
    return chunk;
  }

  #made(first: number): Buffer {
    const frames = Array.from({ length: this.#count }, (_, i) => this.#make(first + i).bytes);
    return Buffer.concat(frames);
  }

  #patch(chunk: Buffer, first: number): void {
    const { bytes, at, masks } = this.#frame;
    const digits = this.#digits;
    for (let i = 0; i < this.#count; i++) {
      const start = i * bytes.length + at;
      let rest = first + i;
      for (let digit = digits - 1; digit >= 0; digit--) {
        const higher = (rest / 10) | 0;
        chunk[start + digit] = (ZERO + rest - higher * 10) ^ (masks[digit] as number);
        rest = higher;
      }
    }
  }
}

/** Where the payload of a frame begins and the frame ends; undefined when its end has not come. */
export type FrameBounds = (bytes: Buffer, at: number) => Bounds | undefined;

export interface Bounds {
  readonly payload: number;
  readonly end: number;
}

/** `{"message":{"seq":` is in front of a message's seq. */
const SEQ_AT = '{"message":{"seq":'.length;

/** Counts frames of one kind; any other is a refusal, or nothing that should come here. */
export class FrameCounter {
  readonly #bounds: FrameBounds;
  readonly #kind: number;
  #rest: Buffer | undefined;
  /** Of the last message that was counted. */
  lastSeq = 0;

  /** @param kind the first letter of what its frames are: `{"m…` */
  constructor(bounds: FrameBounds, kind: string) {
    this.#bounds = bounds;
    this.#kind = kind.charCodeAt(0);
  }

  /** @throws Error with a frame that is of another kind */
  count(piece: Buffer): number {
    const bytes = this.#rest === undefined ? piece : Buffer.concat([this.#rest, piece]);
    let frames = 0;
    let at = 0;
    let last = -1;
    for (;;) {
      const found = this.#bounds(bytes, at);
      if (found === undefined) break;
      if (bytes[found.payload + 2] !== this.#kind) {
        throw new Error(`was told: ${bytes.toString("utf8", found.payload, found.end)}`);
      }
      last = found.payload;
      at = found.end;
      frames += 1;
    }
    // A copy: what arrives is overwritten by the next read.
    this.#rest = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at));
    if (last >= 0)
      this.lastSeq = Number.parseInt(
        bytes.toString("latin1", last + SEQ_AT, last + SEQ_AT + 16),
        10,
      );
    return frames;
  }
}
