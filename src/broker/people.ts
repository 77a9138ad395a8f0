// Whom connected peers have direct conversations with. It is asked of the log once, when somebody must
// know, and kept while the peer is connected; from then on the feed tells.

import type { Peer } from "./peer.ts";

/** People that are kept of one peer, at about 50 bytes each; of those beyond them it is told nothing. */
export const MOST_PEOPLE = 10_000;

interface Known {
  readonly keys: Set<string>;
  /** Settled when the log has answered. */
  readonly answer: Promise<unknown>;
}

export class People {
  readonly #ask: (peer: Peer) => Promise<readonly string[]>;
  readonly #known = new Map<Peer, Known>();

  /** @param ask gives the keys of those whom a peer's name has talked with so far */
  constructor(ask: (peer: Peer) => Promise<readonly string[]>) {
    this.#ask = ask;
  }

  /** The keys of those whom a peer talks with, which grow as it meets more. Rejects as `ask` does. */
  async of(peer: Peer): Promise<ReadonlySet<string>> {
    const known = this.#known.get(peer) ?? this.#learn(peer);
    await known.answer;
    return known.keys;
  }

  /**
   * A peer has a conversation with a name.
   * @returns whether it is the first, as far as anybody has asked about the peer
   */
  meets(peer: Peer, key: string): boolean {
    const keys = this.#known.get(peer)?.keys;
    if (keys === undefined || keys.has(key) || keys.size >= MOST_PEOPLE) return false;
    keys.add(key);
    return true;
  }

  gone(peer: Peer): void {
    this.#known.delete(peer);
  }

  #learn(peer: Peer): Known {
    const keys = new Set<string>();
    const answer = this.#ask(peer).then(
      (all) => all.forEach((key) => keys.add(key)),
      (error: unknown) => {
        // Whoever needs it next asks again.
        this.#known.delete(peer);
        throw error;
      },
    );
    const known = { keys, answer };
    this.#known.set(peer, known);
    return known;
  }
}
