// What a commit has brought, told to whomever it concerns: recipients, senders, and who has asked.

import type { Commit } from "../log/commit.ts";
import { ChatError } from "../protocol/errors.ts";
import type { Blocked } from "./blocked.ts";
import type { ConnectedNames } from "./connected-names.ts";
import { Deliveries } from "./deliveries.ts";
import type { PendingBatch } from "./pending-batch.ts";
import type { Presence } from "./presence.ts";
import type { Rooms } from "./rooms.ts";

export interface OutcomeParts {
  readonly names: ConnectedNames;
  readonly rooms: Rooms;
  readonly blocked: Blocked;
  readonly presence: Presence;
}

export class Outcomes {
  readonly #names: ConnectedNames;
  readonly #rooms: Rooms;
  readonly #blocked: Blocked;
  readonly #presence: Presence;
  readonly #delivery: Deliveries;

  constructor({ names, rooms, blocked, presence }: OutcomeParts) {
    this.#names = names;
    this.#rooms = rooms;
    this.#blocked = blocked;
    this.#presence = presence;
    this.#delivery = new Deliveries(names, rooms, presence);
  }

  /** @param batch that it was, when it came from here */
  tell(commit: Commit, batch: PendingBatch | undefined): void {
    this.#tellBlockings(commit);
    this.#deliver(commit, batch);
    for (const { send, accepted, code, text } of commit.refused) {
      const { count = 0, outbox } = commit.batch.sends[send] ?? {};
      const number = outbox && outbox.number + accepted;
      batch?.senders[send]?.refused(new ChatError(code, text), count - accepted, number);
    }
    if (batch === undefined) return;
    commit.accounts.forEach((refusal, index) => batch.accountsAsked[index]?.(refusal));
    commit.blockings.forEach((refusal, index) => batch.blockingsAsked[index]?.(refusal));
    commit.rooms.forEach((outcome, index) => batch.asked[index]?.(outcome));
    this.#tellMarked(batch);
    for (const peer of batch.feeders) peer.committed();
    batch.committed();
  }

  #tellBlockings({ batch, blockings }: Commit): void {
    for (const [index, { name, other, on }] of (batch.blockings ?? []).entries()) {
      if (blockings[index] !== undefined) continue;
      const peers = this.#names.get(name.key);
      this.#blocked.changed(peers, other.key, on);
      this.#presence.blocked(peers, other.key, on);
    }
  }

  /** Messages, and what happened in rooms, in the order of their seqs. */
  #deliver(commit: Commit, batch: PendingBatch | undefined): void {
    let room = 0;
    for (const send of commit.sends) {
      for (; (commit.rooms[room]?.before ?? Infinity) <= send.index; room++) {
        this.#roomChanged(commit, room);
      }
      const sender = batch?.senders[send.index];
      if (send.outbox !== undefined) sender?.connection.accept(send);
      this.#delivery.deliver(send, sender);
    }
    for (; room < commit.rooms.length; room++) this.#roomChanged(commit, room);
  }

  /** Who joins is given his own join, and who leaves his leave. */
  #roomChanged({ rooms, batch }: Commit, index: number): void {
    const { event, member, invited, room } = rooms[index] ?? {};
    const request = batch.requests?.[index];
    const key = request?.room.key;
    if (invited !== undefined && room !== undefined) {
      const by = request?.by.shown ?? "";
      for (const peer of this.#names.get(invited)) peer.notify({ kind: "invited", room, by });
    }
    if (event === undefined || key === undefined) return;
    const peers = member === undefined ? [] : this.#names.get(member);
    if (event.kind === "join") {
      for (const peer of peers) this.#rooms.joined(peer, key, event.room, event.seq);
      this.#presence.joined(peers, key);
    }
    this.#delivery.announce(key, event);
    if (event.kind === "leave" || event.kind === "kick") {
      for (const peer of peers) this.#rooms.left(peer, key, event.room, event.seq);
    }
  }

  /** The other devices of the name are told. */
  #tellMarked(batch: PendingBatch): void {
    for (const { peer, marker } of batch.marked) {
      for (const own of this.#names.get(marker.name.key)) {
        if (own !== peer) own.notify({ kind: "read", with: marker.with.shown, seq: marker.seq });
      }
    }
  }
}
