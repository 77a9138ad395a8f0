// Whether the other side's system still answers while it has bytes of ours: a dead one is cut, a slow
// one is not. For connections whose clients confirm by themselves what they have.

import type { Socket } from "node:net";
import type { Clock } from "../broker/clock.ts";
import { Liveness } from "./liveness.ts";
import { tcpKey, type TcpRow } from "./tcp-table.ts";
import type { TcpWatch, Watched } from "./tcp-watch.ts";

export class Answering implements Watched {
  readonly #socket: Socket;
  readonly #watch: TcpWatch;
  readonly #clock: Pick<Clock, "now">;
  #tcpKey: string | undefined;
  #liveness: Liveness | undefined;
  #isWatched = false;

  /** @param socket is destroyed when nobody is there any more */
  constructor(socket: Socket, watch: TcpWatch, clock: Pick<Clock, "now">) {
    this.#socket = socket;
    this.#watch = watch;
    this.#clock = clock;
  }

  /** See `Watched`. */
  get tcpKey(): string {
    return (this.#tcpKey ??= tcpKey(this.#socket));
  }

  /** Bytes were handed to the system. */
  written(): void {
    if (this.#isWatched || !this.#watch.supported) return;
    this.#isWatched = true;
    this.#liveness = new Liveness();
    this.#watch.watch(this);
  }

  closed(): void {
    if (!this.#isWatched) return;
    this.#isWatched = false;
    this.#liveness = undefined;
    this.#watch.unwatch(this);
  }

  beforeLook(): void {}

  /** See `Watched`. */
  looked(row: TcpRow | undefined): void {
    if (!this.#watch.supported) return;
    if (this.#liveness?.isDead(row, this.#clock.now()) === true) this.#socket.destroy();
    else if (row?.unacked === 0) this.closed();
  }
}
