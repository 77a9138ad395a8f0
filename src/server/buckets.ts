// A distribution that is cheap to keep: how many values were at most so much.

export class Buckets {
  /** Upper bounds, rising. */
  readonly bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
    this.#counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  get sum(): number {
    return this.#sum;
  }

  get count(): number {
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  observe(value: number): void {
    const index = this.bounds.findIndex((bound) => value <= bound);
    const at = index < 0 ? this.bounds.length : index;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += value;
  }

  /** For each bound, how many values were not above it. */
  cumulative(): number[] {
    let sum = 0;
    return this.bounds.map((_, at) => (sum += this.#counts[at] ?? 0));
  }
}
