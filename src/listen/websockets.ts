// From an HTTP request that asks for WebSocket to a transport of frames: the handshake, by `ws`.

import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { FrameContext } from "./frames.ts";
import { WebSocketFrames } from "./websocket-frames.ts";

export class WebSockets {
  readonly #context: FrameContext;
  // No compression: it costs memory that an idle connection must not cost, and a secret beside what
  // somebody else chose can be guessed from the length (CRIME).
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
  });

  constructor(context: FrameContext) {
    this.#context = context;
  }

  /** Answers a request for an upgrade; one that is none gets its HTTP error. */
  accept(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    accepted: (frames: WebSocketFrames) => void,
  ): void {
    const handshake = new Handshake(socket);
    this.#server.handleUpgrade(request, handshake, Buffer.alloc(0), (webSocket) => {
      handshake.letGo();
      webSocket.terminate();
      accepted(new WebSocketFrames(socket, head, this.#context));
    });
  }
}

/** The socket as `ws` sees it: its answer goes out, and nothing comes in. */
class Handshake extends Duplex {
  readonly #socket: Socket;
  #isOver = false;

  constructor(socket: Socket) {
    super();
    this.#socket = socket;
  }

  /** What happens to it is no matter of the socket any more. */
  letGo(): void {
    this.#isOver = true;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.write(chunk, done);
  }

  override _final(done: (error?: Error | null) => void): void {
    if (!this.#isOver) this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#isOver) this.#socket.destroy();
    done(error);
  }
}
