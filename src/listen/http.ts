// HTTP on the port: the pages that the server gives, and requests for WebSocket. Every request is
// bounded in size and time, and nothing outlives a shutdown.

import { Buffer } from "node:buffer";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import type { Report } from "../log/report.ts";
import type { ChatError } from "../protocol/errors.ts";
import { formatError } from "../protocol/line/format.ts";
import type { Arrived } from "./arrival.ts";
import type { Client } from "./clients.ts";
import {
  ANSWER_HEADERS,
  formatLastAnswer,
  type HttpAnswer,
  type TextAnswer,
} from "./http-answer.ts";
import { HttpConnection, type HttpTimes } from "./http-connection.ts";
import type { Place } from "./places.ts";
import { becomeStream } from "./shared-buffer.ts";

/** What is at a path; asked for with GET or HEAD, and these headers. */
export type HttpPage = (asked: IncomingHttpHeaders) => HttpAnswer | Promise<HttpAnswer>;

/** By path, without a query: `/health/live`. */
export type HttpPages = ReadonlyMap<string, HttpPage>;

/** A request for WebSocket, as far as HTTP goes. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
  readonly client: Client;
  /** When what it becomes must have logged in, in ms since 1970. */
  readonly loginBy: number;
  readonly place: Place;
}

export interface HttpOptions extends HttpTimes {
  readonly pages: HttpPages;
  readonly report: Report;
  /** Who asks: whom the proxies that are trusted name. */
  readonly clientOf: (client: Client, request: IncomingMessage) => Client;
  /** Why a client may not ask at all. */
  readonly refusal: (client: Client) => ChatError | undefined;
  /** Takes a request for WebSocket; undefined when there is none. @returns why not */
  readonly upgrade: ((upgrade: Upgrade) => ChatError | undefined) | undefined;
}

/** The line and the headers of a request together, in bytes. */
const MOST_HEADER_BYTES = 16 * 1024;

/** A connection that asks nothing more is closed after this long, in ms. */
const KEEP_ALIVE = 5000;

/** Where WebSocket is. */
const WEB_SOCKET_PATH = "/";

export class HttpPort {
  readonly #options: HttpOptions;
  /** Does not listen: it is given its connections. */
  readonly #server: Server;
  readonly #connections = new WeakMap<Duplex, HttpConnection>();
  #isStopping = false;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#server = createServer({
      maxHeaderSize: MOST_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE,
      // Others, such as the h2c of curl, are requests like any other.
      shouldUpgradeCallback: (request) =>
        options.upgrade !== undefined && request.headers.upgrade?.toLowerCase() === "websocket",
    });
    this.#server.on("request", (request, response) => void this.#answer(request, response));
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Serves a connection until it is closed, or becomes a WebSocket in the same place. */
  accept({ socket, client, first, loginBy }: Arrived, place: Place): HttpConnection {
    const connection = new HttpConnection(socket, client, place, this.#options, loginBy);
    this.#connections.set(socket, connection);
    becomeStream(socket, first);
    this.#server.emit("connection", socket);
    socket.resume();
    return connection;
  }

  /** From now on every answer is the last one of its connection. */
  stop(): void {
    this.#isStopping = true;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const connection = this.#connections.get(request.socket);
    if (connection === undefined) return void request.socket.destroy();
    connection.asked();
    response.on("close", () => connection.answered());
    const { status, body, headers } = await this.#page(connection, request);
    // A body is not read, and what follows it could not be found.
    const isLast = this.#isStopping || !isReading(request);
    response.writeHead(status, {
      ...ANSWER_HEADERS,
      "Content-Length": Buffer.byteLength(body),
      ...headers,
      ...(isLast ? { Connection: "close" } : {}),
    });
    response.end(body);
  }

  async #page({ client }: HttpConnection, request: IncomingMessage): Promise<HttpAnswer> {
    const { pages, report, refusal, clientOf } = this.#options;
    const refused = refusal(clientOf(client, request));
    if (refused !== undefined) return forbidden(refused);
    const page = pages.get(request.url?.split("?", 1)[0] ?? "");
    if (page === undefined) return notFound(pages);
    if (!isReading(request)) {
      return { status: 405, body: "only GET and HEAD\n", headers: { Allow: "GET, HEAD" } };
    }
    try {
      return await page(request.headers);
    } catch (error) {
      report("http", error as Error);
      return { status: 500, body: "the server made a mistake, which it has logged\n" };
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const connection = this.#connections.get(socket);
    connection?.letGo();
    const { pages, clientOf, upgrade } = this.#options;
    if (connection === undefined || upgrade === undefined || this.#isStopping) {
      return void socket.destroy();
    }
    const { place, loginBy } = connection;
    place.connection = undefined;
    if (request.url !== WEB_SOCKET_PATH) return endWith(socket, notFound(pages));
    const client = clientOf(connection.client, request);
    const refused = upgrade({ request, socket: socket as Socket, head, client, loginBy, place });
    if (refused !== undefined) endWith(socket, forbidden(refused));
  }
}

function isReading({ method }: IncomingMessage): boolean {
  return method === "GET" || method === "HEAD";
}

export function forbidden({ code, message }: ChatError): TextAnswer {
  return { status: 403, body: formatError(code, message) };
}

function notFound(pages: HttpPages): TextAnswer {
  const paths = [...pages.keys()].filter((path) => !path.includes(".")).toSorted();
  const there = paths.length === 0 ? "" : `; there is ${paths.join(", ")}`;
  return { status: 404, body: `nothing is here${there}\n` };
}

function endWith(socket: Duplex, answer: TextAnswer): void {
  socket.end(formatLastAnswer(answer), () => socket.destroy());
}
