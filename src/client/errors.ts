// What goes wrong for a client: what the server refuses, and what only a client can know.

import type { ErrorCode } from "../protocol/errors.ts";

/** Codes that no server sends. */
export type ClientCode =
  /** It was given up after it was transmitted: it may arrive or not. */
  | "outcome-unknown"
  /** The server has forgotten the outbox: what was transmitted with it may have arrived or not. */
  | "outbox-expired"
  /** The line was closed by this side. */
  | "closed"
  /** Given up before anything was transmitted. */
  | "aborted"
  /** The store cannot be read or written. */
  | "store"
  /** Another client that is alive has the store. */
  | "store-in-use"
  /** Not a URL that can be connected to. */
  | "bad-url";

/**
 * Why something did not happen. `code` is stable: one of the server's codes, or of `ClientCode`.
 * @example
 * ```ts
 * try {
 *   await line.send("#nowhere", "hi");
 * } catch (error) {
 *   if (error instanceof LineError) console.log(error.code); // → no-such-room
 * }
 * ```
 */
export class LineError extends Error {
  /** See the table of codes in docs/protocol.md, and `ClientCode`. */
  readonly code: ErrorCode | ClientCode;

  constructor(code: ErrorCode | ClientCode, text: string, options?: ErrorOptions) {
    super(text, options);
    this.name = "LineError";
    this.code = code;
  }
}
