// How a line connection learns what arrived, and how it ends: it asks the system what the other
// side's system has acknowledged, and where the system does not tell, it goes by time.

import type { Socket } from "node:net";
import type { Clock } from "../broker/clock.ts";
import { Evidence } from "./evidence.ts";
import type { LineWriter } from "./line-writer.ts";
import { Liveness } from "./liveness.ts";
import { tcpKey, type TcpRow } from "./tcp-table.ts";
import type { TcpWatch, Watched } from "./tcp-watch.ts";

/** With more than this many bytes unconfirmed, the system is asked soon and not in a second. */
const MANY_BYTES = 4 * 1024 * 1024;

/** Looks in quick succession while a connection ends; after them, one a second. */
const QUICK_LOOKS = 50;

/**
 * After a FIN, the last byte is written this much later, in ms: an error tells that nobody is there.
 * The answer to what was written before takes one round trip, which may be long (`docs/tcp.md`).
 */
const LAST_BYTE_AFTER = 1000;

export interface DeliveredOptions {
  readonly clock: Clock;
  readonly watch: TcpWatch;
  readonly options: { readonly redeliveryWindow: number };
}

export interface DeliveredOwner {
  /** Everything up to `seq` has arrived. */
  confirm(seq: number): void;
  /** The other side's system has not answered for too long. */
  dead(): void;
}

export class Delivered implements Watched {
  readonly #socket: Socket;
  readonly #writer: LineWriter;
  readonly #context: DeliveredOptions;
  readonly #owner: DeliveredOwner;
  readonly #evidence = new Evidence();
  #liveness: Liveness | undefined;
  #tcpKey: string | undefined;
  #isWatched = false;
  #heldBack = "";
  #looksLeft = 0;
  #finished: (() => void) | undefined;

  constructor(
    socket: Socket,
    writer: LineWriter,
    context: DeliveredOptions,
    owner: DeliveredOwner,
  ) {
    this.#socket = socket;
    this.#writer = writer;
    this.#context = context;
    this.#owner = owner;
  }

  /** See `Watched`. */
  get tcpKey(): string {
    return (this.#tcpKey ??= tcpKey(this.#socket));
  }

  /** The operating system took something: from now on we want to know whether it arrives. */
  written(): void {
    const { watch } = this.#context;
    if (!this.#isWatched) {
      this.#isWatched = true;
      this.#liveness ??= new Liveness();
      watch.watch(this);
    }
    if (this.#writer.handed.bytes - this.#evidence.confirmedBytes > MANY_BYTES) watch.lookSoon();
    if (this.#finished !== undefined && this.#writer.unsent === 0) this.#drained();
  }

  /** Resolves when all that was written has arrived, or nothing more will be known about it. */
  finish(clientFinished: boolean): Promise<void> {
    this.#looksLeft = QUICK_LOOKS;
    // A full close looks like a FIN; only a later write tells, and only if something is left for it.
    if (clientFinished && !this.#context.watch.supported) this.#heldBack = this.#writer.holdBack();
    return new Promise((resolve) => {
      this.#finished = resolve;
      if (this.#writer.unsent === 0) this.#drained();
    });
  }

  closed(): void {
    this.#unwatch();
    this.#finished?.();
  }

  /** See `Watched`. */
  beforeLook(): void {
    const { bytes, seq } = this.#writer.handed;
    this.#evidence.mark(bytes, seq, this.#context.clock.now());
  }

  /** See `Watched`. */
  looked(row: TcpRow | undefined): void {
    const { clock, watch, options } = this.#context;
    const seq = watch.supported
      ? row && this.#evidence.acknowledged(row.unacked)
      : this.#evidence.olderThan(clock.now() - options.redeliveryWindow);
    if (seq !== undefined) this.#owner.confirm(seq);
    if (watch.supported && this.#liveness?.isDead(row, clock.now()) === true)
      return this.#owner.dead();
    if (this.#isConfirmed()) {
      this.#unwatch();
      if (this.#finished !== undefined) this.#drained();
    } else if (this.#finished !== undefined && this.#looksLeft-- > 0) {
      watch.lookSoon();
    }
  }

  #isConfirmed(): boolean {
    return this.#writer.unsent === 0 && this.#writer.handed.bytes === this.#evidence.confirmedBytes;
  }

  #unwatch(): void {
    if (!this.#isWatched) return;
    this.#isWatched = false;
    this.#context.watch.unwatch(this);
  }

  /** Everything is with the operating system, and the connection wants to end. */
  #drained(): void {
    const { clock, watch } = this.#context;
    if (this.#heldBack !== "") {
      const last = this.#heldBack;
      this.#heldBack = "";
      clock.after(LAST_BYTE_AFTER, () => this.#writer.write(last));
    } else if (this.#isConfirmed()) {
      this.#finished?.();
    } else if (watch.supported) {
      watch.lookSoon();
    } else {
      // Nobody objected to the last byte: that is all there is to know.
      this.beforeLook();
      const seq = this.#socket.writable ? this.#evidence.olderThan(Infinity) : undefined;
      if (seq !== undefined) this.#owner.confirm(seq);
      this.#finished?.();
    }
  }
}
