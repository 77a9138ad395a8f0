// The port: accepts connections, within the limits on how many there may be, and gives each to the
// protocol that its first bytes show. Nothing that a client or the system does ends the accept loop.

import { createServer, type Server, type Socket } from "node:net";
import { Arrival, type ArrivalOptions } from "./arrival.ts";
import { type OpenConnection, type PlaceOptions, Places } from "./places.ts";
import { type ProtocolOptions, type ProtocolParts, Protocols } from "./protocols.ts";
import { tooMany, turnAway } from "./refusal.ts";
import { SharingSocket } from "./shared-buffer.ts";
import { TcpWatch } from "./tcp-watch.ts";
import { type TlsCredentials, TlsPort } from "./tls.ts";
import { TurnedAway } from "./turned-away.ts";

export type ListenOptions = ProtocolOptions & PlaceOptions;

export interface ListenerParts extends ProtocolParts {
  /** Without them there is no TLS. */
  readonly credentials: TlsCredentials | undefined;
}

export interface ListenAddress {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
}

/** The system asks a silent one whether it is there after this long, in ms; ten seconds later it is dead. */
const KEEP_ALIVE_AFTER = 30_000;

/** Connections that the system may have waiting for us to accept them. */
const BACKLOG = 4096;

/** Idle connections are looked for this often within the idle time. */
const IDLE_CHECKS = 4;

export class Listener {
  readonly #options: ListenOptions;
  readonly #parts: ListenerParts;
  readonly #watch: TcpWatch;
  readonly #places: Places;
  readonly #protocols: Protocols;
  readonly #arrivals: ArrivalOptions;
  readonly #servers: Server[] = [];
  readonly #turnedAway: TurnedAway;
  #isStopped = false;
  #idleTimer: { cancel(): void } | undefined;

  /** @throws OpenSSL's error when the certificate and its key cannot be used */
  constructor(options: ListenOptions, parts: ListenerParts) {
    const { clock, report, credentials } = parts;
    this.#options = options;
    this.#parts = parts;
    this.#watch = new TcpWatch({ report: (error) => report("tcp-table", error) });
    this.#turnedAway = new TurnedAway(clock, report);
    this.#places = new Places(options, this.#turnedAway);
    this.#protocols = new Protocols(options, parts, this.#places, this.#watch);
    const tls = credentials === undefined ? undefined : new TlsPort(credentials);
    this.#arrivals = { clock, loginTime: options.loginTime, tls };
    if (options.idleTime > 0) this.#checkIdle();
  }

  /**
   * From now on new TLS connections get these; those that are open stay as they are.
   * @throws OpenSSL's error when they cannot be used; then the old ones stay
   */
  reloadTls(credentials: TlsCredentials): void {
    this.#arrivals.tls?.reload(credentials);
  }

  get connections(): number {
    return this.#places.size;
  }

  /** Those that are open now. */
  open(): Iterable<OpenConnection> {
    return this.#places.connections();
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
    this.#protocols.stop();
    this.#idleTimer?.cancel();
    this.#turnedAway.stop();
    for (const connection of this.#places.connections()) connection.stop();
    this.#isStopped = true;
    this.#checkStopped();
  }

  #checkStopped(): void {
    if (this.#isStopped && this.#places.size === 0) void this.#watch.close();
  }

  #accept(accepted: Socket): void {
    const address = accepted.remoteAddress;
    // Undefined when it was reset before we looked.
    if (address === undefined) return void accepted.destroy();
    const place = this.#places.take();
    if (place === undefined) return this.#turnAway(accepted, "the server");
    const isTrusted = this.#protocols.trusted.has(address);
    // Whom a proxy's connection counts for is known when the proxy has told.
    if (!isTrusted && !this.#places.count(place, address)) {
      this.#places.leave(place);
      return this.#turnAway(accepted, `your address ${address}`);
    }
    const socket = new SharingSocket(accepted);
    socket.on("close", () => {
      this.#places.leave(place);
      this.#checkStopped();
    });
    place.connection = new Arrival(socket, { address, isTrusted }, this.#arrivals, {
      named: (client) => this.#protocols.named(client, place),
      arrived: (protocol, connection, refused) =>
        this.#protocols.begin(protocol, connection, place, refused),
    });
  }

  #turnAway(accepted: Socket, who: string): void {
    const error = tooMany(who);
    this.#parts.figures.refuse(error.code);
    turnAway(accepted, error);
  }

  #checkIdle(): void {
    const { clock } = this.#parts;
    const { idleTime } = this.#options;
    this.#idleTimer = clock.after(idleTime / IDLE_CHECKS, () => {
      const since = clock.now() - idleTime;
      for (const connection of this.#places.connections()) connection.endIfIdleSince(since);
      this.#checkIdle();
    });
  }
}
