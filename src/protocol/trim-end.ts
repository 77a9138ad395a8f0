// A regular expression for this tries again from each of the signs: a text of nothing but them would take
// the square of its length, and anybody may send one.

/** A text without the signs at its end that are among these, in time that grows with its length. */
export function trimEnd(text: string, signs: string): string {
  let end = text.length;
  while (end > 0 && signs.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
