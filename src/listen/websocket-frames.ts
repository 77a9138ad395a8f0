// Frames over WebSocket (RFC 6455): a text message each, in either direction, on a socket whose
// handshake is done. All frames of a turn go out in one write.

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { flatten } from "./flatten.ts";
import type { FrameContext } from "./frames.ts";
import { SocketFrames } from "./socket-frames.ts";
import { CloseCode, Opcode } from "./websocket-codes.ts";
import { WebSocketDecoder } from "./websocket-decoder.ts";
import { formatClose, formatControl, formatTextFrames } from "./websocket-format.ts";

const PING: string = formatControl(Opcode.ping, Buffer.alloc(0));

export class WebSocketFrames extends SocketFrames {
  readonly #decoder: WebSocketDecoder;
  /** Frames that wait. */
  #text = "";
  /** What goes before them: a ping of ours, and the answer to the newest of the client's (RFC 6455, 5.5.3). */
  #ping = "";
  #pong = "";
  #inFlight = 0;
  #isScheduled = false;
  #isClosing = false;

  /**
   * @param socket its errors are heard
   * @param first what came after the handshake already
   */
  constructor(socket: Socket, first: Buffer, context: FrameContext) {
    super(socket, context);
    this.#decoder = new WebSocketDecoder(context.maxFrameBytes, (payload) => {
      this.#pong = formatControl(Opcode.pong, payload);
      this.#schedule();
    });
    // A copy: it is written in.
    this.begin(Buffer.from(first));
  }

  get unsent(): number {
    return this.#text.length + this.#inFlight;
  }

  write(frames: string): void {
    if (this.isEnding) return;
    this.#text += flatten(frames);
    this.#schedule();
  }

  /** Its pong needs no help of whoever uses the client (RFC 6455, 5.5.2). */
  ping(): boolean {
    this.#ping = PING;
    this.#schedule();
    return true;
  }

  protected read(chunk: Buffer): void {
    if (this.#decoder.end !== undefined) return;
    const lines = this.#decoder.decode(chunk);
    if (lines !== "") this.queue.push(lines);
    if (this.#decoder.end !== undefined) this.finished();
  }

  /** What is under way is answered, then it is closed. */
  protected finished(): void {
    this.queue.finish();
    if (this.#isClosing) this.socket.end();
  }

  /** A client that has closed is let go with that; another one has to answer. */
  protected sayGoodbye(): void {
    this.#isClosing = true;
    const { end } = this.#decoder;
    const close = this.#pong + formatClose(end ?? CloseCode.normal);
    if (end !== undefined || this.socket.readableEnded) this.socket.end(close, "latin1");
    else this.socket.write(close, "latin1");
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
    if (this.#isClosing || !this.socket.writable) return;
    const bytes = this.#ping + this.#pong + formatTextFrames(this.#text);
    if (bytes === "") return;
    this.#ping = this.#pong = this.#text = "";
    this.#inFlight = bytes.length;
    this.socket.write(bytes, "latin1", (error) => {
      this.#inFlight = 0;
      if (error) return;
      this.#flush();
      this.written();
    });
  }
}
