// Who of the connected peers is in which room, and since when. The feed of commits changes it in seq
// order, so a message finds exactly those in whose intervals it lies.

import type { Membership } from "../log/rooms.ts";
import type { Peer } from "./peer.ts";

interface Room {
  /** As shown. */
  readonly shown: string;
  /** The seqs from which on, and up to which, each peer is in it. */
  readonly members: Map<Peer, { readonly joined: number; readonly left: number }>;
}

export class Rooms {
  readonly #rooms = new Map<string, Room>();
  /** The rooms of each peer, by key. */
  readonly #of = new Map<Peer, Set<string>>();
  /** Peers that are logging in: what the log says of them may be older or newer than the feed. */
  readonly #entering = new Set<Peer>();

  /** A room as it is shown, if anybody here is in it. */
  shown(key: string): string | undefined {
    return this.#rooms.get(key)?.shown;
  }

  /** The peers that are in a room at a seq. */
  *at(key: string, seq: number): Generator<Peer> {
    for (const [peer, { joined, left }] of this.#rooms.get(key)?.members ?? []) {
      if (joined <= seq && seq <= left) yield peer;
    }
  }

  /** The peers that are in a room now. */
  members(key: string): Iterable<Peer> {
    return this.#rooms.get(key)?.members.keys() ?? [];
  }

  /** The rooms that a peer is in, by key. */
  of(peer: Peer): Iterable<string> {
    return this.#of.get(peer) ?? [];
  }

  has(peer: Peer, key: string): boolean {
    return this.#of.get(peer)?.has(key) === true;
  }

  /** Whether two peers are in one room together. */
  share(one: Peer, other: Peer): boolean {
    for (const key of this.of(one)) if (this.has(other, key)) return true;
    return false;
  }

  /** From here on the feed tells of the peer's rooms, until `entered` brings what was before. */
  entering(peer: Peer): void {
    this.#entering.add(peer);
  }

  /**
   * What the log knew of a peer's rooms; the feed may have told of some of them since.
   * @param memberships of one room in the order of time
   * @param head up to where the feed has told by now
   */
  entered(peer: Peer, memberships: readonly Membership[], head: number): void {
    this.#entering.delete(peer);
    for (const { room, shown, joined, left = Infinity } of memberships) {
      const known = this.#rooms.get(room)?.members.get(peer);
      if (known === undefined) this.#set(peer, room, shown, joined, left);
    }
    for (const key of this.#of.get(peer) ?? []) {
      if ((this.#rooms.get(key)?.members.get(peer)?.left ?? 0) <= head) this.#remove(peer, key);
    }
  }

  joined(peer: Peer, key: string, shown: string, seq: number): void {
    this.#set(peer, key, shown, seq, Infinity);
  }

  left(peer: Peer, key: string, shown: string, seq: number): void {
    // What the log says of one that is logging in may be older: then this is what counts.
    if (this.#entering.has(peer)) this.#set(peer, key, shown, 0, seq);
    else this.#remove(peer, key);
  }

  gone(peer: Peer): void {
    this.#entering.delete(peer);
    for (const key of this.#of.get(peer) ?? []) this.#remove(peer, key);
  }

  #set(peer: Peer, key: string, shown: string, joined: number, left: number): void {
    let room = this.#rooms.get(key);
    if (room === undefined) this.#rooms.set(key, (room = { shown, members: new Map() }));
    room.members.set(peer, { joined, left });
    const of = this.#of.get(peer);
    if (of === undefined) this.#of.set(peer, new Set([key]));
    else of.add(key);
  }

  #remove(peer: Peer, key: string): void {
    const room = this.#rooms.get(key);
    room?.members.delete(peer);
    if (room?.members.size === 0) this.#rooms.delete(key);
    const of = this.#of.get(peer);
    of?.delete(key);
    if (of?.size === 0) this.#of.delete(peer);
  }
}
