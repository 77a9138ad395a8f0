// A whole visit of a client: it sends what it has to send, finishes, and keeps every byte it gets.

import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";

/** How long a visit may take, in ms. */
const PATIENCE = 20_000;

/**
 * Sends the chunks, each in a write of its own, half-closes, and reads to the end.
 * @returns all bytes that came
 */
export async function play(
  port: number,
  ...chunks: readonly (string | Uint8Array)[]
): Promise<Buffer> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  const received: Buffer[] = [];
  socket.on("data", (bytes: Buffer) => received.push(bytes));
  const ended = once(socket, "end", { signal: AbortSignal.timeout(PATIENCE) });
  ended.catch(() => {});
  try {
    for (const chunk of chunks) {
      await new Promise<void>((resolve, reject) => {
        socket.write(chunk, (error) => (error ? reject(error) : resolve()));
      });
      await nextTurn();
    }
    socket.end();
    await ended;
  } finally {
    socket.destroy();
  }
  return Buffer.concat(received);
}
