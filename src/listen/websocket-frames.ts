// Frames over WebSocket (RFC 6455): a text message each, in either direction. What comes is parsed by
// `ws`; what goes out is put together here, all frames of a turn in one write.

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { WebSocket } from "ws";
import type { Clock } from "../broker/clock.ts";
import { BAD_TEXT, LINE_TOO_LONG } from "../protocol/line/unreadable.ts";
import { Answering } from "./answering.ts";
import { FrameQueue } from "./frame-queue.ts";
import { type FrameContext, type FrameOwner, type FrameTransport, PROBE_AFTER } from "./frames.ts";

/** A client from which nothing came for this long, in ms, is asked whether it is there … */
const PING_AFTER = 25_000;

/** … and has this long, in ms, to answer. A proxy that acknowledges and forwards nothing is seen here. */
const PONG_WITHIN = 20_000;

const NORMAL_CLOSURE = 1000;

export class WebSocketFrames implements FrameTransport {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #queue = new FrameQueue();
  readonly #answering: Answering;
  #owner: FrameOwner | undefined;
  #text = "";
  #inFlight = 0;
  #isScheduled = false;
  #isEnding = false;
  #isClosed = false;
  #lastByteAt: number;
  #timer: { cancel(): void };

  /** @param socket the one that `webSocket` was made of; its errors are heard */
  constructor(webSocket: WebSocket, socket: Socket, context: FrameContext) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#clock = context.clock;
    this.#answering = new Answering(socket, context.watch, context.clock);
    this.#lastByteAt = this.#clock.now();
    this.#timer = this.#clock.after(PING_AFTER, () => this.#checkSilence());
    webSocket
      .on("message", (data: Buffer, isBinary) => this.#message(data, isBinary))
      .on("ping", () => this.#heard())
      .on("pong", () => this.#heard())
      .on("error", (error: NodeJS.ErrnoException) => this.#failed(error))
      .on("close", () => this.#close());
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
    if (!this.#isEnding) this.#webSocket.pause();
  }

  resume(): void {
    this.#queue.resume();
    if (!this.#queue.isPaused) this.#webSocket.resume();
  }

  end(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#queue.stop();
    // Its answer is among what still comes.
    this.#webSocket.resume();
    if (this.unsent === 0) this.#sayGoodbye();
  }

  cut(): void {
    this.#webSocket.terminate();
  }

  probe(): void {
    this.#socket.setKeepAlive(true, PROBE_AFTER);
  }

  #heard(): void {
    this.#lastByteAt = this.#clock.now();
  }

  #message(data: Buffer, isBinary: boolean): void {
    this.#heard();
    if (this.#isEnding) return;
    if (isBinary) return this.#queue.push(`${BAD_TEXT}\n`);
    const text = data.toString();
    // A frame may be several lines of text; to what is made of it they are spaces.
    this.#queue.pushLine(text.includes("\n") ? text.replaceAll("\n", " ") : text);
  }

  /** `ws` closes the connection itself, with the code that the standard has for it. */
  #failed(error: NodeJS.ErrnoException): void {
    if (error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") this.#queue.push(`${LINE_TOO_LONG}\n`);
    if (error.code === "WS_ERR_INVALID_UTF8") this.#queue.push(`${BAD_TEXT}\n`);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#inFlight > 0) return;
    this.#isScheduled = true;
    process.nextTick(() => {
      this.#isScheduled = false;
      this.#flush();
    });
  }

  /** Whole messages, between which `ws` may write pings and closes of its own. */
  #flush(): void {
    const { readyState, OPEN } = this.#webSocket;
    if (this.#text === "" || readyState !== OPEN || !this.#socket.writable) return;
    const bytes = formatTextFrames(this.#text);
    this.#text = "";
    this.#inFlight = bytes.length;
    this.#socket.write(bytes, "latin1", (error) => {
      this.#inFlight = 0;
      if (error) return;
      if (this.#text !== "") this.#flush();
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
    if (silent >= PING_AFTER && this.#webSocket.readyState === this.#webSocket.OPEN)
      this.#webSocket.ping();
    const next = silent >= PING_AFTER ? PING_AFTER + PONG_WITHIN : PING_AFTER;
    this.#timer = this.#clock.after(next - silent, () => this.#checkSilence());
  }

  /** `ws` cuts who does not close his side in time (see `websockets.ts`). */
  #sayGoodbye(): void {
    if (this.#isClosed) return;
    this.#webSocket.close(NORMAL_CLOSURE);
    this.#timer.cancel();
  }

  #close(): void {
    this.#isClosed = true;
    this.#timer.cancel();
    this.#answering.closed();
    // Paused or not: what was not given cannot be answered any more.
    this.#queue.finish();
    this.#queue.stop();
    this.#owner?.closed();
  }
}

/** A server's text messages, one a line of `lines`, as text of one character a byte. */
function formatTextFrames(lines: string): string {
  const isPlain = Buffer.byteLength(lines) === lines.length;
  let frames = "";
  for (let at = 0; at < lines.length;) {
    const end = lines.indexOf("\n", at);
    const line = lines.slice(at, end);
    const payload = isPlain ? line : Buffer.from(line).toString("latin1");
    frames += `\x81${formatLength(payload.length)}${payload}`;
    at = end + 1;
  }
  return frames;
}

function formatLength(bytes: number): string {
  const { fromCharCode } = String;
  if (bytes < 126) return fromCharCode(bytes);
  if (bytes < 65_536) return `\x7e${fromCharCode(bytes >> 8, bytes & 0xff)}`;
  const [three, two, one, zero] = [bytes >>> 24, bytes >> 16, bytes >> 8, bytes];
  return `\x7f\0\0\0\0${fromCharCode(...[three, two, one, zero].map((byte) => byte & 0xff))}`;
}
