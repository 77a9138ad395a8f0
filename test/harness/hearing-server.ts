// A server that is none: it tells a test what it hears, and answers what the test says.

import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Scope } from "./line-client.ts";

/** A frame of a client, as far as the tests look into it. */
export interface Said {
  readonly login?: string;
  readonly send?: number;
  readonly body?: string;
  readonly ack?: number;
  readonly read?: string;
  readonly seq?: number;
  readonly done?: number;
}

/** A server that tells a test what it hears, in the moment in which it hears it. */
export async function listen(
  t: Scope,
  heard: (frame: Said, answer: (frame: object) => void, socket: Socket) => void,
): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    const answer = (frame: object): void => void socket.write(`${JSON.stringify(frame)}\n`);
    createInterface({ input: socket }).on("line", (line) =>
      heard(JSON.parse(line) as Said, answer, socket),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `partyline://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Of a server that knows nothing. */
export const WELCOME = {
  name: "alice",
  log: "k3",
  head: 0,
  position: 0,
  sent: 0,
  refused: [],
  resume: "r",
  now: 0,
  version: 1,
};
