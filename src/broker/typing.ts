// Who is writing to whom, told to those whom it concerns and kept nowhere: to the members of a room, or to
// a name that shares a conversation with whoever writes, and does not block him.

import type { Name } from "../protocol/name.ts";
import { isRoom } from "../protocol/room.ts";
import type { Clock } from "./clock.ts";
import type { Connected } from "./connected.ts";
import type { Peer } from "./peer.ts";

/** A peer's typing is told no more often than this, in ms. */
const EVERY = 1000;

export class Typing {
  readonly #clock: Clock;
  readonly #connected: Connected;

  constructor(clock: Clock, connected: Connected) {
    this.#clock = clock;
    this.#connected = connected;
  }

  tell(peer: Peer, to: Name): void {
    const now = this.#clock.now();
    if (now - peer.typedAt < EVERY) return;
    peer.typedAt = now;
    if (isRoom(to.key)) return this.#tellRoom(peer, to);
    // A read that failed was reported, and nobody waits for this.
    this.#tellName(peer, to).catch(() => {});
  }

  #tellRoom(peer: Peer, to: Name): void {
    const { rooms } = this.#connected;
    if (!rooms.has(peer, to.key)) return;
    const notice = { from: peer.name.shown, to: rooms.shown(to.key) ?? to.shown };
    for (const other of rooms.members(to.key)) {
      if (other.name.key !== peer.name.key) other.notify({ kind: "typing", ...notice });
    }
  }

  async #tellName(peer: Peer, to: Name): Promise<void> {
    const { names, rooms, people, blocked } = this.#connected;
    const others = names.get(to.key);
    const [other] = others;
    if (other === undefined || to.key === peer.name.key) return;
    if (blocked.blocks(others, peer.name.key)) return;
    if (!rooms.share(peer, other) && !(await people.of(peer)).has(to.key)) return;
    for (const one of others) one.notify({ kind: "typing", from: peer.name.shown, to: to.shown });
  }
}
