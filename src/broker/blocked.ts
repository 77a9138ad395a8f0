// Whom connected names block, for what goes beside the log: typing and presence. About messages and
// invitations the log decides.

import type { Peer } from "./peer.ts";

const NOBODY: ReadonlySet<string> = new Set();

export class Blocked {
  /** Of each peer that blocks anybody: whom, by key. */
  readonly #of = new Map<Peer, Set<string>>();
  /** What the feed has told of peers that are logging in: what the log says of them may be older. */
  readonly #meanwhile = new Map<Peer, Map<string, boolean>>();

  /** Whom a peer's name blocks, by key. */
  of(peer: Peer): ReadonlySet<string> {
    return this.#of.get(peer) ?? NOBODY;
  }

  /** Whether a name blocks another. @param peers all of its own: of one that is logging in nothing is known yet */
  blocks(peers: readonly Peer[], key: string): boolean {
    return peers.some((peer) => this.#of.get(peer)?.has(key) === true);
  }

  /** From here on the feed tells of the peer's name, until `entered` brings what was before. */
  entering(peer: Peer): void {
    this.#meanwhile.set(peer, new Map());
  }

  /** What the log knew; the feed may have told of some of it since. */
  entered(peer: Peer, keys: readonly string[]): void {
    const meanwhile = this.#meanwhile.get(peer) ?? [];
    this.#meanwhile.delete(peer);
    for (const key of keys) this.#set(peer, key, true);
    for (const [key, on] of meanwhile) this.#set(peer, key, on);
  }

  /** A name blocks another from now on, or no more. @param peers all of its own */
  changed(peers: readonly Peer[], key: string, on: boolean): void {
    for (const peer of peers) {
      const meanwhile = this.#meanwhile.get(peer);
      if (meanwhile === undefined) this.#set(peer, key, on);
      else meanwhile.set(key, on);
    }
  }

  gone(peer: Peer): void {
    this.#meanwhile.delete(peer);
    this.#of.delete(peer);
  }

  #set(peer: Peer, key: string, on: boolean): void {
    const of = this.#of.get(peer);
    if (!on) of?.delete(key);
    else if (of === undefined) this.#of.set(peer, new Set([key]));
    else of.add(key);
  }
}
