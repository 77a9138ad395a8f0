// TLS on the port: a connection whose first bytes are a handshake becomes the one inside.

import { createServer, type Server, type TLSSocket } from "node:tls";
import type { Socket } from "node:net";
import { tcpKey } from "./tcp-table.ts";

/** PEM, as the files have it. */
export interface TlsCredentials {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

/** What we speak inside; HTTP/2 is not offered, so that browsers ask in HTTP/1.1. */
const ALPN = ["http/1.1"];

export class TlsPort {
  /** Does not listen: it is given its connections. */
  readonly #server: Server;
  /** Who waits for the end of a handshake, by the two addresses. */
  readonly #waiting = new Map<string, (inside: TLSSocket) => void>();

  /** @throws OpenSSL's error when the two do not belong together, or are something else */
  constructor(credentials: TlsCredentials) {
    this.#server = createServer({ ...credentials, ALPNProtocols: ALPN, allowHalfOpen: true });
    this.#server.on("secureConnection", (inside) => this.#secured(inside));
    // Whoever cannot finish a handshake is closed, as is whoever never begins one.
    this.#server.on("tlsClientError", (_error, inside) => inside.destroy());
  }

  /**
   * From now on new connections get these; those that are open stay as they are.
   * @throws as the constructor does; then the old ones stay
   */
  reload(credentials: TlsCredentials): void {
    this.#server.setSecureContext(credentials);
  }

  /**
   * Does the server's part of the handshake on a stream, which is destroyed when it fails. The caller
   * limits its time.
   */
  secure(socket: Socket, secured: (inside: TLSSocket) => void): void {
    const key = tcpKey(socket);
    if (key === "") return void socket.destroy();
    this.#waiting.set(key, secured);
    socket.on("close", () => {
      if (this.#waiting.get(key) === secured) this.#waiting.delete(key);
    });
    this.#server.emit("connection", socket);
  }

  #secured(inside: TLSSocket): void {
    const key = tcpKey(inside);
    const secured = this.#waiting.get(key);
    this.#waiting.delete(key);
    if (secured === undefined) inside.destroy();
    else secured(inside);
  }
}
