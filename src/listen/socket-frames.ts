// What all transports of frames over a socket share: the order in which they give what came, pause, end and
// are closed. How frames are read and written is theirs.

import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { Clock } from "../broker/clock.ts";
import { Answering } from "./answering.ts";
import { FrameQueue } from "./frame-queue.ts";
import {
  type FrameContext,
  type FrameOwner,
  type FrameTransport,
  LINGER,
  PROBE_AFTER,
} from "./frames.ts";
import { readChunks } from "./shared-buffer.ts";

export abstract class SocketFrames implements FrameTransport {
  protected readonly socket: Socket;
  protected readonly clock: Clock;
  protected readonly queue: FrameQueue = new FrameQueue();
  /** Nothing more is written after what is unsent. */
  protected isEnding = false;
  readonly #answering: Answering;
  #owner: FrameOwner | undefined;
  #isClosed = false;
  #hasSaidGoodbye = false;
  #lastByteAt: number;
  #linger: { cancel(): void } | undefined;

  /** @param socket its errors are heard */
  protected constructor(socket: Socket, { watch, clock }: FrameContext) {
    this.socket = socket;
    this.clock = clock;
    this.#answering = new Answering(socket, watch, clock);
    this.#lastByteAt = clock.now();
    socket.on("end", () => this.finished()).on("close", () => this.#close());
  }

  abstract get unsent(): number;

  abstract write(frames: string): void;

  abstract ping(): boolean;

  /** Gives the lines that a chunk completes to the queue. */
  protected abstract read(chunk: Buffer): void;

  /** The client says nothing more. */
  protected abstract finished(): void;

  /** The last thing that is written. */
  protected abstract sayGoodbye(): void;

  get lastByteAt(): number {
    return this.#lastByteAt;
  }

  start(owner: FrameOwner): void {
    this.#owner = owner;
    this.queue.start(owner);
  }

  pause(isSoon = false): void {
    this.queue.pause();
    if (!isSoon && !this.isEnding) this.socket.pause();
  }

  resume(): void {
    // Nobody is silent while we do not read.
    this.#lastByteAt = this.clock.now();
    this.queue.resume();
    if (!this.queue.isPaused) this.socket.resume();
  }

  end(): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.queue.stop();
    // What still comes is read and dropped: unread bytes would turn our FIN into a reset.
    this.socket.resume();
    if (this.unsent === 0) this.#goodbye();
  }

  cut(): void {
    this.socket.destroy();
  }

  probe(): void {
    this.socket.setKeepAlive(true, PROBE_AFTER);
  }

  /** Begins to read. @param first what came already */
  protected begin(first: Buffer): void {
    const take = (chunk: Buffer): void => {
      this.#lastByteAt = this.clock.now();
      if (this.queue.isPaused && !this.isEnding) this.socket.pause();
      this.read(chunk);
    };
    readChunks(this.socket, take);
    take(first);
  }

  /** The operating system has taken all of a write. */
  protected written(): void {
    this.#answering.written();
    if (this.isEnding && this.unsent === 0) this.#goodbye();
    else this.#owner?.written();
  }

  /** Whoever does not close his side in time is cut. */
  #goodbye(): void {
    if (this.#isClosed || this.#hasSaidGoodbye) return;
    this.#hasSaidGoodbye = true;
    this.sayGoodbye();
    this.#linger = this.clock.after(LINGER, () => this.cut());
  }

  #close(): void {
    this.#isClosed = true;
    this.#linger?.cancel();
    this.#answering.closed();
    this.queue.stop();
    this.#owner?.closed();
  }
}
