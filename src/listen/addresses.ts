// How many connections each address has, so that one alone cannot take all there are.

import { BlockList, isIPv6 } from "node:net";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Whether an address is this machine's own. Behind a proxy every client looks like it. */
export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return LOOPBACK.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
}

export class AddressCounts {
  readonly #most: number;
  readonly #counts = new Map<string, number>();

  /** @param most connections of one address at a time; loopback is not counted */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts a connection, unless its address has as many as it may have. */
  take(address: string): boolean {
    if (isLoopback(address)) return true;
    const key = countedAs(address);
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(key, count + 1);
    return true;
  }

  /** Gives back what `take` took. */
  release(address: string): void {
    const key = countedAs(address);
    const count = this.#counts.get(key);
    if (count === undefined) return;
    if (count > 1) this.#counts.set(key, count - 1);
    else this.#counts.delete(key);
  }
}

/** IPv4 addresses that arrive in IPv6 form are IPv4 addresses. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, "").replace(/%.*$/, "");
}

/** One customer has a whole /64 of IPv6 addresses, so that is what is counted. */
export function countedAs(address: string): string {
  const plain = plainAddress(address);
  if (!isIPv6(plain)) return plain;
  const [head = "", tail = ""] = plain.split("::");
  const front = head.split(":").filter((group) => group !== "");
  const back = tail.split(":").filter((group) => group !== "");
  const zeros = Array.from({ length: Math.max(0, 8 - front.length - back.length) }, () => "0");
  return [...front, ...zeros, ...back].slice(0, 4).join(":");
}
