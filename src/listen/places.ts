// The connections that are open: how many there may be, in all and from one address, and who they are.

import { AddressCounts } from "./addresses.ts";
import type { TurnedAway } from "./turned-away.ts";

/** How a peer is, for metrics. */
export interface PeerView {
  readonly state: "greeting" | "behind" | "live" | "leaving";
  /** Between its position and the head, in seqs. */
  readonly behind: number;
}

/** What the listener knows of a connection, in every protocol. No method throws. */
export interface OpenConnection {
  readonly protocol: string;
  /** Where the protocol has peers. */
  readonly peer?: PeerView;
  /** Ends it when it is logged in and nothing came from it since `time`, in ms since 1970. */
  endIfIdleSince(time: number): void;
  /** The server stops: the broker asks peers, the others have nothing to lose. */
  stop(): void;
}

export interface PlaceOptions {
  /** Connections in all. */
  readonly maxConnections: number;
  /** Connections of one address, loopback not counted. */
  readonly maxConnectionsPerAddress: number;
}

/** One connection's place; what is there changes when its protocol is known. */
export class Place {
  connection: OpenConnection | undefined;
  countedAs: string | undefined;
}

export class Places {
  readonly #options: PlaceOptions;
  readonly #addresses: AddressCounts;
  readonly #turnedAway: Pick<TurnedAway, "add">;
  readonly #places = new Set<Place>();

  /** @param turnedAway is told of those for whom there was no place */
  constructor(options: PlaceOptions, turnedAway: Pick<TurnedAway, "add">) {
    this.#options = options;
    this.#turnedAway = turnedAway;
    this.#addresses = new AddressCounts(options.maxConnectionsPerAddress);
  }

  get size(): number {
    return this.#places.size;
  }

  /** @returns undefined when there is no place left */
  take(): Place | undefined {
    if (this.#places.size >= this.#options.maxConnections) {
      this.#turnedAway.add(
        "there are as many as --max-connections and the system's open files allow",
      );
      return undefined;
    }
    const place = new Place();
    this.#places.add(place);
    return place;
  }

  /** Counts the connection for its address. @returns false when that has as many as it may have */
  count(place: Place, address: string): boolean {
    if (!this.#addresses.take(address)) {
      this.#turnedAway.add(`${address} has as many as --max-connections-per-address allows`);
      return false;
    }
    place.countedAs = address;
    return true;
  }

  leave(place: Place): void {
    this.#places.delete(place);
    if (place.countedAs !== undefined) this.#addresses.release(place.countedAs);
  }

  *connections(): Generator<OpenConnection> {
    for (const { connection } of this.#places) if (connection !== undefined) yield connection;
  }
}
