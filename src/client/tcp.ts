// Frames as lines over TCP and TLS. For Node: loaded when a URL asks for it.

import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { CLOSED, type Transport, type TransportOwner } from "./transport.ts";

/** Where a server listens unless it is told otherwise. */
const DEFAULT_PORT = 8080;

export function openTcp(url: URL, owner: TransportOwner): Transport {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = Number(url.port || DEFAULT_PORT);
  let isOver = false;
  let why: string = CLOSED;
  let rest = "";
  const opened = (): void => {
    if (!isOver) owner.opened();
  };
  const socket: Socket =
    url.protocol === "partylines:"
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) }, opened)
      : connect({ host, port }, opened);
  socket.setNoDelay(true);
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (!isOver) owner.frame(line);
  });
  socket.on("error", (error) => (why = error.message));
  socket.on("close", () => {
    if (isOver) return;
    isOver = true;
    owner.ended(why);
  });
  return {
    send(frame) {
      if (!socket.writable) return;
      // What is sent in one turn is one system call.
      if (socket.writableCorked === 0) {
        socket.cork();
        process.nextTick(() => socket.uncork());
      }
      socket.write(`${frame}\n`);
    },
    close() {
      isOver = true;
      socket.destroy();
    },
  };
}
