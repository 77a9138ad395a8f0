// A proxy for JSON lines that cuts a connection instead of passing on what the server says, where it is told to.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Scope } from "./line-client.ts";

export class LosingProxy {
  /** Whether this line of the server is lost, with the connection. */
  loses: (line: string) => boolean = () => false;
  /** What was lost. */
  readonly lost: string[] = [];
  readonly port: number;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(t: Scope, serverPort: number): Promise<LosingProxy> {
    const sockets = new Set<Socket>();
    const server = createServer((client) => {
      const upstream = connect(serverPort, "127.0.0.1");
      for (const socket of [client, upstream]) {
        sockets.add(socket);
        socket.on("error", () => {});
      }
      const end = (): void => {
        client.destroy();
        upstream.destroy();
      };
      client.on("close", end);
      upstream.on("close", end);
      client.pipe(upstream);
      createInterface({ input: upstream }).on("line", (line) => {
        if (client.destroyed) return;
        if (!proxy.loses(line)) return void client.write(`${line}\n`);
        proxy.lost.push(line);
        end();
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const proxy = new LosingProxy((server.address() as AddressInfo).port);
    t.after(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return proxy;
  }
}
