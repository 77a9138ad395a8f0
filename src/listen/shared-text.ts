// What a room's members are given is the same for all of them, and is made text once.

export class SharedText<T extends object> {
  readonly #format: (what: T) => string;
  #last: T | undefined;
  #text = "";

  /** @param format gives the same text for the same object, whoever asks */
  constructor(format: (what: T) => string) {
    this.#format = format;
  }

  /** The text of the last object is kept: those who get one ask one after another. */
  of(what: T): string {
    if (what !== this.#last) {
      this.#text = this.#format(what);
      this.#last = what;
    }
    return this.#text;
  }
}
