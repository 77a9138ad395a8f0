// Holds what was sent until its place is known: what lies below it may still be on its way, since after a login the server
// answers sends at once and tells meanwhile, page by page, what had waited. What is certain: deliveries come in rising seqs.

/** How long nothing may have come after a login, in ms, until all that had waited is taken to be here. */
const QUIET = 500;

/** And at other times: only what came in the same moment is not told yet, in ms. */
const MOMENT = 20;

export interface Placed {
  readonly seq: number;
  readonly tell: () => void;
}

export class InPlace {
  #held: readonly Placed[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether there may be something that had waited. */
  #isReplaying = false;

  /** From here on what had waited comes. */
  loggedIn(): void {
    this.#isReplaying = true;
    this.#waitForQuiet();
  }

  /** Told before a delivery is: whatever has its place below that is told now. */
  delivers(seq: number, isReplayed: boolean): void {
    this.#isReplaying &&= isReplayed;
    this.tellUpTo(seq);
    if (this.#isReplaying || this.#held.length > 0) this.#waitForQuiet();
  }

  /** Something was sent; it is told when everything below it was. */
  sent(placed: Placed): void {
    this.#held = [...this.#held, placed].toSorted((one, other) => one.seq - other.seq);
    if (!this.#isReplaying) this.#waitForQuiet();
  }

  /** What is held has its place among what the next connection brings. */
  offline(): void {
    clearTimeout(this.#timer);
  }

  #waitForQuiet(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        this.#isReplaying = false;
        this.tellUpTo(Infinity);
      },
      this.#isReplaying ? QUIET : MOMENT,
    );
  }

  /** Everything that lies there, or below, is told otherwise. */
  tellUpTo(seq: number): void {
    const ready = this.#held.filter((one) => one.seq <= seq);
    this.#held = this.#held.slice(ready.length);
    for (const { tell } of ready) tell();
  }
}
