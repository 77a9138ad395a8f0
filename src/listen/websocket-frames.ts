// Frames over WebSocket (RFC 6455): a text message each, in either direction, on a socket whose
// handshake is done. All frames of a turn go out in one write.

import { Buffer } from "node:buffer";
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
import { CloseCode, Opcode } from "./websocket-codes.ts";
import { WebSocketDecoder } from "./websocket-decoder.ts";
import { formatClose, formatControl, formatTextFrames } from "./websocket-format.ts";

/** A client from which nothing came for this long, in ms, is asked whether it is there … */
const PING_AFTER = 25_000;

/** … and has this long, in ms, to answer. A proxy that acknowledges and forwards nothing is seen here. */
const PONG_WITHIN = 20_000;

const PING: string = formatControl(Opcode.ping, Buffer.alloc(0));

export class WebSocketFrames implements FrameTransport {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #decoder: WebSocketDecoder;
  readonly #queue = new FrameQueue();
  readonly #answering: Answering;
  #owner: FrameOwner | undefined;
  /** Frames that wait, and before them what says something about the connection. */
  #text = "";
  #controls = "";
  #inFlight = 0;
  #isScheduled = false;
  #isEnding = false;
  #hasSaidGoodbye = false;
  #isClosed = false;
  #lastByteAt: number;
  #timer: { cancel(): void };
  #linger: { cancel(): void } | undefined;

  /**
   * @param socket its errors are heard
   * @param first what came after the handshake already
   */
  constructor(socket: Socket, first: Buffer, context: FrameContext) {
    this.#socket = socket;
    this.#clock = context.clock;
    this.#decoder = new WebSocketDecoder(context.maxFrameBytes, (payload) =>
      this.#control(formatControl(Opcode.pong, payload)),
    );
    this.#answering = new Answering(socket, context.watch, context.clock);
    this.#lastByteAt = this.#clock.now();
    this.#timer = this.#clock.after(PING_AFTER, () => this.#checkSilence());
    socket.on("end", () => this.#finished()).on("close", () => this.#close());
    readChunks(socket, (chunk) => this.#data(chunk));
    // A copy: it is written in.
    this.#data(Buffer.from(first));
  }

  get unsent(): number {
    return this.#text.length + this.#inFlight;
  }

  get lastByteAt(): number {
    return this.#lastByteAt;
  }

  start(owner: FrameOwner): void {
    this.#owner = owner;
    this.#queue.start(owner);
  }

  write(frames: string): void {
    if (this.#isEnding) return;
    this.#text += frames;
    this.#schedule();
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
    // Its answer is among what still comes, and unread bytes would turn our FIN into a reset.
    this.#socket.resume();
    if (this.unsent === 0) this.#sayGoodbye();
  }

  cut(): void {
    this.#socket.destroy();
  }

  probe(): void {
    this.#socket.setKeepAlive(true, PROBE_AFTER);
  }

  #data(chunk: Buffer): void {
    this.#lastByteAt = this.#clock.now();
    if (this.#decoder.end !== undefined) return;
    const lines = this.#decoder.decode(chunk);
    if (lines !== "") this.#queue.push(lines);
    if (this.#decoder.end !== undefined) this.#finished();
  }

  /** Nothing more counts of what comes: what is under way is answered, then it is closed. */
  #finished(): void {
    this.#queue.finish();
    if (this.#hasSaidGoodbye) this.#socket.end();
  }

  #control(frame: string): void {
    this.#controls += frame;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#inFlight > 0) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    const bytes = this.#controls + formatTextFrames(this.#text);
    if (bytes === "" || !this.#socket.writable) return;
    this.#text = "";
    this.#controls = "";
    this.#inFlight = bytes.length;
    this.#socket.write(bytes, "latin1", (error) => {
      this.#inFlight = 0;
      if (error) return;
      if (this.#text !== "" || this.#controls !== "") this.#flush();
      this.#answering.written();
      if (this.#isEnding && this.unsent === 0) this.#sayGoodbye();
      else this.#owner?.written();
    });
  }

  /** Nobody is silent while we do not read, or while he has not read what we wrote before the ping. */
  #checkSilence(): void {
    const now = this.#clock.now();
    if (this.#queue.isPaused || this.unsent > 0) this.#lastByteAt = now;
    const silent = now - this.#lastByteAt;
    if (silent >= PING_AFTER + PONG_WITHIN) return this.cut();
    if (silent >= PING_AFTER) this.#control(PING);
    const next = silent >= PING_AFTER ? PING_AFTER + PONG_WITHIN : PING_AFTER;
    this.#timer = this.#clock.after(next - silent, () => this.#checkSilence());
  }

  /** A client that has closed is answered and let go; another one has a second to answer. */
  #sayGoodbye(): void {
    if (this.#isClosed || this.#hasSaidGoodbye) return;
    this.#hasSaidGoodbye = true;
    this.#timer.cancel();
    const { end } = this.#decoder;
    const close = this.#controls + formatClose(end ?? CloseCode.normal);
    this.#controls = "";
    if (end !== undefined || this.#socket.readableEnded) this.#socket.end(close, "latin1");
    else this.#socket.write(close, "latin1");
    this.#linger = this.#clock.after(LINGER, () => this.cut());
  }

  #close(): void {
    this.#isClosed = true;
    this.#timer.cancel();
    this.#linger?.cancel();
    this.#answering.closed();
    this.#queue.stop();
    this.#owner?.closed();
  }
}
