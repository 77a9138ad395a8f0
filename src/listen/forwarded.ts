// Who asks over HTTP through proxies: what those that are trusted say of it, and nothing before them.

import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";
import { isLoopback } from "./addresses.ts";
import type { AddressSet, Client } from "./clients.ts";

/**
 * Each proxy adds the address that it was asked from at the end of `X-Forwarded-For`; what stands
 * before the first one that is not trusted, anybody may have written. A client that they do not name may
 * be anywhere, and is as secure as its connection to us.
 * @param client who is connected
 */
export function forwardedClient(
  client: Client,
  headers: IncomingHttpHeaders,
  trusted: AddressSet,
): Client {
  if (!trusted.has(client.address)) return client;
  let { address } = client;
  let isNamed = false;
  for (const item of items(headers["x-forwarded-for"]).toReversed()) {
    const before = withoutPort(item);
    isNamed = isIP(before) > 0;
    if (!isNamed) break;
    address = before;
    if (!trusted.has(address)) break;
  }
  // One word about the client's own connection; a chain of proxies that disagree is not secure.
  const protocols = items(headers["x-forwarded-proto"]);
  const isSecure =
    protocols.length === 0 ? client.isSecure : protocols.every((one) => one === "https");
  return {
    address,
    isLoopback: isNamed && isLoopback(address),
    isSecure: isSecure && (isNamed || client.isSecure),
  };
}

function items(header: string | string[] | undefined): string[] {
  return [header ?? []].flat().flatMap((line) => line.split(",").map((item) => item.trim()));
}

/** Some proxies write the port too: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(item: string): string {
  const [, six, four] = /^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(item) ?? [];
  return six ?? four ?? item;
}
