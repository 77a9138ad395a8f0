// Requests and their answers: each has a label that comes back. One that a connection took with it is
// asked again on the next. Requests and sends go out in the order in which they were asked for and written.

import type { ErrorCode } from "../protocol/errors.ts";
import { ANSWERS, type Answers, type ServerFrame } from "../protocol/json/server-frames.ts";
import { LineError } from "./errors.ts";

interface Pending {
  readonly id: string;
  readonly frame: object;
  /** The id of the last send that was written before it. */
  readonly after: number;
  /** The refusal of it that says that it was done before, where the answer to that was lost. */
  readonly done: ErrorCode | undefined;
  /** How often it was transmitted. */
  times: number;
  readonly outcome: {
    readonly resolve: (answer: never) => void;
    readonly reject: (error: LineError) => void;
  };
}

export class Requests {
  readonly #transmit: (frame: object) => void;
  readonly #pending = new Map<string, Pending>();
  /** Those that are not transmitted on this connection. */
  #waiting: Pending[] = [];
  #last = 0;

  constructor(transmit: (frame: object) => void) {
    this.#transmit = transmit;
  }

  /**
   * Asks, with the next `transmit`.
   * @param after the id of the last send that was written before
   * @param done the refusal of it that says that it was done before, when it is asked again
   * @throws LineError why it is refused; `aborted`
   */
  async ask<A extends keyof Answers>(
    _answer: A,
    frame: object,
    after: number,
    signal?: AbortSignal,
    done?: ErrorCode,
  ): Promise<Answers[A]> {
    if (signal?.aborted === true) throw new LineError("aborted", "it was given up before");
    this.#last += 1;
    const id = `r${this.#last}`;
    const outcome = Promise.withResolvers<Answers[A]>();
    // Its id first: of a frame that is too long the server reads no more than how it begins.
    const pending = { id, frame: { id, ...frame }, after, done, times: 0, outcome };
    this.#pending.set(id, pending);
    this.#waiting.push(pending);
    const giveUp = (): void => {
      this.#pending.delete(id);
      outcome.reject(new LineError("aborted", "it was given up"));
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    return outcome.promise.finally(() => signal?.removeEventListener("abort", giveUp));
  }

  /** A login succeeded: what was not answered is asked again. */
  welcomed(): void {
    this.#waiting = [...this.#pending.values()];
  }

  /**
   * Transmits what was asked before a send was written.
   * @param next the id of that send, which is not transmitted yet
   */
  transmit(next: number): void {
    const later = this.#waiting.findIndex(({ after }) => after >= next);
    const now = this.#waiting.splice(0, later === -1 ? this.#waiting.length : later);
    // Some may have been given up meanwhile.
    for (const pending of now) {
      if (!this.#pending.has(pending.id)) continue;
      pending.times += 1;
      this.#transmit(pending.frame);
    }
  }

  /** @returns whether it was an answer */
  answered(frame: ServerFrame): boolean {
    const { error } = frame;
    if (error?.id !== undefined) {
      const pending = this.#take(error.id);
      const isDone = pending?.done === error.code && pending.times > 1;
      if (isDone) pending.outcome.resolve({} as never);
      else pending?.outcome.reject(new LineError(error.code, error.text));
      return true;
    }
    const name = ANSWERS.find((one) => frame[one] !== undefined);
    const answer = name && frame[name];
    if (answer?.id === undefined) return name !== undefined;
    this.#take(answer.id)?.outcome.resolve(answer as never);
    return true;
  }

  close(error: LineError): void {
    for (const { outcome } of this.#pending.values()) outcome.reject(error);
    this.#pending.clear();
  }

  #take(id: string | number): Pending | undefined {
    const pending = this.#pending.get(String(id));
    this.#pending.delete(String(id));
    return pending;
  }
}
