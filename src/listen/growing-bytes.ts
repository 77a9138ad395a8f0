// Bytes that came in pieces and are needed together: copies, since a part of a chunk keeps all of it in memory.

import { Buffer } from "node:buffer";

export class GrowingBytes {
  #bytes: Buffer | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** All of them, until the next change. */
  get bytes(): Buffer {
    return this.#bytes?.subarray(0, this.#length) ?? Buffer.alloc(0);
  }

  append(more: Uint8Array): void {
    const length = this.#length + more.length;
    if (this.#bytes === undefined || this.#bytes.length < length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * (this.#bytes?.length ?? 0)));
      this.#bytes?.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#bytes.set(more, this.#length);
    this.#length = length;
  }

  /** Lets go of their memory, too. */
  clear(): void {
    this.#bytes = undefined;
    this.#length = 0;
  }
}
