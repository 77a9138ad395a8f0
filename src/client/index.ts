// `partyline/client`: the SDK, for browsers and Node.

import { Line } from "./line.ts";
import type { LineOptions } from "./line-options.ts";

/**
 * Opens a line to a server and returns at once: it connects by itself, and comes back by itself.
 * @param url `ws://` or `wss://`; in Node also `partyline://host:port` (TCP) and `partylines://` (TLS)
 * @throws LineError `bad-url`
 * @example
 * ```ts
 * const line = connect("ws://localhost:8080", { name: "bot" });
 * for await (const message of line.messages())
 *   if (message.body === "hello") console.log(await line.reply(message, "hi")); // → { seqs: …
 * ```
 */
export function connect(url: string, options: LineOptions): Line {
  return new Line(url, options);
}

export { type ClientCode, LineError } from "./errors.ts";
export { fileStore } from "./file-store.ts";
export { forgetIndexedDbStore, indexedDbStore } from "./indexed-db-store.ts";
export type { Delivery, Message, RoomEvent } from "./inbox.ts";
export type { LineState } from "./connection.ts";
export { Line } from "./line.ts";
export type {
  HistoryPage,
  HistoryPart,
  LineEvents,
  LineOptions,
  SearchOptions,
} from "./line-options.ts";
export type { Sent, Settled, Unsent } from "./outbox.ts";
export {
  memoryStore,
  type RefusedSend,
  type Store,
  type Stored,
  type StoredSend,
} from "./store.ts";
export type {
  ConversationFrame,
  PresentName,
  RoomFrame,
  SearchFrame,
} from "../protocol/json/server-frames.ts";
