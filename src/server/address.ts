// Addresses to listen on, as people write them: HOST:PORT, with brackets around an IPv6 address.

import { isIPv6 } from "node:net";

export interface Address {
  /** A name, an IPv4 address, or an IPv6 address without its brackets. */
  readonly host: string;
  /** 0 lets the system choose a free one. */
  readonly port: number;
}

const ADDRESS = /^(?:\[([0-9A-Fa-f:.]+(?:%[\w.-]+)?)\]|([\p{L}\p{N}_.-]+)):(\d{1,5})$/u;

/** @returns undefined for what is not HOST:PORT */
export function parseAddress(text: string): Address | undefined {
  const [, six, other, digits] = ADDRESS.exec(text) ?? [];
  const host = six ?? other;
  const port = Number(digits);
  if (host === undefined || port > 65_535) return undefined;
  if (six !== undefined && !isIPv6(six)) return undefined;
  return { host, port };
}

export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
