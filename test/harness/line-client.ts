// A client of the line protocol: a bare socket that keeps every line, and waits for lines instead
// of for time.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Who says when what was started is ended: a test, or `{ after }` of node:test for a whole file. */
export interface Scope {
  after(end: () => unknown): void;
}

/** How long a line or an end may take to come, in ms. */
const PATIENCE = 20_000;

export class LineClient {
  readonly socket: Socket;
  /** Every whole line that came, without its end. */
  readonly lines: string[] = [];
  /** The bytes after the last whole line. */
  rest = "";
  /** Whether the server has sent its FIN, and whether the connection is closed. */
  ended = false;
  closed = false;
  /** Set, it takes each line that comes instead of `lines`. */
  onLine: ((line: string) => void) | undefined;
  #barriers = 0;
  #changed: (() => void)[] = [];

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => {
      const lines = (this.rest + text).split("\n");
      this.rest = lines.pop() ?? "";
      for (const line of lines) {
        if (this.onLine === undefined) this.lines.push(line);
        else this.onLine(line);
      }
      this.#tell();
    });
    socket.on("end", () => {
      this.ended = true;
      this.#tell();
    });
    socket.on("error", () => {});
    socket.on("close", () => {
      this.closed = true;
      this.#tell();
    });
  }

  static connect(t: Scope, port: number, host = "127.0.0.1"): LineClient {
    const socket = connect({ port, host, noDelay: true, allowHalfOpen: true });
    t.after(() => socket.destroy());
    return new LineClient(socket);
  }

  /** Over a connection that is open already: the inside of TLS. */
  static over(socket: Socket): LineClient {
    return new LineClient(socket);
  }

  /** Writes bytes as they are. */
  write(data: string | Uint8Array): this {
    this.socket.write(data);
    return this;
  }

  /** Writes lines, each with its end. */
  say(...lines: string[]): this {
    return this.write(lines.map((line) => `${line}\n`).join(""));
  }

  /** Logs in, and waits until the server has done so. What waited may come before. */
  async login(name: string): Promise<void> {
    this.say(name);
    await this.barrier();
  }

  /** Waits until the server has handled everything that was written before. */
  async barrier(): Promise<void> {
    const token = `/history partyline-barrier-${++this.#barriers} 0`;
    const before = this.lines.filter((line) => line.startsWith("! bad-number")).length;
    this.say(token);
    await this.until(
      () => this.lines.filter((line) => line.startsWith("! bad-number")).length > before,
      `the barrier after ${this.lines.slice(-3).join(" | ")}`,
    );
    this.lines.splice(
      this.lines.findLastIndex((line) => line.startsWith("! bad-number")),
      1,
    );
  }

  /** Waits for the next lines after those taken so far, and takes them. */
  async take(count: number): Promise<string[]> {
    await this.until(() => this.lines.length >= count, `${count} lines`);
    return this.lines.splice(0, count);
  }

  /** Waits until the next lines are these. */
  async expect(...lines: string[]): Promise<void> {
    assert.deepEqual(await this.take(lines.length), lines);
  }

  /** Half-closes: nothing more is sent, everything is read. */
  finish(): this {
    this.socket.end();
    return this;
  }

  /** RST. */
  reset(): void {
    const { socket } = this;
    if (socket.connecting) {
      socket.once("connect", () => this.reset());
      return;
    }
    // While a FIN is on its way to the system, Node resets nothing and keeps the socket open for ever.
    const isFinishing = socket.writableEnded && !socket.writableFinished;
    if (isFinishing && socket.writableLength === 0) {
      socket.once("finish", () => socket.resetAndDestroy());
    } else {
      socket.resetAndDestroy();
    }
  }

  /** Waits until the server has ended the connection. */
  async end(): Promise<void> {
    await this.until(() => this.ended || this.closed, "the end");
    this.socket.end();
  }

  /** Waits until something holds; it is looked at whenever anything comes. */
  async until(holds: () => boolean, what: string): Promise<void> {
    const deadline = AbortSignal.timeout(PATIENCE);
    while (!holds()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#changed.push(resolve);
      if (this.closed && this.#changed.length > 0 && !holds()) {
        assert.fail(
          `closed while waiting for ${what}; had ${JSON.stringify(this.lines.slice(-5))}`,
        );
      }
      await Promise.race([
        promise,
        once(deadline, "abort").then(() =>
          assert.fail(`waited for ${what}; had ${JSON.stringify(this.lines.slice(-5))}`),
        ),
      ]);
    }
  }

  #tell(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }
}
