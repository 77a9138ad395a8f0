// What the broker needs of a connection. `src/listen` implements it for each protocol; tests
// implement it in memory.

import type { ChatError } from "../protocol/errors.ts";
import type { Run } from "../log/log.ts";

/** The broker's view of a connection. No method throws; each may be called at any time. */
export interface Connection {
  /** Bytes that were given to the writer and not yet to the operating system. */
  readonly unsent: number;
  /** Gives the writer messages, in rising seqs. */
  deliver(run: Run): void;
  /** Tells the client, once for each of `times` messages, that something was refused. */
  refuse(error: ChatError, times: number): void;
  /** Stops or starts the reader: what it feeds is full, or has room again. */
  hold(): void;
  release(): void;
  /** Everything this peer will get was given to the writer: flush, close, then call `peer.gone()`. */
  end(): void;
  /** Finds out soon, without the client's noticing, whether the other side still answers. */
  probe(): void;
}
