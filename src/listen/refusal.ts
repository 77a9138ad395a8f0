// Turns somebody away who has just come: one line that says why, in the words of his protocol where
// those are known, and the end.

import type { Socket } from "node:net";
import { ChatError } from "../protocol/errors.ts";
import { formatError as formatJsonError } from "../protocol/json/format.ts";
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
  readChunks(socket, () => {});
  socket.end(formatRefusal(protocol, error));
  const timer = setTimeout(() => socket.destroy(), LINGER);
  socket.on("close", () => clearTimeout(timer));
}

function formatRefusal(protocol: Protocol, { code, message }: ChatError): string {
  if (protocol === "json") return formatJsonError(code, message);
  const line = formatError(code, message);
  return protocol === "http" ? formatLastAnswer({ status: 403, body: line }) : line;
}

/** @param who has them */
export function tooMany(who: string): ChatError {
  return new ChatError("too-many-connections", `${who} has as many connections as it may have`);
}
