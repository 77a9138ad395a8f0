// Who gets what is committed: the peers of a name, those who are in a room, and of the sender's own
// peers the others.

import { unpackBodies } from "../protocol/bodies.ts";
import type { CommittedSend } from "../log/commit.ts";
import type { Run } from "../log/run.ts";
import type { RoomEvent } from "../log/rooms.ts";
import type { Name } from "../protocol/name.ts";
import { isRoom } from "../protocol/room.ts";
import type { ConnectedNames } from "./connected-names.ts";
import type { Peer } from "./peer.ts";
import type { Presence } from "./presence.ts";
import type { Rooms } from "./rooms.ts";

export class Deliveries {
  readonly #names: ConnectedNames;
  readonly #rooms: Rooms;
  readonly #presence: Presence;

  constructor(names: ConnectedNames, rooms: Rooms, presence: Presence) {
    this.#names = names;
    this.#rooms = rooms;
    this.#presence = presence;
  }

  /** @param sender the peer that sent it, which is told by other means that it is durable */
  deliver(send: CommittedSend, sender: Peer | undefined): void {
    const { to, count, from } = send;
    const own = this.#names
      .get(from.key)
      .filter((peer) => peer !== sender && peer.connection.wantsEverything);
    const mayMeet = own.length > 0 || to.some(({ key }) => isRoom(key));
    if (to.length === 1 || count === 1 || !mayMeet) return this.#deliver(send, sender, own);
    // Somebody may get what goes to two of the recipients: his messages must come in rising seqs.
    for (const single of singles(send)) this.#deliver(single, sender, own);
  }

  /** Tells a room's members of an event. */
  announce(key: string, event: RoomEvent): void {
    for (const peer of this.#rooms.at(key, event.seq)) {
      if (peer.connection.wantsEverything) peer.event(event);
    }
  }

  #deliver(send: CommittedSend, sender: Peer | undefined, own: readonly Peer[]): void {
    for (let index = 0; index < send.to.length; index++) {
      const to = send.to[index] as Name;
      if (isRoom(to.key)) {
        this.#toRoom(send, index, to, own);
        continue;
      }
      this.#toName(send, index, to, own);
      if (sender !== undefined) this.#presence.converses(sender, to.key);
      for (const peer of own) this.#presence.converses(peer, to.key);
    }
  }

  #toName(send: CommittedSend, index: number, to: Name, own: readonly Peer[]): void {
    const peers = this.#names.get(to.key);
    const isNote = to.key === send.from.key;
    if (peers.length === 0 && own.length === 0) return;
    const run = runOf(send, index, peers[0]?.name.shown ?? to.shown);
    const ownRun = withPlace(run, send);
    for (const peer of peers) {
      peer.event(isNote ? ownRun : run);
      if (peer.connection.wantsEverything) this.#presence.converses(peer, send.from.key);
    }
    if (!isNote) for (const peer of own) peer.event(ownRun);
  }

  #toRoom(send: CommittedSend, index: number, to: Name, own: readonly Peer[]): void {
    const run = runOf(send, index, this.#rooms.shown(to.key) ?? to.shown);
    for (const peer of this.#rooms.at(to.key, run.first)) {
      if (peer.name.key !== send.from.key) peer.event(run);
    }
    for (const peer of own) peer.event(withPlace(run, send));
  }
}

function runOf(
  { first, to, count, from, at, bodies }: CommittedSend,
  index: number,
  shown: string,
): Run {
  return { first: first + index, step: to.length, count, from: from.shown, to: shown, at, bodies };
}

function withPlace(run: Run, { outbox }: CommittedSend): Run {
  return outbox === undefined ? run : { ...run, outbox };
}

function singles(send: CommittedSend): CommittedSend[] {
  const { first, to, bodies, outbox } = send;
  return unpackBodies(bodies).map((body, i) => ({
    ...send,
    first: first + i * to.length,
    count: 1,
    bodies: body,
    ...(outbox === undefined ? {} : { outbox: { ...outbox, number: outbox.number + i } }),
  }));
}
