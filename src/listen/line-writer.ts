// The writer of a connection: text to bytes, one write a turn of the event loop and one at a time,
// and the account of which bytes the operating system has, for the evidence that they arrived.

import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { flatten } from "./flatten.ts";

export interface LineWriterOwner {
  /** The highest seq whose messages were all given to the writer. */
  readonly position: number;
  /** The operating system took all of a write. */
  written(): void;
}

export class LineWriter {
  readonly #socket: Socket;
  readonly #owner: LineWriterOwner;
  #text = "";
  #inFlight = 0;
  #scheduled = false;
  /** Bytes that were given to the operating system, ever, and up to which seq they reach. */
  #handedBytes = 0;
  #handedSeq = 0;

  constructor(socket: Socket, owner: LineWriterOwner) {
    this.#socket = socket;
    this.#owner = owner;
  }

  /** Bytes (nearly: characters, before they are encoded) not yet with the operating system. */
  get unsent(): number {
    return this.#text.length + this.#inFlight;
  }

  get handed(): { readonly bytes: number; readonly seq: number } {
    return { bytes: this.#handedBytes, seq: this.#handedSeq };
  }

  write(text: string): void {
    this.#text += flatten(text);
    this.#schedule();
  }

  /** Takes the last character back out of what waits, to be written later; "" when nothing waits. */
  holdBack(): string {
    const last = this.#text.slice(-1);
    this.#text = this.#text.slice(0, -1);
    return last;
  }

  #schedule(): void {
    if (this.#scheduled || this.#inFlight > 0) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  #flush(): void {
    if (this.#text === "" || !this.#socket.writable) return;
    const text = this.#text;
    const seq = this.#owner.position;
    const bytes = Buffer.byteLength(text);
    this.#text = "";
    this.#inFlight = bytes;
    // ASCII goes out as it is, without being encoded.
    this.#socket.write(text, bytes === text.length ? "latin1" : "utf8", (error) => {
      this.#inFlight = 0;
      if (error) return;
      this.#handedBytes += bytes;
      this.#handedSeq = seq;
      if (this.#text !== "") this.#flush();
      this.#owner.written();
    });
  }
}
