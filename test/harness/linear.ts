// Whether something takes time that grows with what it is given, and not with its square.

import assert from "node:assert/strict";

/** As long as the longest body, in characters. */
const LONG = 64_000;
/** Four times as much takes four times as long, or sixteen times with a square: in between, for a busy machine. */
const MOST = 8;
/** What is too short to be measured, in ms. */
const NOISE = 100;

/** The best of a few, in ms: whatever else this machine does only adds to it. */
function timeOf(act: () => unknown): number {
  let best = Infinity;
  for (let i = 0; i < 3; i++) {
    const began = performance.now();
    act();
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

/** @param make a text of about so many characters */
export function assertLinear(
  make: (length: number) => string,
  act: (text: string) => unknown,
): void {
  const [short, long] = [make(LONG / 4), make(LONG)];
  const less = timeOf(() => act(short));
  const more = timeOf(() => act(long));
  const text = JSON.stringify(long.slice(0, 20));
  assert.ok(more < MOST * less + NOISE, `${text} …: ${less} ms, and ${more} ms for four times it`);
}
