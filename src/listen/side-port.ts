// An address of its own for pages of the server alone, which no client of the chat has to reach.

import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { Clock } from "../broker/clock.ts";
import type { Report } from "../log/report.ts";
import { type HttpPages, HttpPort } from "./http.ts";
import type { ListenAddress } from "./listener.ts";
import { Place } from "./places.ts";

export interface SidePortOptions {
  readonly clock: Clock;
  readonly pages: HttpPages;
  /** For the headers of each request, in ms. */
  readonly loginTime: number;
  readonly report: Report;
}

export interface SidePort {
  /** With the port that was picked. */
  readonly address: ListenAddress;
  /** Cuts who is still connected. */
  close(): Promise<void>;
}

/** Who asks are few: monitors. */
const MOST_CONNECTIONS = 64;

/** @throws the system's error: EADDRINUSE, EACCES, EADDRNOTAVAIL … */
export async function openSidePort(
  address: ListenAddress,
  options: SidePortOptions,
): Promise<SidePort> {
  const { clock, loginTime } = options;
  const http = new HttpPort({
    ...options,
    clientOf: (client) => client,
    refusal: () => undefined,
    upgrade: undefined,
  });
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    // Who may ask is for whoever can reach this address.
    const client = { address: socket.remoteAddress ?? "", isLoopback: false, isSecure: false };
    const loginBy = clock.now() + loginTime;
    http.accept({ socket, client, first: Buffer.alloc(0), hasEnded: false, loginBy }, new Place());
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.listen(address);
  await once(server, "listening");
  // One that could not be accepted asks again.
  server.on("error", () => {});
  const { port } = server.address() as { port: number };
  return {
    address: { host: address.host, port },
    async close() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
