// Frames over TCP, and over TLS: one a line, in either direction.

import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { Clock } from "../broker/clock.ts";
import { Answering } from "./answering.ts";
import type { Arrived } from "./arrival.ts";
import { FrameQueue } from "./frame-queue.ts";
import {
  type FrameContext,
  type FrameOwner,
  type FrameTransport,
  LINGER,
  PROBE_AFTER,
} from "./frames.ts";
import { LineDecoder } from "./line-decoder.ts";
import { LineWriter } from "./line-writer.ts";
import { readChunks } from "./shared-buffer.ts";

export class TcpFrames implements FrameTransport {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #decoder: LineDecoder;
  readonly #queue = new FrameQueue();
  readonly #writer: LineWriter;
  readonly #answering: Answering;
  #owner: FrameOwner | undefined;
  #isEnding = false;
  #isClosed = false;
  #lastByteAt: number;
  #linger: { cancel(): void } | undefined;

  constructor(
    { socket, first, hasEnded }: Pick<Arrived, "socket" | "first" | "hasEnded">,
    context: FrameContext,
  ) {
    this.#socket = socket;
    this.#clock = context.clock;
    this.#decoder = new LineDecoder(context.maxFrameBytes);
    this.#writer = new LineWriter(socket, { position: 0, written: () => this.#written() });
    this.#answering = new Answering(socket, context.watch, context.clock);
    this.#lastByteAt = this.#clock.now();
    socket.on("end", () => this.#end()).on("close", () => this.#close());
    readChunks(socket, (chunk) => this.#data(chunk));
    this.#data(first);
    if (hasEnded) this.#end();
  }

  get unsent(): number {
    return this.#writer.unsent;
  }

  get lastByteAt(): number {
    return this.#lastByteAt;
  }

  start(owner: FrameOwner): void {
    this.#owner = owner;
    this.#queue.start(owner);
  }

  write(frames: string): void {
    if (!this.#isEnding) this.#writer.write(frames);
  }

  pause(): void {
    this.#queue.pause();
    if (!this.#isEnding) this.#socket.pause();
  }

  resume(): void {
    this.#queue.resume();
    if (!this.#queue.isPaused) this.#socket.resume();
  }

  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#queue.stop();
    // What still comes is read and dropped: unread bytes would turn our FIN into a reset.
    this.#socket.resume();
    if (this.#writer.unsent === 0) this.#sayGoodbye();
  }

  cut(): void {
    this.#socket.destroy();
  }

  probe(): void {
    this.#socket.setKeepAlive(true, PROBE_AFTER);
  }

  #data(chunk: Buffer): void {
    this.#lastByteAt = this.#clock.now();
    if (this.#isEnding) return;
    const lines = this.#decoder.decode(chunk);
    if (lines !== "") this.#queue.push(lines);
  }

  /** The last frame counts, also without its end. */
  #end(): void {
    this.#queue.push(this.#decoder.end());
    this.#queue.finish();
  }

  #written(): void {
    this.#answering.written();
    if (this.#isEnding && this.#writer.unsent === 0) this.#sayGoodbye();
    else this.#owner?.written();
  }

  #sayGoodbye(): void {
    if (this.#isClosed) return;
    this.#socket.end();
    this.#linger ??= this.#clock.after(LINGER, () => this.cut());
  }

  #close(): void {
    this.#isClosed = true;
    this.#linger?.cancel();
    this.#answering.closed();
    this.#queue.stop();
    this.#owner?.closed();
  }
}
