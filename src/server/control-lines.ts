// Lines of a control connection, for both of its sides.

import type { Socket } from "node:net";

/**
 * Each line without its end. The caller closes the socket. What follows the last line's end is dropped: its writer was cut off.
 * @throws Error when a line is over `maxLength` characters, and when the connection is reset
 */
export async function* readLines(socket: Socket, maxLength: number): AsyncGenerator<string> {
  socket.setEncoding("utf8");
  let rest = "";
  // By default the end of what comes in would destroy what is still to go out.
  const chunks = socket.iterator({ destroyOnReturn: false }) as AsyncIterable<string>;
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() as string;
    if (rest.length > maxLength) throw new Error(`a line is over ${maxLength} characters`);
    yield* lines;
  }
}
