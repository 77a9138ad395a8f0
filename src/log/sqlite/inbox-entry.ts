// What one commit brings to one name: an entry of its inbox.

export class InboxEntry {
  readonly first: number;
  last: number;
  /** Messages addressed to the name, and their bytes in UTF-8. Its own messages count nothing. */
  count = 0;
  bytes = 0;
  readonly #blocks = new Set<number>();

  constructor(first: number) {
    this.first = first;
    this.last = first;
  }

  add(block: number, last: number, count: number, bytes: number): void {
    this.#blocks.add(block);
    this.last = Math.max(this.last, last);
    this.count += count;
    this.bytes += bytes;
  }

  /** As it is stored: see `schema.ts`. */
  get blocks(): string | null {
    const only = this.#blocks.size === 1 && this.#blocks.has(this.first);
    return only ? null : JSON.stringify([...this.#blocks]);
  }
}
