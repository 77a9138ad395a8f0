// The evidence that a line client has what was written to it: which seq is confirmed when so many
// bytes are known to have arrived (design, section 5).

/** Marks kept for one connection; when there are more, the newest is moved instead. */
const MOST_MARKS = 64;

interface Mark {
  /** Bytes handed to the operating system so far, and the seq they reach. */
  readonly bytes: number;
  readonly seq: number;
  /** When it was made, in milliseconds since 1970. */
  readonly at: number;
}

export class Evidence {
  /** Rising in bytes, seq and time. */
  readonly #marks: Mark[] = [];
  #confirmedBytes = 0;

  /** Bytes that are known to have arrived. */
  get confirmedBytes(): number {
    return this.#confirmedBytes;
  }

  /** Remembers how far the operating system has been handed bytes, before it is asked about them. */
  mark(bytes: number, seq: number, at: number): void {
    const newest = this.#marks.at(-1);
    if (bytes === (newest?.bytes ?? this.#confirmedBytes)) return;
    if (this.#marks.length >= MOST_MARKS) this.#marks.pop();
    this.#marks.push({ bytes, seq, at });
  }

  /**
   * The system said that `unacknowledged` bytes were under way, at some time after the newest mark.
   * @returns the seq that is confirmed by it; undefined when nothing more is
   */
  acknowledged(unacknowledged: number): number | undefined {
    const arrived = (this.#marks.at(-1)?.bytes ?? 0) - unacknowledged;
    return this.#confirm((mark) => mark.bytes <= arrived);
  }

  /** Where the system does not tell: what was handed over before this time is taken as arrived. */
  olderThan(time: number): number | undefined {
    return this.#confirm((mark) => mark.at < time);
  }

  #confirm(arrived: (mark: Mark) => boolean): number | undefined {
    let confirmed: Mark | undefined;
    while (this.#marks[0] !== undefined && arrived(this.#marks[0])) confirmed = this.#marks.shift();
    if (confirmed !== undefined) this.#confirmedBytes = confirmed.bytes;
    return confirmed?.seq;
  }
}
