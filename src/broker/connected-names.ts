// Which peers have which name: an open name one, an account any number. The map compares the peer, not
// its name: whoever reconnected stays when his former connection is removed at last.

import { ChatError } from "../protocol/errors.ts";
import type { Clock } from "./clock.ts";
import type { Peer } from "./peer.ts";

interface Waiting {
  /** Rises with each login. */
  readonly ticket: number;
  wake(): void;
}

/** How long a login waits for each holder of its name, in ms: a reset may arrive after the new login. */
const HELD_WAIT = 1000;

const collator = new Intl.Collator();

const NOBODY: readonly Peer[] = [];

export class ConnectedNames {
  /** At least one for each key. The arrays never change. */
  readonly #peers = new Map<string, readonly Peer[]>();
  /** Logins that wait for a name, first come, first served: in the order of their tickets. */
  readonly #waiting = new Map<string, Waiting[]>();
  #lastTicket = 0;
  readonly #clock: Clock;
  /** In order; made when somebody asks, and kept until it changes. */
  #shown: string[] | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isEmpty(): boolean {
    return this.#peers.size === 0;
  }

  /** Who has a name, whoever came first being first. */
  get(key: string): readonly Peer[] {
    return this.#peers.get(key) ?? NOBODY;
  }

  peers(): Peer[] {
    return [...this.#peers.values()].flat();
  }

  /** The names as they are shown, in order. */
  shown(): readonly string[] {
    this.#shown ??= [...this.#peers.values()]
      .map(([peer]) => peer?.name.shown ?? "")
      .toSorted(collator.compare);
    return this.#shown;
  }

  /** A peer has learnt how its name is shown. */
  renamed(): void {
    this.#shown = undefined;
  }

  /**
   * Takes the peer's name for it, at once when nobody is in its way. A holder whose client has finished
   * must make room within the wait; one that still answers keeps the name, unless the new one is known
   * to be of the same client.
   * @throws ChatError `name-taken`
   */
  async take(peer: Peer): Promise<void> {
    const { key } = peer.name;
    const ticket = ++this.#lastTicket;
    let asked: Peer | undefined;
    let deadline = 0;
    for (;;) {
      const holder = this.get(key).find((other) => isInTheWay(other, peer));
      if (holder === undefined) break;
      if (isSameClient(holder, peer)) {
        holder.connection.cut();
        if (this.get(key).includes(holder)) await this.#freed(key, ticket, HELD_WAIT);
        continue;
      }
      // Who was in line before us and is dead has the name for a moment: each holder has its own wait.
      if (holder !== asked) {
        asked = holder;
        deadline = this.#clock.now() + HELD_WAIT;
        holder.connection.probe();
      }
      const left = deadline - this.#clock.now();
      if (left > 0 && (await this.#freed(key, ticket, left))) continue;
      if (!this.get(key).includes(holder)) continue;
      if (!holder.isLeaving) {
        throw new ChatError("name-taken", `"${holder.name.shown}" is already connected`);
      }
      holder.connection.cut();
      if (this.get(key).includes(holder)) await this.#freed(key, ticket, HELD_WAIT);
    }
    this.#peers.set(key, [...this.get(key), peer]);
    this.#shown = undefined;
  }

  /** @returns whether it was there */
  remove(peer: Peer): boolean {
    const { key } = peer.name;
    const peers = this.get(key);
    if (!peers.includes(peer)) return false;
    if (peers.length === 1) this.#peers.delete(key);
    else
      this.#peers.set(
        key,
        peers.filter((other) => other !== peer),
      );
    this.#shown = undefined;
    this.#waiting.get(key)?.[0]?.wake();
    return true;
  }

  /** Waits until it is this login's turn, at most `ms`. Whoever waits again keeps his place. */
  #freed(key: string, ticket: number, ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const queue = this.#waiting.get(key) ?? [];
      this.#waiting.set(key, queue);
      const end = (freed: boolean): void => {
        timer.cancel();
        queue.splice(queue.indexOf(waiting), 1);
        if (queue.length === 0) this.#waiting.delete(key);
        resolve(freed);
      };
      const waiting: Waiting = { ticket, wake: () => end(true) };
      const timer = this.#clock.after(ms, () => end(false));
      const later = queue.findIndex((other) => other.ticket > ticket);
      queue.splice(later === -1 ? queue.length : later, 0, waiting);
    });
  }
}

/** Whether two peers cannot have the name together: it is open, or both send with one outbox. */
function isInTheWay(holder: Peer, peer: Peer): boolean {
  return !holder.isShared || !peer.isShared || isSameClient(holder, peer);
}

/** Whether a holder is an older connection of the peer's client: then it is dead, and need not be asked. */
function isSameClient(holder: Peer, peer: Peer): boolean {
  const { resume, outbox } = peer.client;
  if (resume !== undefined && holder.resume === resume) return true;
  return peer.isShared && outbox !== undefined && holder.client.outbox === outbox;
}
