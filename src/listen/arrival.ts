// A connection from its accept to its protocol: its first bytes are read until they show what it
// is. One that says nothing is told nothing, and closed after the login time.

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import type { Clock } from "../broker/clock.ts";
import { detect, type Protocol } from "./detect.ts";
import type { OpenConnection } from "./places.ts";
import { readChunks } from "./shared-buffer.ts";

/** A connection of which it is known what it speaks. Who gets it owns the socket. */
export interface Arrived {
  /** Read with `readChunks` or `becomeStream`. Its errors are heard; its `close` follows them. */
  readonly socket: Socket;
  /** The client's. */
  readonly address: string;
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
  /** Called once, unless it is closed before. */
  arrived(protocol: Protocol, connection: Arrived): void;
}

const NOTHING = Buffer.alloc(0);

/** Not made in the constructor: it stays with the socket, and would keep the arrival with it. */
const ignore = (): void => {};

export class Arrival implements OpenConnection {
  readonly protocol = "arriving";
  readonly #socket: Socket;
  readonly #address: string;
  readonly #options: ArrivalOptions;
  readonly #loginBy: number;
  readonly #timer: { cancel(): void };
  /** What came so far, and did not show enough. */
  #first = NOTHING;

  constructor(socket: Socket, address: string, options: ArrivalOptions) {
    this.#socket = socket;
    this.#address = address;
    this.#options = options;
    const { clock, loginTime } = options;
    this.#loginBy = clock.now() + loginTime;
    this.#timer = clock.after(loginTime, () => this.#enough(false));
    socket.on("error", ignore).on("end", this.#ended).on("close", this.#closed);
    readChunks(socket, (chunk) => this.#data(chunk));
  }

  /** It has nothing to lose. */
  stop(): void {
    this.#socket.destroy();
  }

  endIfIdleSince(): void {}

  #data(chunk: Buffer): void {
    const bytes = this.#first.length === 0 ? chunk : Buffer.concat([this.#first, chunk]);
    const detected = detect(bytes);
    if (detected !== undefined) {
      this.#arrived(detected.protocol, bytes.subarray(detected.skip), false);
    } else {
      this.#first = Buffer.from(bytes);
    }
  }

  readonly #ended = (): void => this.#enough(true);

  readonly #closed = (): void => this.#timer.cancel();

  /** Nothing more will come, or not in time: what it began to say was the line protocol. */
  #enough(hasEnded: boolean): void {
    if (this.#first.length === 0) this.#socket.destroy();
    else this.#arrived("line", this.#first, hasEnded);
  }

  #arrived(protocol: Protocol, first: Buffer, hasEnded: boolean): void {
    this.#timer.cancel();
    this.#socket.off("end", this.#ended).off("close", this.#closed);
    this.#options.arrived(protocol, {
      socket: this.#socket,
      address: this.#address,
      first,
      hasEnded,
      loginBy: this.#loginBy,
    });
  }
}
