// Turns somebody away who has just come: one line that says why, in the words of his protocol where
// those are known, and the end.

import type { Socket } from "node:net";
import { ChatError } from "../protocol/errors.ts";
import { formatError } from "../protocol/line/format.ts";
import type { Arrived } from "./arrival.ts";
import type { Protocol } from "./detect.ts";
import { LINGER } from "./frames.ts";
import { formatLastAnswer } from "./http-answer.ts";
import { readChunks } from "./shared-buffer.ts";

/** Before anything was read: what it sent is not looked at. */
export function turnAway(socket: Socket, error: ChatError): void {
  socket.on("error", () => {});
  socket.end(formatError(error.code, error.message), () => socket.destroy());
}

/** After its first bytes; what still comes is read and dropped, so that it does not reset our line. */
export function refuse(protocol: Protocol, { socket }: Arrived, error: ChatError): void {
  const line = formatError(error.code, error.message);
  readChunks(socket, () => {});
  socket.end(protocol === "http" ? formatLastAnswer({ status: 403, body: line }) : line);
  const timer = setTimeout(() => socket.destroy(), LINGER);
  socket.on("close", () => clearTimeout(timer));
}

/** @param who has them */
export function tooMany(who: string): ChatError {
  return new ChatError("too-many-connections", `${who} has as many connections as it may have`);
}
