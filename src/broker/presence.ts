// Who is online, for those who asked and who share a conversation: a room, or a direct one with somebody
// who does not block them. Changes are collected for a while: whoever reconnects at once was never away,
// and a thousand who do so are a few notices.

import type { Name } from "../protocol/name.ts";
import type { Blocked } from "./blocked.ts";
import type { Clock } from "./clock.ts";
import type { Connected } from "./connected.ts";
import type { ConnectedNames } from "./connected-names.ts";
import type { Notice, PresentName } from "./notice.ts";
import type { Peer } from "./peer.ts";
import type { People } from "./people.ts";
import type { Rooms } from "./rooms.ts";

/** How long changes are collected, in ms. */
const COLLECT = 2000;

interface Change {
  readonly name: Name;
  /** Where it is a member: it may be gone when the change is told. */
  readonly rooms: Set<string>;
  /** Whom it blocked when it came or went. */
  blocked: ReadonlySet<string>;
  /** What the others know of it. */
  readonly wasOnline: boolean;
  /** It has joined one of the rooms, whose members know nothing of it yet. */
  hasJoined: boolean;
}

/** Whom somebody shares a conversation with only since now. */
interface Met {
  readonly names: Set<string>;
  readonly rooms: Set<string>;
}

export class Presence {
  readonly #clock: Clock;
  readonly #names: ConnectedNames;
  readonly #rooms: Rooms;
  readonly #people: People;
  readonly #blocked: Blocked;
  /** Since when each name that is connected is online, in ms since 1970. */
  readonly #since = new Map<string, number>();
  /** Who wants to know of a name that it has a direct conversation with. */
  readonly #watchers = new Map<string, Set<Peer>>();
  /** Whom each watching peer has such conversations with. */
  readonly #watched = new Map<Peer, ReadonlySet<string>>();
  readonly #changes = new Map<string, Change>();
  readonly #met = new Map<Peer, Met>();
  #timer: { cancel(): void } | undefined;

  constructor(clock: Clock, { names, rooms, people, blocked }: Connected) {
    this.#clock = clock;
    this.#names = names;
    this.#rooms = rooms;
    this.#people = people;
    this.#blocked = blocked;
  }

  /** A name has its first peer. Its rooms are known. */
  came(name: Name, peer: Peer): void {
    if (this.#since.has(name.key)) return;
    this.#changed(name, peer, false);
    this.#since.set(name.key, this.#clock.now());
  }

  /** A peer is about to leave its rooms; `isLast` tells whether its name has no other. */
  goes(peer: Peer, isLast: boolean): void {
    this.#unwatch(peer);
    const { name } = peer;
    if (!isLast || !this.#since.has(name.key)) return;
    this.#changed(name, peer, true);
    this.#since.delete(name.key);
  }

  /**
   * From now on a peer is told who comes and goes, of those that it talks with and of those in its rooms.
   * @param people see `People.of`
   * @returns who of them is online
   */
  watch(peer: Peer, people: ReadonlySet<string>): Notice {
    this.#unwatch(peer);
    this.#watched.set(peer, people);
    for (const key of people) this.#watch(peer, key);
    return { kind: "presence", names: this.#online(peer, people, this.#rooms.of(peer)) };
  }

  /** A peer has a direct conversation with a name. */
  converses(peer: Peer, key: string): void {
    if (!this.#people.meets(peer, key) || !this.#watched.has(peer)) return;
    this.#watch(peer, key);
    this.#meets(peer).names.add(key);
  }

  /**
   * A name blocks another from now on, which is told that it is away; or no more.
   * @param peers all of its own
   */
  blocked(peers: readonly Peer[], other: string, on: boolean): void {
    const [first] = peers;
    if (first === undefined) return;
    const { key, shown } = first.name;
    const away = { name: shown, online: false, since: this.#clock.now() };
    for (const peer of this.#names.get(other)) {
      if (this.#watchers.get(key)?.has(peer) !== true || this.#rooms.share(first, peer)) continue;
      if (on) peer.notify({ kind: "presence", names: [away] });
      else this.#meets(peer).names.add(key);
    }
  }

  /** A name is in a room from now on. @param peers all of its own */
  joined(peers: readonly Peer[], room: string): void {
    const [first] = peers;
    if (first === undefined || this.#watched.size === 0) return;
    const change = this.#change(first.name, true);
    change.rooms.add(room);
    change.hasJoined = true;
    for (const peer of peers) {
      if (this.#watched.has(peer)) this.#meets(peer).rooms.add(room);
    }
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #watch(peer: Peer, key: string): void {
    const watchers = this.#watchers.get(key);
    if (watchers === undefined) this.#watchers.set(key, new Set([peer]));
    else watchers.add(peer);
  }

  #unwatch(peer: Peer): void {
    for (const key of this.#watched.get(peer) ?? []) {
      const watchers = this.#watchers.get(key);
      watchers?.delete(peer);
      if (watchers?.size === 0) this.#watchers.delete(key);
    }
    this.#watched.delete(peer);
    this.#met.delete(peer);
  }

  /** Who is online of these people, but for who blocks the peer, and of the members of these rooms. */
  #online(peer: Peer, people: Iterable<string>, rooms: Iterable<string>): PresentName[] {
    const keys = new Set<string>();
    for (const key of people) {
      if (!this.#blocked.blocks(this.#names.get(key), peer.name.key)) keys.add(key);
    }
    for (const room of rooms) {
      for (const member of this.#rooms.members(room)) keys.add(member.name.key);
    }
    keys.delete(peer.name.key);
    return [...keys].flatMap((key) => {
      const since = this.#since.get(key);
      const [other] = this.#names.get(key);
      if (since === undefined || other === undefined) return [];
      return [{ name: other.name.shown, online: true, since }];
    });
  }

  #changed(name: Name, peer: Peer, wasOnline: boolean): void {
    if (this.#watched.size === 0) return;
    const change = this.#change(name, wasOnline);
    change.blocked = this.#blocked.of(peer);
    for (const room of this.#rooms.of(peer)) change.rooms.add(room);
  }

  #change(name: Name, wasOnline: boolean): Change {
    const change = this.#changes.get(name.key) ?? {
      name,
      rooms: new Set(),
      blocked: new Set(),
      wasOnline,
      hasJoined: false,
    };
    this.#changes.set(name.key, change);
    this.#schedule();
    return change;
  }

  #meets(peer: Peer): Met {
    const met = this.#met.get(peer) ?? { names: new Set(), rooms: new Set() };
    this.#met.set(peer, met);
    this.#schedule();
    return met;
  }

  #schedule(): void {
    this.#timer ??= this.#clock.after(COLLECT, () => this.#tell());
  }

  #tell(): void {
    this.#timer = undefined;
    this.#tellChanges();
    for (const [peer, { names, rooms }] of this.#met) {
      const online = this.#online(peer, names, rooms);
      if (online.length > 0) peer.notify({ kind: "presence", names: online });
    }
    this.#met.clear();
  }

  #tellChanges(): void {
    /** Who has changed in each room, by key. */
    const inRooms = new Map<string, Map<string, PresentName>>();
    const now = this.#clock.now();
    for (const change of this.#changes.values()) {
      const { name, rooms, wasOnline, hasJoined } = change;
      const since = this.#since.get(name.key);
      const online = since !== undefined;
      if (online === wasOnline && !(online && hasJoined)) continue;
      const present = { name: name.shown, online, since: since ?? now };
      for (const room of rooms) {
        const changed = inRooms.get(room);
        if (changed === undefined) inRooms.set(room, new Map([[name.key, present]]));
        else changed.set(name.key, present);
      }
      for (const peer of this.#watchers.get(name.key) ?? []) {
        const { key } = peer.name;
        if (key === name.key || this.#isBlocked(change, key)) continue;
        peer.notify({ kind: "presence", names: [present] });
      }
    }
    this.#changes.clear();
    for (const [room, changed] of inRooms) this.#tellRoom(room, changed);
  }

  /** Whether the one that has changed blocks another: also once it has gone, or has come a moment ago. */
  #isBlocked({ name, blocked }: Change, key: string): boolean {
    const peers = this.#names.get(name.key);
    return peers.length === 0 ? blocked.has(key) : this.#blocked.blocks(peers, key);
  }

  /** The members of a room are told of all who have changed but themselves. */
  #tellRoom(room: string, changed: ReadonlyMap<string, PresentName>): void {
    const notice: Notice = { kind: "presence", names: [...changed.values()] };
    for (const peer of this.#rooms.members(room)) {
      if (!this.#watched.has(peer)) continue;
      const own = changed.get(peer.name.key);
      if (own === undefined) peer.notify(notice);
      else if (changed.size > 1) {
        peer.notify({ kind: "presence", names: notice.names.filter((name) => name !== own) });
      }
    }
  }
}
