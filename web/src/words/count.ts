// How many messages are new, as it is shown: the server counts no further than a hundred either.

const MOST = 99;

export function formatCount(count: number): string {
  return count > MOST ? `${MOST}+` : String(count);
}
