// Seqs that lie together, as text. V8 takes three times as long for a number above 2^31 as for a small one,
// and one is made for each message and each acknowledgement: of most of them the first digits are the same.

/** Above it a number is not a small one. */
const SMALL = 2 ** 31 - 1;

/** As many digits as a small number may have, and as few as there is use in. */
const MOST = 1e9;
const LEAST = 1e5;

/**
 * Of seqs from `first` to `last`.
 * @returns the digits that they all begin with, and the rest of `first`: it may be counted up to the rest of
 *   `last`, and none of them begins with a zero
 */
export function splitSeq(first: number, last: number): readonly [beginning: string, rest: number] {
  if (last <= SMALL) return ["", first];
  for (let limit = MOST; limit >= LEAST; limit /= 10) {
    const beginning = Math.floor(first / limit);
    const rest = (first - beginning * limit) | 0;
    if (rest >= limit / 10 && rest + (last - first) < limit) return [`${beginning}`, rest];
  }
  return ["", first];
}
