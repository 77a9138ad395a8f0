// What carries frames between a client and the server: WebSocket, or lines over TCP and TLS.

import { LineError } from "./errors.ts";
import { importNode } from "./import-node.ts";

export interface Transport {
  /** Sends a frame, if the connection is still there. */
  send(frame: string): void;
  /** Ends the connection at once. Nothing is told of it afterwards. */
  close(): void;
}

/** Why it has ended, when the other side ended it in good order. */
export const CLOSED = "the connection was closed";

export interface TransportOwner {
  opened(): void;
  frame(text: string): void;
  /** It has ended by itself. Told once, also when it never opened. */
  ended(why: string): void;
}

type OpenTransport = (url: URL, owner: TransportOwner) => Transport;

/**
 * Begins to connect.
 * @param url `ws:` and `wss:`, or in Node also `partyline:` (TCP) and `partylines:` (TLS)
 * @throws LineError `bad-url`
 */
export async function openTransport(url: URL, owner: TransportOwner): Promise<Transport> {
  switch (url.protocol) {
    case "ws:":
    case "wss:":
      return openWebSocket(url, owner);
    case "partyline:":
    case "partylines:": {
      const { openTcp } = await importNode<{ openTcp: OpenTransport }>("tcp");
      return openTcp(url, owner);
    }
    default:
      throw badUrl(url.href);
  }
}

const SCHEMES: ReadonlySet<string> = new Set(["ws:", "wss:", "partyline:", "partylines:"]);

/** @throws LineError `bad-url` */
export function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !SCHEMES.has(url.protocol) || url.hostname === "") throw badUrl(text);
  // A WebSocket refuses one.
  url.hash = "";
  return url;
}

function badUrl(text: string): LineError {
  const why = "is none of ws://…, wss://…, partyline://HOST:PORT, partylines://HOST:PORT";
  return new LineError("bad-url", `${JSON.stringify(text)} ${why}`);
}

function openWebSocket(url: URL, owner: TransportOwner): Transport {
  const socket = new WebSocket(url);
  let isOver = false;
  const end = (why: string): void => {
    if (isOver) return;
    isOver = true;
    owner.ended(why);
  };
  socket.addEventListener("open", () => {
    if (!isOver) owner.opened();
  });
  socket.addEventListener("message", ({ data }) => {
    if (!isOver && typeof data === "string") owner.frame(data);
  });
  socket.addEventListener("error", () => end("the connection failed"));
  socket.addEventListener("close", () => end(CLOSED));
  return {
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    },
    close() {
      isOver = true;
      socket.close();
    },
  };
}
