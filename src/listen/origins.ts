// Which pages may open a WebSocket: a browser says where a page is from, and does not keep it from
// connecting to anybody. Without this check any page could talk for those who look at it.

export const ANY_ORIGIN = "*";

/**
 * @param origin what the browser says; undefined is no browser
 * @param host the Host that it asked, where our own pages are from
 * @param allowed further origins, `https://chat.example`, or `*` for all
 */
export function isAllowedOrigin(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined || allowed.includes(ANY_ORIGIN)) return true;
  const from = URL.parse(origin);
  // "null" is what a sandboxed page, or a file, is from.
  if (from === null) return false;
  if (allowed.some((one) => URL.parse(one)?.origin === from.origin)) return true;
  // With its protocol, so that a default port is one also when it is written.
  return host !== undefined && URL.parse(`${from.protocol}//${host}`)?.host === from.host;
}

/** What `allowed` may hold: a site without a path, or all of them. */
export function isOrigin(text: string): boolean {
  return text === ANY_ORIGIN || URL.parse(text)?.origin === text;
}
