// The port: accepts connections, within the limits on how many there may be, and gives each to the
// protocol that its first bytes show. Nothing that a client or the system does ends the accept loop.

import { createServer, type Server, type Socket } from "node:net";
import type { Broker } from "../broker/broker.ts";
import type { Clock } from "../broker/clock.ts";
import type { Report } from "../log/report.ts";
import { formatError } from "../protocol/line/format.ts";
import { Arrival, type ArrivalOptions, type Arrived } from "./arrival.ts";
import type { Protocol } from "./detect.ts";
import { LineConnection, type LineContext, type LineOptions } from "./line-connection.ts";
import { type OpenConnection, type PlaceOptions, Places } from "./places.ts";
import { SharingSocket } from "./shared-buffer.ts";
import { TcpWatch } from "./tcp-watch.ts";
import { TurnedAway } from "./turned-away.ts";

export type ListenOptions = LineOptions & PlaceOptions;

export interface ListenAddress {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
}

/** A silent connection is asked whether it is there after this long, in ms; ten seconds later it is dead. */
const KEEP_ALIVE_AFTER = 30_000;

/** Connections that the system may have waiting for us to accept them. */
const BACKLOG = 4096;

/** Idle connections are looked for this often within the idle time. */
const IDLE_CHECKS = 4;

export class Listener {
  readonly #context: LineContext;
  readonly #places: Places;
  readonly #servers: Server[] = [];
  /** How a connection begins that speaks each protocol; without one it is the line protocol's. */
  readonly #protocols: Partial<Record<Protocol, (connection: Arrived) => OpenConnection>> = {};
  readonly #turnedAway: TurnedAway;
  #isStopped = false;
  #idleTimer: { cancel(): void } | undefined;

  constructor(options: ListenOptions, broker: Broker, clock: Clock, report: Report) {
    const watch = new TcpWatch({ report: (error) => report("tcp-table", error) });
    this.#context = { broker, clock, options, report, watch };
    this.#places = new Places(options);
    this.#turnedAway = new TurnedAway(clock, report);
    if (options.idleTime > 0) this.#checkIdle();
  }

  get connections(): number {
    return this.#places.size;
  }

  /**
   * Listens on one more address.
   * @returns the address with the port that was picked
   * @throws the system's error: EADDRINUSE, EACCES, EADDRNOTAVAIL …
   */
  listen({ host, port }: ListenAddress): Promise<ListenAddress> {
    const server = createServer({
      allowHalfOpen: true,
      pauseOnConnect: true,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: KEEP_ALIVE_AFTER,
    });
    server.on("connection", (socket) => this.#accept(socket));
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port, backlog: BACKLOG }, () => {
        server.off("error", reject);
        server.on("error", ({ message }) => this.#turnedAway.add(message));
        this.#servers.push(server);
        const address = server.address() as { port: number };
        resolve({ host, port: address.port });
      });
    });
  }

  /** Stops accepting, and ends the connections that have no peer; the broker ends the others. */
  stop(): void {
    for (const server of this.#servers) server.close();
    this.#idleTimer?.cancel();
    this.#turnedAway.stop();
    for (const connection of this.#places.connections()) connection.stop();
    this.#isStopped = true;
    this.#checkStopped();
  }

  #checkStopped(): void {
    if (this.#isStopped && this.#places.size === 0) void this.#context.watch.close();
  }

  #accept(accepted: Socket): void {
    const address = accepted.remoteAddress;
    // Undefined when it was reset before we looked.
    if (address === undefined) return void accepted.destroy();
    const place = this.#places.take();
    if (place === undefined) {
      this.#turnedAway.add(
        "there are as many as --max-connections and the system's open files allow",
      );
      return turnAway(accepted, "the server");
    }
    if (!this.#places.count(place, address)) {
      this.#places.leave(place);
      this.#turnedAway.add(`${address} has as many as --max-connections-per-address allows`);
      return turnAway(accepted, `your address ${address}`);
    }
    const socket = new SharingSocket(accepted);
    socket.on("close", () => {
      this.#places.leave(place);
      this.#checkStopped();
    });
    const { clock, options } = this.#context;
    const arrival: ArrivalOptions = {
      clock,
      loginTime: options.loginTime,
      arrived: (protocol, connection) => {
        place.connection = this.#begin(protocol, connection);
      },
    };
    place.connection = new Arrival(socket, address, arrival);
  }

  #begin(protocol: Protocol, connection: Arrived): OpenConnection {
    const begin = this.#protocols[protocol];
    return begin?.(connection) ?? new LineConnection(connection, this.#context);
  }

  #checkIdle(): void {
    const { clock, options } = this.#context;
    this.#idleTimer = clock.after(options.idleTime / IDLE_CHECKS, () => {
      const since = clock.now() - options.idleTime;
      for (const connection of this.#places.connections()) connection.endIfIdleSince(since);
      this.#checkIdle();
    });
  }
}

function turnAway(socket: Socket, who: string): void {
  socket.on("error", () => {});
  const line = formatError("too-many-connections", `${who} has as many connections as it may have`);
  // What it sent is not read; it gets its line, and the end.
  socket.end(line, () => socket.destroy());
}
