// A connection that speaks HTTP, as the listener sees it: how long it may take for what it is at, and
// how it ends.

import type { Socket } from "node:net";
import type { Clock } from "../broker/clock.ts";
import type { Client } from "./clients.ts";
import type { OpenConnection, Place } from "./places.ts";

/** How long a client may take to read its answer, in ms. */
const ANSWER_TIME = 60_000;

export interface HttpTimes {
  readonly clock: Clock;
  /** From the end of an answer to the end of the next request's headers, in ms. */
  readonly loginTime: number;
}

export class HttpConnection implements OpenConnection {
  readonly protocol = "http";
  readonly client: Client;
  readonly place: Place;
  readonly #socket: Socket;
  readonly #times: HttpTimes;
  #loginBy: number;
  #timer: { cancel(): void };
  #isAnswering = false;

  /** @param loginBy when its first request must have come, in ms since 1970 */
  constructor(socket: Socket, client: Client, place: Place, times: HttpTimes, loginBy: number) {
    this.client = client;
    this.place = place;
    this.#socket = socket;
    this.#times = times;
    this.#loginBy = loginBy;
    this.#timer = this.#cutAfter(loginBy - times.clock.now());
    socket.on("close", () => this.#timer.cancel());
  }

  /** When its next request must have come, in ms since 1970; and the login of a WebSocket that it asks for. */
  get loginBy(): number {
    return this.#loginBy;
  }

  /** A request has come: it is this connection's turn to read. */
  asked(): void {
    this.#isAnswering = true;
    this.#timer.cancel();
    this.#timer = this.#cutAfter(ANSWER_TIME);
  }

  answered(): void {
    this.#isAnswering = false;
    this.#timer.cancel();
    if (this.#socket.destroyed) return;
    const { clock, loginTime } = this.#times;
    this.#loginBy = clock.now() + loginTime;
    this.#timer = this.#cutAfter(loginTime);
  }

  /** It speaks something else from now on. */
  letGo(): void {
    this.#timer.cancel();
  }

  endIfIdleSince(): void {}

  /** What is asked already is answered, and the connection is closed after it. */
  stop(): void {
    if (!this.#isAnswering) this.#socket.destroy();
  }

  #cutAfter(ms: number): { cancel(): void } {
    return this.#times.clock.after(Math.max(0, ms), () => this.#socket.destroy());
  }
}
