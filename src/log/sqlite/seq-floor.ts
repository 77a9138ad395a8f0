// Where numbering goes on in a log that is opened again: above every seq that it may have given out
// before, whatever copy of its file was put back. The file does not know that; the clock does.

/** In ms since 1970: before the first log there was. */
const EPOCH = Date.UTC(2026, 0, 1);

/** More than a server ever gives out, on the average: the most that was measured is 1.6 million. */
const SEQS_PER_SECOND = 2 ** 21;

/** The floor in 2094. With a clock beyond that, half of all seqs (2^53) would be gone at once. */
const HIGHEST = 2 ** 52;

/**
 * @param now in ms since 1970
 * @returns a seq that no log has reached by then; undefined when the clock cannot be right
 */
export function seqFloor(now: number): number | undefined {
  const floor = Math.floor(((now - EPOCH) / 1000) * SEQS_PER_SECOND);
  return floor >= 0 && floor <= HIGHEST ? floor : undefined;
}
