// A connection from its accept to its protocol: what a proxy says of it, TLS, and then its first
// bytes, read until they show what it is. One that says nothing is told nothing, and closed after
// the login time.

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { Clock } from "../broker/clock.ts";
import type { ChatError } from "../protocol/errors.ts";
import { isLoopback } from "./addresses.ts";
import type { Client } from "./clients.ts";
import { detect, type Protocol } from "./detect.ts";
import type { OpenConnection } from "./places.ts";
import { parseProxyHeader } from "./proxy-header.ts";
import { becomeStream, readChunks } from "./shared-buffer.ts";
import type { TlsPort } from "./tls.ts";

/** A connection of which it is known what it speaks. Who gets it owns the socket. */
export interface Arrived {
  /** Read with `readChunks` or `becomeStream`. Its errors are heard; its `close` follows them. */
  readonly socket: Socket;
  readonly client: Client;
  /** What it sent first; to be used or copied before the call returns. */
  readonly first: Buffer;
  /** Whether it has finished already, so that no `end` will come. */
  readonly hasEnded: boolean;
  /** When its login time is over, in ms since 1970. */
  readonly loginBy: number;
}

export interface ArrivalOptions {
  readonly clock: Clock;
  /** In ms. */
  readonly loginTime: number;
  /** Undefined when there is no TLS here: then a handshake arrives as what it is. */
  readonly tls: TlsPort | undefined;
}

/** Whom it arrives at. */
export interface ArrivalOwner {
  /** A proxy has told whom it comes from. @returns why it may not stay */
  named(client: Client): ChatError | undefined;
  /** Called once, unless it is closed before. @param refused why it may not stay, when that is known */
  arrived(protocol: Protocol, connection: Arrived, refused?: ChatError): void;
}

const NOTHING = Buffer.alloc(0);

/** Not made in the constructor: it stays with the socket, and would keep the arrival with it. */
const ignore = (): void => {};

export class Arrival implements OpenConnection {
  readonly protocol = "arriving";
  readonly #options: ArrivalOptions;
  readonly #owner: ArrivalOwner;
  readonly #loginBy: number;
  readonly #timer: { cancel(): void };
  #socket: Socket;
  #client: Client;
  /** Whether a proxy's header may come before everything else. */
  #mayBeProxied: boolean;
  #refused: ChatError | undefined;
  /** Whether this is what is inside TLS: that is looked into once. */
  #isInside = false;
  /** What came so far, and did not show enough. */
  #first = NOTHING;

  /**
   * @param address whom it comes from; a proxy that is trusted names another, or it may be anybody
   */
  constructor(
    socket: Socket,
    { address, isTrusted }: { readonly address: string; readonly isTrusted: boolean },
    options: ArrivalOptions,
    owner: ArrivalOwner,
  ) {
    const { clock, loginTime } = options;
    this.#options = options;
    this.#owner = owner;
    this.#client = { address, isLoopback: !isTrusted && isLoopback(address), isSecure: false };
    this.#mayBeProxied = isTrusted;
    this.#loginBy = clock.now() + loginTime;
    this.#timer = clock.after(loginTime, () => this.#enough(false));
    this.#socket = this.#listenTo(socket);
  }

  /** It has nothing to lose. */
  stop(): void {
    this.#socket.destroy();
  }

  endIfIdleSince(): void {}

  #listenTo(socket: Socket): Socket {
    socket.on("error", ignore).on("end", this.#ended).on("close", this.#closed);
    readChunks(socket, (chunk) => this.#data(chunk));
    return socket;
  }

  #data(chunk: Buffer): void {
    const bytes = this.#first.length === 0 ? chunk : Buffer.concat([this.#first, chunk]);
    const rest = this.#mayBeProxied ? this.#afterProxy(bytes) : bytes;
    const detected = rest === undefined ? undefined : detect(rest);
    // Whoever may not stay keeps no place by saying nothing more.
    if (rest !== undefined && this.#refused !== undefined)
      return this.#end(detected?.protocol ?? "line", rest, false);
    if (rest === undefined || detected === undefined) this.#first = Buffer.from(rest ?? bytes);
    else this.#found(detected.protocol, rest.subarray(detected.skip));
  }

  /** What follows the proxy's header; undefined while it has not come. */
  #afterProxy(bytes: Buffer): Buffer | undefined {
    const header = parseProxyHeader(bytes);
    if (header === undefined) return undefined;
    this.#mayBeProxied = false;
    if (header === "bad") {
      this.#socket.destroy();
      return undefined;
    }
    const { address, isSecure = false } = header;
    if (address !== undefined) {
      this.#client = { address, isLoopback: isLoopback(address), isSecure };
      this.#refused = this.#owner.named(this.#client);
    }
    return bytes.subarray(header.length);
  }

  #found(protocol: Protocol, bytes: Buffer): void {
    const { tls } = this.#options;
    if (protocol !== "tls" || tls === undefined || this.#isInside)
      return this.#end(protocol, bytes, false);
    const outside = this.#letGo();
    this.#first = NOTHING;
    becomeStream(outside, bytes);
    outside.on("close", this.#closed);
    tls.secure(outside, (inside) => {
      outside.off("close", this.#closed);
      this.#client = { ...this.#client, isSecure: true };
      this.#isInside = true;
      this.#socket = this.#listenTo(inside);
    });
  }

  readonly #ended = (): void => this.#enough(true);

  readonly #closed = (): void => this.#timer.cancel();

  /** Nothing more will come, or not in time: what it began to say was the line protocol. */
  #enough(hasEnded: boolean): void {
    if (this.#first.length === 0) this.#socket.destroy();
    else this.#end("line", this.#first, hasEnded);
  }

  #end(protocol: Protocol, first: Buffer, hasEnded: boolean): void {
    this.#timer.cancel();
    const connection = {
      socket: this.#letGo(),
      client: this.#client,
      first,
      hasEnded,
      loginBy: this.#loginBy,
    };
    this.#owner.arrived(protocol, connection, this.#refused);
  }

  #letGo(): Socket {
    return this.#socket.off("end", this.#ended).off("close", this.#closed);
  }
}
