// The order in which a frame transport gives its owner what came: one thing at a time, nothing while
// it is paused, and the end after everything else.

import { unreadable } from "../protocol/line/unreadable.ts";
import type { FrameOwner } from "./frames.ts";

export class FrameQueue {
  #owner: FrameOwner | undefined;
  /** What came and was not given yet: lines, each with its `\n`, unreadable ones in their places. */
  #lines = "";
  #at = 0;
  #isGiving = false;
  #isPaused = false;
  #hasFinished = false;
  #isOver = false;

  /** Until then everything is kept. */
  start(owner: FrameOwner): void {
    this.#owner = owner;
    this.#give();
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Gives lines, as a `LineDecoder` makes them, or keeps them until they may be given. */
  push(lines: string): void {
    if (this.#isOver) return;
    this.#lines = this.#lines.slice(this.#at) + lines;
    this.#at = 0;
    this.#give();
  }

  /** Nothing more comes. */
  finish(): void {
    this.#hasFinished = true;
    this.#give();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#give();
  }

  /** Gives nothing more. */
  stop(): void {
    this.#isOver = true;
    this.#lines = "";
    this.#at = 0;
  }

  #give(): void {
    const owner = this.#owner;
    if (this.#isGiving || owner === undefined) return;
    this.#isGiving = true;
    while (!this.#isPaused && !this.#isOver) {
      if (this.#at === this.#lines.length) break;
      const taken = owner.run(this.#lines, this.#at);
      if (taken > this.#at) {
        this.#at = taken;
        continue;
      }
      const end = this.#lines.indexOf("\n", this.#at);
      const line = this.#lines.slice(this.#at, end);
      this.#at = end + 1;
      const wrong = unreadable(line);
      if (wrong === undefined) owner.frame(line.endsWith("\r") ? line.slice(0, -1) : line);
      else owner.unreadable(wrong.code, wrong.head);
    }
    this.#isGiving = false;
    if (this.#isPaused || this.#isOver) return;
    // Text is not kept longer than needed: an idle connection costs nothing.
    this.#lines = "";
    this.#at = 0;
    if (!this.#hasFinished) return;
    this.stop();
    owner.finished();
  }
}
