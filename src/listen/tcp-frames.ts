// Frames over TCP, and over TLS: one a line, in either direction.

import type { Buffer } from "node:buffer";
import type { Arrived } from "./arrival.ts";
import type { FrameContext } from "./frames.ts";
import { LineDecoder } from "./line-decoder.ts";
import { LineWriter } from "./line-writer.ts";
import { SocketFrames } from "./socket-frames.ts";

export class TcpFrames extends SocketFrames {
  readonly #decoder: LineDecoder;
  readonly #writer: LineWriter;

  constructor(
    { socket, first, hasEnded }: Pick<Arrived, "socket" | "first" | "hasEnded">,
    context: FrameContext,
  ) {
    super(socket, context);
    this.#decoder = new LineDecoder(context.maxFrameBytes);
    this.#writer = new LineWriter(socket, { position: 0, written: () => this.written() });
    this.begin(first);
    if (hasEnded) this.finished();
  }

  get unsent(): number {
    return this.#writer.unsent;
  }

  write(frames: string): void {
    if (!this.isEnding) this.#writer.write(frames);
  }

  ping(): boolean {
    return false;
  }

  protected read(chunk: Buffer): void {
    if (this.isEnding) return;
    const lines = this.#decoder.decode(chunk);
    if (lines !== "") this.queue.push(lines);
  }

  /** The last frame counts, also without its end. */
  protected finished(): void {
    this.queue.push(this.#decoder.end());
    this.queue.finish();
  }

  protected sayGoodbye(): void {
    this.socket.end();
  }
}
