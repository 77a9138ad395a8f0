// A proxy that does to connections what networks do: cuts, resets and stalls them, and passes their bytes
// on in pieces of any size.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import type { Scope } from "./line-client.ts";

/** Gives numbers from 0 to 1, the same ones for the same seed. */
export type Random = () => number;

/** Mulberry32: small, and good enough to choose what goes wrong. */
export function seeded(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How long a connection lives on the average, and how long a stall takes at most, in ms. */
const LIFE = 1500;
const STALL = 400;

export class ChaosProxy {
  readonly #server: Server;
  readonly #random: Random;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  readonly #target: () => number;
  /** Whether anything goes wrong. */
  isWild = true;
  /** What it has done, for the record. */
  readonly deeds = { cut: 0, reset: 0, stalled: 0, split: 0 };

  private constructor(random: Random, target: () => number) {
    this.#random = random;
    this.#target = target;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** @param target the port that it leads to, at the moment of each connection */
  static async start(t: Scope, random: Random, target: () => number): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(random, target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    t.after(() => proxy.#close());
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #accept(client: Socket): void {
    const server = connect({ port: this.#target(), host: "127.0.0.1", noDelay: true });
    client.setNoDelay(true);
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    for (const socket of pair) {
      socket.on("error", () => {});
      socket.on("close", () => this.#end(pair));
    }
    this.#pipe(client, server);
    this.#pipe(server, client);
    let timer: NodeJS.Timeout;
    // In quiet times it lives on.
    const live = (): void => {
      const life = -Math.log(1 - this.#random()) * LIFE;
      timer = setTimeout(() => (this.isWild ? this.#kill(pair) : live()), life);
    };
    live();
    client.on("close", () => clearTimeout(timer));
  }

  #kill(pair: readonly [Socket, Socket]): void {
    const what = this.#random();
    const [one, other] = what < 0.5 ? pair : [pair[1], pair[0]];
    if (what % 0.5 < 0.25) {
      this.deeds.reset += 1;
      one.resetAndDestroy();
      other.destroy();
    } else {
      this.deeds.cut += 1;
      this.#end(pair);
    }
  }

  /** Passes on what comes, in order, with pauses and in pieces. */
  #pipe(from: Socket, to: Socket): void {
    let before = Promise.resolve();
    from.on("data", (bytes: Buffer) => {
      from.pause();
      before = before.then(() => this.#pass(bytes, to)).then(() => void from.resume());
    });
  }

  async #pass(bytes: Buffer, to: Socket): Promise<void> {
    if (this.isWild && this.#random() < 0.02) {
      this.deeds.stalled += 1;
      await pause(this.#random() * STALL);
    }
    const at = this.isWild && this.#random() < 0.3 ? Math.floor(this.#random() * bytes.length) : 0;
    if (at > 0) {
      this.deeds.split += 1;
      await write(to, bytes.subarray(0, at));
      await pause(0);
    }
    await write(to, bytes.subarray(at));
  }

  #end(pair: readonly [Socket, Socket]): void {
    if (!this.#pairs.delete(pair)) return;
    for (const socket of pair) socket.destroy();
  }

  #close(): void {
    this.#server.close();
    for (const pair of this.#pairs) this.#end(pair);
  }
}

function write(socket: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket.writable) socket.write(bytes, () => resolve());
    else resolve();
  });
}
