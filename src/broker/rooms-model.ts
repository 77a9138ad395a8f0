// For tests of the broker: who must get what, worked out from the commits alone, one record after the
// other, without anything that the broker uses.

import { unpackBodies } from "../protocol/bodies.ts";
import type { Commit } from "../log/commit.ts";
import { isRoom } from "../protocol/room.ts";

/** A record that a name gets. */
export interface Due {
  readonly seq: number;
  /** Whether only those get it who want everything: events, and what the name sent itself. */
  readonly isForEverything: boolean;
  /** What its peer sent that wrote this comes back to it only from the log. */
  readonly sentBy: string | undefined;
}

export class RoomsModel {
  readonly #due = new Map<string, Due[]>();
  readonly #members = new Map<string, Set<string>>();
  /** Records of rooms by kind, so that a test can see that it tried them. */
  readonly counts = { message: 0, join: 0, leave: 0, kick: 0, topic: 0 };

  /** What a name gets above a seq, in order. */
  due(key: string, above: number, everything: boolean): Due[] {
    const all = this.#due.get(key) ?? [];
    return all.filter(
      ({ seq, isForEverything }) => seq > above && (everything || !isForEverything),
    );
  }

  isMember(key: string, room: string): boolean {
    return this.#members.get(room)?.has(key) === true;
  }

  /** @param senderOf who wrote a body */
  committed(commit: Commit, senderOf: (body: string) => string): void {
    let request = 0;
    for (const send of commit.sends) {
      for (; (commit.rooms[request]?.before ?? Infinity) <= send.index; request++) {
        this.#decided(commit, request);
      }
      const { first, to, from } = send;
      unpackBodies(send.bodies).forEach((body, i) => {
        to.forEach(({ key }, j) => {
          const seq = first + i * to.length + j;
          this.#sent(seq, from.key, key, senderOf(body));
        });
      });
    }
    for (; request < commit.rooms.length; request++) this.#decided(commit, request);
  }

  #sent(seq: number, from: string, to: string, sentBy: string): void {
    if (!isRoom(to)) {
      const isNote = from === to;
      this.#add(to, { seq, isForEverything: false, sentBy: undefined });
      if (!isNote) this.#add(from, { seq, isForEverything: true, sentBy });
      return;
    }
    this.counts.message += 1;
    for (const member of this.#members.get(to) ?? []) {
      const isOwn = member === from;
      this.#add(member, { seq, isForEverything: isOwn, sentBy: isOwn ? sentBy : undefined });
    }
  }

  #decided({ rooms, batch }: Commit, index: number): void {
    const { event, member } = rooms[index] ?? {};
    const room = batch.requests?.[index]?.room.key;
    if (event === undefined || room === undefined) return;
    const members = this.#members.get(room) ?? new Set();
    this.#members.set(room, members);
    this.counts[event.kind] += 1;
    if (event.kind === "join" && member !== undefined) members.add(member);
    for (const key of members) {
      this.#add(key, { seq: event.seq, isForEverything: true, sentBy: undefined });
    }
    if (event.kind !== "join" && member !== undefined) members.delete(member);
  }

  #add(key: string, due: Due): void {
    const all = this.#due.get(key);
    if (all === undefined) this.#due.set(key, [due]);
    else all.push(due);
  }
}
