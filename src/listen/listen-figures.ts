// What the port counts, for metrics: plain numbers, since some move with every message.

import type { ErrorCode } from "../protocol/errors.ts";

export class ListenFigures {
  /** Messages given to writers, again after an abnormal end too. */
  delivered = 0;
  readonly #refused = new Map<ErrorCode, number>();

  /** What clients were refused: messages, logins, connections. */
  get refused(): ReadonlyMap<ErrorCode, number> {
    return this.#refused;
  }

  refuse(code: ErrorCode, times = 1): void {
    this.#refused.set(code, (this.#refused.get(code) ?? 0) + times);
  }
}
