// For tests of what goes beside the log: people who are connected, with neither a log nor a broker.

import { parseName } from "../protocol/name.ts";
import { Blocked } from "./blocked.ts";
import type { Connected } from "./connected.ts";
import { ConnectedNames } from "./connected-names.ts";
import { HandClock } from "./hand-clock.ts";
import type { Notice } from "./notice.ts";
import { Peer, type PeerBroker } from "./peer.ts";
import { People } from "./people.ts";
import { Presence } from "./presence.ts";
import { Rooms } from "./rooms.ts";
import { MemoryConnection } from "./schedules.ts";
import { Typing } from "./typing.ts";

export class Listening extends MemoryConnection {
  override readonly wantsEverything = true;
  readonly notices: Notice[] = [];

  override notify(notice: Notice): void {
    this.notices.push(notice);
  }
}

export class ConnectedWorld implements Connected {
  readonly clock = new HandClock();
  readonly names = new ConnectedNames(this.clock);
  readonly rooms = new Rooms();
  /** How often the log was asked for people. */
  asked = 0;
  readonly people = new People((peer) => {
    this.asked += 1;
    return Promise.resolve(this.talks.get(peer.name.key) ?? []);
  });
  readonly blocked = new Blocked();
  /** Whom each name has talked with before it came. */
  readonly talks = new Map<string, string[]>();
  readonly presence = new Presence(this.clock, this);
  readonly typing = new Typing(this.clock, this);
  readonly #broker = {
    head: () => 0,
    confirm: () => {},
    waiting: () => Promise.resolve({ deliveries: [], position: 0, removed: 0 }),
  } as Partial<PeerBroker> as PeerBroker;

  async comes(name: string, room = "#ops"): Promise<{ peer: Peer; connection: Listening }> {
    const connection = new Listening((step) => setImmediate(step));
    const peer = new Peer(this.#broker, parseName(name), connection);
    await this.names.take(peer);
    peer.start(parseName(name), 0);
    this.rooms.joined(peer, room, room, 1);
    this.presence.came(peer.name, peer);
    await this.clock.goOn(0);
    return { peer, connection };
  }

  /** @returns who is there */
  async watches(peer: Peer, ...talks: string[]): Promise<string[]> {
    this.talks.set(peer.name.key, talks);
    const now = this.presence.watch(peer, await this.people.of(peer));
    return now.kind === "presence" ? now.names.map(({ name }) => name) : [];
  }

  blocks(peer: Peer, key: string, on = true): void {
    this.blocked.changed([peer], key, on);
    this.presence.blocked([peer], key, on);
  }

  goes(peer: Peer): void {
    this.names.remove(peer);
    this.presence.goes(peer, true);
    this.rooms.gone(peer);
    this.blocked.gone(peer);
    this.people.gone(peer);
  }
}
