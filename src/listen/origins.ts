// Which pages may open a WebSocket: a browser says where a page is from, and does not keep it from
// connecting to anybody. Without this check any page could talk for those who look at it.

import { isIP } from "node:net";
import { hostname } from "node:os";
import { ChatError } from "../protocol/errors.ts";

export const ANY_ORIGIN = "*";

export interface AskedOrigin {
  /** Where the browser says that the page is from; undefined is no browser. */
  readonly origin: string | undefined;
  /** The Host that it asked, where our own pages are from. */
  readonly host: string | undefined;
  /** Whether the browser is on this machine, and so has the rights of this machine. */
  readonly isLoopback: boolean;
}

/**
 * @param allowed further origins, `https://chat.example`, or `*` for all
 * @returns `bad-origin` when its pages may not connect
 */
export function originRefusal(
  { origin, host, isLoopback }: AskedOrigin,
  allowed: readonly string[],
): ChatError | undefined {
  if (origin === undefined || allowed.includes(ANY_ORIGIN)) return undefined;
  const from = URL.parse(origin);
  if (allowed.some((one) => from !== null && URL.parse(one)?.origin === from.origin)) {
    return undefined;
  }
  const who = `pages of ${origin} may not connect to this server`;
  if (from === null || !isSameHost(from, host)) {
    return new ChatError("bad-origin", `${who}, unless --allowed-origins names them`);
  }
  if (!isLoopback || isHere(from.hostname)) return undefined;
  return new ChatError(
    "bad-origin",
    `${who} from its own machine, unless --allowed-origins names them, or --trusted-proxy the proxy that they come through`,
  );
}

/** What `allowed` may hold: a site without a path, or all of them. */
export function isOrigin(text: string): boolean {
  return text === ANY_ORIGIN || URL.parse(text)?.origin === text;
}

function isSameHost(from: URL, host: string | undefined): boolean {
  // With its protocol, so that a default port is one also when it is written.
  return host !== undefined && URL.parse(`${from.protocol}//${host}`)?.host === from.host;
}

/**
 * Whether a name leads to this machine whatever anybody's name server says. With any other name a page may
 * have come from elsewhere, before the name was made to lead here (DNS rebinding).
 */
function isHere(name: string): boolean {
  const isAddress = isIP(name.replace(/^\[|\]$/g, "")) > 0;
  const isLocal = name === "localhost" || name.endsWith(".localhost");
  return isAddress || isLocal || name === hostname().toLowerCase();
}
