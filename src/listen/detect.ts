// The port's first question: what a connection is shows in its first bytes (design, section 9).

import type { Buffer } from "node:buffer";

export type Protocol = "tls" | "http" | "json" | "irc" | "line";

export interface Detected {
  readonly protocol: Protocol;
  /** Bytes before it that are not part of it: a byte-order mark. */
  readonly skip: number;
}

/** Those of RFC 9110, PATCH, and what HTTP/2 begins with, so that it is refused in its own words. */
const METHODS = "GET HEAD POST PUT DELETE CONNECT OPTIONS TRACE PATCH PRI".split(" ");

const IRC_COMMANDS = "CAP NICK PASS USER".split(" ");

/** What a protocol begins with, one character a byte. No name contains a space. */
const SIGNS: readonly (readonly [sign: string, protocol: Protocol])[] = [
  // A handshake record of any version of TLS.
  ["\x16\x03", "tls"],
  ["{", "json"],
  ...METHODS.map((method) => [`${method} `, "http"] as const),
  ...IRC_COMMANDS.map((command) => [`${command} `, "irc"] as const),
];

const BYTE_ORDER_MARK = "\xef\xbb\xbf";

/** As many bytes as the question may need. */
const ENOUGH = BYTE_ORDER_MARK.length + Math.max(...SIGNS.map(([sign]) => sign.length));

/**
 * What a connection that begins with these bytes speaks; anything that shows nothing else is the
 * line protocol. More bytes never change the answer.
 * @returns undefined while it can still become one or the other
 */
export function detect(bytes: Buffer): Detected | undefined {
  const text = bytes.toString("latin1", 0, ENOUGH);
  if (BYTE_ORDER_MARK.startsWith(text)) return undefined;
  const skip = text.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  const start = text.slice(skip);
  const found = SIGNS.find(([sign]) => start.startsWith(sign));
  if (found !== undefined) return { protocol: found[1], skip };
  if (SIGNS.some(([sign]) => sign.startsWith(start))) return undefined;
  return { protocol: "line", skip };
}
