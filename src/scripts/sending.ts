// What `partyline send` has on its way: bounded, and in the end it is known, and said, what became of each.

import type { Line, LineError } from "../client/index.ts";
import type { Patience } from "./patience.ts";
import { explain, say } from "./say.ts";

/** With more than this on its way to the server, the input is not read on: in messages, and in characters. */
const MOST_UNSENT = 500;
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** How long what is transmitted is waited for when all is given up, in ms: mostly its answer is on its way. */
const GRACE = 1_000;

export interface SendingOptions {
  readonly line: Line;
  readonly to: readonly string[];
  readonly patience: Patience;
  /** What is given up stays in the outbox, for the next run. */
  readonly isKept: boolean;
  /** A message of one's own has this seq. */
  readonly accepted: (seq: number) => void;
}

export class Sending {
  readonly #options: SendingOptions;
  readonly #notSent: number[] = [];
  readonly #unknown: number[] = [];
  /** The ids of those that an earlier run has left. */
  readonly #left = new Set<number>();
  #unsent = 0;
  #characters = 0;
  #wake: (() => void) | undefined;
  #hasRefused = false;
  #grace: ReturnType<typeof setTimeout> | undefined;

  constructor(options: SendingOptions) {
    this.#options = options;
    const { line, patience } = options;
    for (const { id, code, text } of line.refused) {
      this.#hasRefused = true;
      say(`message ${id}, of an earlier run: ${explain({ code, message: text })}`);
    }
    for (const { id } of line.unsent) this.#left.add(id);
    line.on("outbox", (settled) => {
      if (settled === undefined || !this.#left.delete(settled.id)) return;
      if (settled.outcome === "refused") this.#refused(settled.id, settled.error);
      this.#wake?.();
    });
    const end = (): void => this.#end();
    if (patience.isOver) end();
    else patience.signal.addEventListener("abort", end, { once: true });
  }

  /** Whether each is durable on the server. */
  get isGood(): boolean {
    return !this.#hasRefused && this.#notSent.length === 0 && this.#unknown.length === 0;
  }

  /** Sends one, and resolves when there is room for the next. @param number of its line; 0 where there is but one message */
  async add(text: string, number: number): Promise<void> {
    const { line, to, patience, accepted } = this.#options;
    this.#unsent += 1;
    this.#characters += text.length;
    const done = patience.begin();
    line
      .send(to, text)
      .then(
        ({ seqs }) => accepted(Math.max(0, ...Object.values(seqs ?? {}))),
        (error: unknown) => this.#failed(error as LineError, number),
      )
      .finally(() => {
        done();
        this.#unsent -= 1;
        this.#characters -= text.length;
        this.#wake?.();
      });
    if (!this.#isFull(1)) return;
    // Then for many at once, which go out together.
    while (this.#isFull(2)) await this.#next();
  }

  /** A line of the input that is none to be sent. */
  skip(number: number, problem: string): void {
    this.#hasRefused = true;
    say(`line ${number}: not sent, since ${problem}`);
  }

  /** Waits until it is known what became of each. */
  async settled(): Promise<void> {
    while (this.#isUnknown) await this.#next();
    clearTimeout(this.#grace);
  }

  /** What became of those that are not known to be sent. */
  get outcome(): string {
    const parts = [
      ...told(this.#notSent, "was not sent", "were not sent"),
      ...told(this.#unknown, "may have arrived", "may have arrived"),
    ];
    return parts.join(", ");
  }

  /** Whether the bounds, or a part of them, are reached. */
  #isFull(part: number): boolean {
    if (!this.#isUnknown) return false;
    return this.#unsent >= MOST_UNSENT / part || this.#characters >= MOST_CHARACTERS / part;
  }

  get #isUnknown(): boolean {
    const { patience, isKept } = this.#options;
    if (!patience.isOver) return this.#unsent > 0 || this.#left.size > 0;
    return !isKept && this.#unsent > 0;
  }

  async #next(): Promise<void> {
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #failed(error: LineError, number: number): void {
    const { line, patience } = this.#options;
    const isOfLine = line.state.kind === "closed" || error.code === "store";
    if (isOfLine || error.code === "aborted" || error.code === "outcome-unknown") {
      (error.code === "outcome-unknown" ? this.#unknown : this.#notSent).push(number);
      if (isOfLine) patience.end(explain(error));
    } else this.#refused(number, error);
  }

  #refused(number: number, error: LineError): void {
    this.#hasRefused = true;
    say(number === 0 ? explain(error) : `line ${number}: ${explain(error)}`);
  }

  #end(): void {
    const { line, isKept } = this.#options;
    this.#wake?.();
    if (isKept || line.state.kind === "closed") return;
    // Where that cannot be kept whoever waits for it is told.
    for (const { id, isTransmitted } of line.unsent) {
      if (!isTransmitted) line.withdraw(id).catch(() => {});
    }
    // Whoever waits for what was transmitted is told that nobody knows.
    const giveUp = (): void => void line.close();
    if (line.state.kind === "online") this.#grace = setTimeout(giveUp, GRACE);
    else giveUp();
  }
}

function told(numbers: readonly number[], one: string, several: string): string[] {
  if (numbers.length === 0) return [];
  if (numbers[0] === 0) return [`it ${one}`];
  const isOne = numbers.length === 1;
  return [`${isOne ? "line" : "lines"} ${formatRanges(numbers)} ${isOne ? one : several}`];
}

/** `1-3, 7`. */
export function formatRanges(numbers: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] + 1 === number) last[1] = number;
    else ranges.push([number, number]);
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(", ");
}
