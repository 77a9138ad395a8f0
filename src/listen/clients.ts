// Who is at the other end of a connection, as far as the port can know: behind a proxy that is
// trusted, whom it names. What is allowed to this machine alone is judged by it.

import { BlockList, isIP, isIPv6 } from "node:net";
import type { Origin } from "../accounts/admission.ts";
import { countedAs, plainAddress } from "./addresses.ts";

export interface Client {
  /** Whom its limits are counted for: its own, or that of a proxy that does not name it. */
  readonly address: string;
  /** Whether it is on this machine: not known of whom a proxy does not name. */
  readonly isLoopback: boolean;
  /** Whether it came through TLS: ours, or that of a proxy that is trusted. */
  readonly isSecure: boolean;
}

/** A set of addresses, given as addresses and as networks: `10.0.0.0/8`. */
export class AddressSet {
  readonly #list = new BlockList();

  /** @param networks each of them `isNetwork` */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const [address = "", bits] = network.split("/");
      const family = isIPv6(address) ? "ipv6" : "ipv4";
      if (bits === undefined) this.#list.addAddress(address, family);
      else this.#list.addSubnet(address, Number(bits), family);
    }
  }

  has(address: string): boolean {
    const plain = plainAddress(address);
    return isIP(plain) > 0 && this.#list.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
  }
}

/** An address, or a network as address and number of bits. */
export function isNetwork(text: string): boolean {
  const [, address = "", bits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const most = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
  return most > 0 && Number(bits ?? 0) <= most;
}

/** A client as accounts see it. */
export function originOf({ address, isLoopback, isSecure }: Client): Origin {
  return { address: countedAs(address), isLoopback, isSecure };
}
