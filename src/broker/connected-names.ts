// Which peer has which name. The map compares the peer, not its name: whoever reconnected stays
// when his former connection is removed at last.

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

export class ConnectedNames {
  readonly #peers = new Map<string, Peer>();
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

  get(key: string): Peer | undefined {
    return this.#peers.get(key);
  }

  peers(): Peer[] {
    return [...this.#peers.values()];
  }

  /** The names as they are shown, in order. */
  shown(): readonly string[] {
    this.#shown ??= this.peers()
      .map((peer) => peer.name.shown)
      .toSorted(collator.compare);
    return this.#shown;
  }

  /** A peer has learnt how its name is shown. */
  renamed(): void {
    this.#shown = undefined;
  }

  /**
   * Takes the peer's name for it, at once when nobody holds it. A holder whose client has finished
   * must make room within the wait; one that still answers keeps the name, unless the new one brings
   * what the holder's client was given.
   * @throws ChatError `name-taken`
   */
  async take(peer: Peer, resume?: string): Promise<void> {
    const { key } = peer.name;
    const ticket = ++this.#lastTicket;
    let asked: Peer | undefined;
    let deadline = 0;
    for (;;) {
      const holder = this.#peers.get(key);
      if (holder === undefined) break;
      if (resume !== undefined && holder.resume === resume) {
        holder.connection.cut();
        if (this.#peers.get(key) === holder) await this.#freed(key, ticket, HELD_WAIT);
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
      if (this.#peers.get(key) !== holder) continue;
      if (!holder.isLeaving) {
        throw new ChatError("name-taken", `"${holder.name.shown}" is already connected`);
      }
      holder.connection.cut();
      if (this.#peers.get(key) === holder) await this.#freed(key, ticket, HELD_WAIT);
    }
    this.#peers.set(key, peer);
    this.#shown = undefined;
  }

  remove(peer: Peer): void {
    const { key } = peer.name;
    if (this.#peers.get(key) !== peer) return;
    this.#peers.delete(key);
    this.#shown = undefined;
    this.#waiting.get(key)?.[0]?.wake();
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
