// From an HTTP request that asks for WebSocket to a transport of frames: the handshake.

import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer } from "ws";
import { type FrameContext, LINGER } from "./frames.ts";
import { WebSocketFrames } from "./websocket-frames.ts";

/** A frame may come in so many pieces; more are an attack on the memory that keeps them apart. */
const MOST_PIECES = 4096;

/** Known to `ws`, and not yet to its types: who does not close his side in time is cut. */
const CLOSING = { closeTimeout: LINGER };

export class WebSockets {
  readonly #context: FrameContext;
  readonly #server: WebSocketServer;

  constructor(context: FrameContext) {
    this.#context = context;
    this.#server = new WebSocketServer({
      ...CLOSING,
      noServer: true,
      clientTracking: false,
      // It costs memory a connection that an idle one must not cost, and a secret beside what somebody
      // else chose can be guessed from the length (CRIME).
      perMessageDeflate: false,
      maxPayload: context.maxFrameBytes,
      maxFragments: MOST_PIECES,
      maxBufferedChunks: MOST_PIECES,
    });
  }

  /** Answers a request for an upgrade; one that is none gets its HTTP error. */
  accept(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    accepted: (frames: WebSocketFrames) => void,
  ): void {
    this.#server.handleUpgrade(request, socket, head, (webSocket) =>
      accepted(new WebSocketFrames(webSocket, socket, this.#context)),
    );
  }
}
