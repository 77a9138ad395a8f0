// What becomes of a connection that has arrived: whether it may stay, and which protocol it begins.

import type { Accounts } from "../accounts/accounts.ts";
import type { Broker } from "../broker/broker.ts";
import type { Clock } from "../broker/clock.ts";
import type { Report } from "../log/report.ts";
import { ChatError } from "../protocol/errors.ts";
import type { Arrived } from "./arrival.ts";
import { AddressSet, type Client } from "./clients.ts";
import type { Protocol } from "./detect.ts";
import { forwardedClient } from "./forwarded.ts";
import type { FrameContext, FrameTransport } from "./frames.ts";
import { type HttpPages, HttpPort, type Upgrade } from "./http.ts";
import { LineConnection, type LineContext, type LineOptions } from "./line-connection.ts";
import type { ListenFigures } from "./listen-figures.ts";
import { originRefusal } from "./origins.ts";
import type { OpenConnection, Place, Places } from "./places.ts";
import { refuse, tooMany } from "./refusal.ts";
import { TcpFrames } from "./tcp-frames.ts";
import type { TcpWatch } from "./tcp-watch.ts";
import { WebSockets } from "./websockets.ts";

export interface ProtocolOptions extends LineOptions {
  /** Required: plain text from this machine only, `tls-required`. */
  readonly tls: "off" | "optional" | "required";
  /** Proxies, as addresses and networks, whose word about their clients is taken. */
  readonly trustedProxy: readonly string[];
  /** Sites other than our own whose pages may open a WebSocket: `bad-origin`. */
  readonly allowedOrigins: readonly string[];
}

/** Begins a connection that speaks JSON, over whatever carries its frames; see `Arrived` for the rest. */
export type OpenJson = (frames: FrameTransport, client: Client, loginBy: number) => OpenConnection;

export interface ProtocolParts {
  readonly broker: Broker;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly report: Report;
  /** Where it is counted what happens. */
  readonly figures: ListenFigures;
  /** What is answered over HTTP. */
  readonly pages: HttpPages;
  /** Without it the server does not speak JSON: `{` is then a bad name, and there is no WebSocket. */
  readonly json: OpenJson | undefined;
}

export class Protocols {
  /** Whose word about others is taken. */
  readonly trusted: AddressSet;
  readonly #options: ProtocolOptions;
  readonly #json: OpenJson | undefined;
  readonly #places: Places;
  readonly #lines: LineContext;
  readonly #frames: FrameContext;
  readonly #http: HttpPort;
  readonly #webSockets: WebSockets;

  constructor(options: ProtocolOptions, parts: ProtocolParts, places: Places, watch: TcpWatch) {
    const { broker, accounts, clock, report, figures, pages, json } = parts;
    this.trusted = new AddressSet(options.trustedProxy);
    this.#options = options;
    this.#json = json;
    this.#places = places;
    this.#lines = { broker, accounts, clock, options, report, figures, watch };
    this.#frames = { clock, watch, maxFrameBytes: options.maxLineBytes };
    this.#webSockets = new WebSockets(this.#frames);
    this.#http = new HttpPort({
      clock,
      pages,
      loginTime: options.loginTime,
      report,
      clientOf: (client, request) => forwardedClient(client, request.headers, this.trusted),
      refusal: (client) => this.#counted(this.#plainTextRefusal(client)),
      upgrade: json && ((upgrade) => this.#counted(this.#upgrade(upgrade, json))),
    });
  }

  /** A proxy has told whom a connection is of: it counts from now on. @returns why it may not stay */
  named(client: Client, place: Place): ChatError | undefined {
    // Another proxy has yet to tell.
    return this.trusted.has(client.address) ? undefined : this.#addressRefusal(client, place);
  }

  /**
   * Refuses a connection, or puts what it has become in its place.
   * @param known why it may not stay, when that is known already
   */
  begin(protocol: Protocol, connection: Arrived, place: Place, known?: ChatError): void {
    place.connection = undefined;
    const refused = this.#counted(known ?? this.#refusal(protocol, connection.client, place));
    if (refused === undefined) place.connection = this.#open(protocol, connection, place);
    else refuse(protocol, connection, refused);
  }

  /** Nothing new is begun on connections that are open. */
  stop(): void {
    this.#http.stop();
  }

  #open(protocol: Protocol, connection: Arrived, place: Place): OpenConnection {
    const json = this.#json;
    if (protocol === "http") return this.#http.accept(connection, place);
    if (protocol === "json" && json !== undefined) {
      const { client, loginBy } = connection;
      return json(new TcpFrames(connection, this.#frames), client, loginBy);
    }
    return new LineConnection(connection, this.#lines);
  }

  #upgrade(upgrade: Upgrade, json: OpenJson): ChatError | undefined {
    const { request, socket, head, client, loginBy, place } = upgrade;
    const { origin, host } = request.headers;
    const { isLoopback } = client;
    const refused =
      originRefusal({ origin, host, isLoopback }, this.#options.allowedOrigins) ??
      this.#addressRefusal(client, place) ??
      this.#plainTextRefusal(client);
    if (refused !== undefined) return refused;
    this.#webSockets.accept(request, socket, head, (frames) => {
      place.connection = json(frames, client, loginBy);
    });
    return undefined;
  }

  #refusal(protocol: Protocol, client: Client, place: Place): ChatError | undefined {
    if (protocol === "tls") return new ChatError("no-tls", "this server does not speak TLS");
    // Each of its requests may be of another client, which is looked at then.
    if (protocol === "http" && this.trusted.has(client.address)) return undefined;
    return this.#addressRefusal(client, place) ?? this.#plainTextRefusal(client);
  }

  #counted(refused: ChatError | undefined): ChatError | undefined {
    if (refused !== undefined) this.#lines.figures.refuse(refused.code);
    return refused;
  }

  #addressRefusal({ address }: Client, place: Place): ChatError | undefined {
    if (place.countedAs !== undefined || this.#places.count(place, address)) return undefined;
    return tooMany(`your address ${address}`);
  }

  #plainTextRefusal({ isLoopback, isSecure }: Client): ChatError | undefined {
    if (this.#options.tls !== "required" || isSecure || isLoopback) return undefined;
    return new ChatError("tls-required", "connect with TLS: this server takes no plain text");
  }
}
