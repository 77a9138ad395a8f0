// One client connection of the load generator: raw bytes both ways, counted and not parsed.

import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Dialect } from "./dialects/dialect.ts";
import { BODY_BYTES, bodyOf } from "./names.ts";

/** One buffer for all connections: what it holds is looked at before the next read. */
const READ_BUFFER = Buffer.allocUnsafe(256 * 1024);

/** How long the other side may take to close after our FIN, in milliseconds. */
const CLOSE_TIMEOUT = 20_000;

export type BytesListener = (bytes: Buffer) => void;

export class Connection {
  readonly name: string;
  readonly socket: Socket;
  /** Called with each piece that arrives; the bytes are valid only during the call. */
  onBytes: BytesListener = () => undefined;
  #closing = false;

  private constructor(name: string, port: number, localAddress: string | undefined) {
    this.name = name;
    this.socket = connect({
      port,
      host: "127.0.0.1",
      ...(localAddress !== undefined && { localAddress }),
      noDelay: true,
      onread: {
        buffer: READ_BUFFER,
        callback: (count) => {
          this.onBytes(READ_BUFFER.subarray(0, count));
          return true;
        },
      },
    });
    // An end that nobody asked for spoils the run: thrown, it ends this process with the reason.
    this.socket.on("error", (error) => {
      if (!this.#closing) throw new Error(`${name}: ${error.message}`);
    });
    this.socket.on("end", () => {
      if (!this.#closing) throw new Error(`${name}: the server closed the connection`);
    });
  }

  /** @param localAddress from where: servers count some things for each address */
  static async open(name: string, port: number, localAddress?: string): Promise<Connection> {
    const connection = new Connection(name, port, localAddress);
    await once(connection.socket, "connect");
    return connection;
  }

  /** Resolves with all that came, as Latin-1, when `test` holds for it. */
  async until(test: (text: string) => boolean): Promise<string> {
    let text = "";
    return await new Promise((resolve) => {
      this.onBytes = (bytes) => {
        text += bytes.toString("latin1");
        if (!test(text)) return;
        this.onBytes = () => undefined;
        resolve(text);
      };
    });
  }

  /** FIN, then waits for the other side to do the same. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const timer = setTimeout(() => this.socket.destroy(), CLOSE_TIMEOUT);
    const closed = once(this.socket, "close");
    this.socket.end();
    this.socket.resume();
    await closed;
    clearTimeout(timer);
  }

  /** Closes at once; for protocols that do not answer a FIN, and where nothing is left to lose. */
  destroy(): void {
    this.#closing = true;
    this.socket.destroy();
  }
}

/** Logs in, and resolves when a message to itself has come back, so that messages from others will come too. */
export async function logIn(port: number, dialect: Dialect, name: string): Promise<Connection> {
  const connection = await Connection.open(name, port);
  const { welcome } = dialect;
  if (welcome !== undefined) {
    const welcomed = connection.until((text) => text.includes(welcome));
    connection.socket.write(dialect.login(name));
    await welcomed;
    if (dialect.isReadyWhenWelcome === true) return connection;
  } else {
    connection.socket.write(dialect.login(name));
  }
  await sendToOneself(connection, dialect);
  return connection;
}

/** Resolves when everything the connection sent before was handled: a message to itself has come back. */
export async function sendToOneself(connection: Connection, dialect: Dialect): Promise<void> {
  const { name } = connection;
  const body = bodyOf(BODY_BYTES);
  const expected = dialect.delivered(name, name, body).toString("latin1");
  const back = connection.until((text) => {
    const refused = dialect.refusalByte !== undefined && /^! .*$/m.exec(text);
    if (refused) throw new Error(`${name} was told: ${refused[0]}`);
    return text.endsWith(expected);
  });
  connection.socket.write(dialect.message([name], body));
  await back;
}

/** Opens many connections, a bounded number at a time, in order. */
export async function openAll<T>(count: number, open: (index: number) => Promise<T>): Promise<T[]> {
  const AT_ONCE = 100;
  const opened: T[] = [];
  for (let first = 0; first < count; first += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, count - first) }, (_, i) => first + i);
    opened.push(...(await Promise.all(indexes.map(open))));
  }
  return opened;
}
